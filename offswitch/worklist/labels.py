"""The words of the page, in English and Arabic side by side, so that none can be missing in one of them."""

from __future__ import annotations

from collections.abc import Mapping

from offswitch.gate.phrases import Phrases
from offswitch.gate.reasons import Language
from offswitch.model.verdict import Work

LABELS: Mapping[str, tuple[str, str]] = {
    "title": ("Worklist", "قائمة العمل"),
    "items": ("Items", "عدد البنود"),
    "work": ("Work", "حجم العمل"),
    "about": ("about {time}", "{time} تقريبًا"),
    "overdue": ("Overdue", "المتأخرة"),
    "first": ("First due", "أقرب موعد"),
    "made": ("Made", "أُعدّت في"),
    "clock": ("All times: {zone}", "كل المواعيد بتوقيت {zone}"),
    "nothing": ("Nothing to do: the list is empty.", "لا شيء مطلوب: القائمة فارغة."),
    "ahead": ("All that is due in the next 72 hours", "كل ما يحين موعده خلال 72 ساعة"),
    "until": ("Up to", "حتى"),
    "part": ("Page {number} of {flow}: items {first} to {last}", "الصفحة {number} من {flow}: البنود من {first} إلى {last}"),
    "before": ("The page before", "الصفحة السابقة"),
    "next": ("The next page", "الصفحة التالية"),
    "rest": (
        "There is more, due later than all this. It stands in the table alone:",
        "هناك بنود أخرى موعدها بعد كل هذا، وهي في الجدول وحده:",
    ),
    "all flows": ("All flows", "كل المسارات"),
    "other": ("بالعربية", "In English"),
    "as a table": ("As a table (CSV)", "جدول (CSV)"),
    "pages": ("{pages} pages", "عدد الصفحات: {pages}"),
    "list age": ("({time} old)", "(مضى عليها {time})"),
    "age": ("This page is {time} old.", "مضى على إعداد هذه الصفحة {time}."),
    "how": ("How to work from this page when nothing else works", "كيف تعمل بهذه الصفحة حين لا يعمل أي شيء آخر"),
    "how fresh": (
        "The page needs no program and no network. Does the program still answer? Then ask it for a fresh one first:",
        "لا تحتاج هذه الصفحة إلى برنامج ولا إلى شبكة. وإن كان البرنامج يعمل فاطلب منه صفحة جديدة أولًا:",
    ),
    "how made": (
        (
            "The machine may have worked on after the time at the top. Before you send, look into the sent mail: is it there already? "
            "Then don't send it again, only note it as done."
        ),
        (
            "ربما واصلت الآلة عملها بعد الوقت المذكور أعلاه. ابحث في البريد المرسل قبل أن ترسل: إن وجدت الرسالة هناك فلا ترسلها ثانية، "
            "وسجّلها منفّذة فحسب."
        ),
    ),
    "how start": (
        "Begin with what is overdue. Put your name on an item before you do it, so that nobody does it a second time.",
        "ابدأ بالمتأخر. واكتب اسمك على البند قبل أن تنفّذه حتى لا ينفّذه غيرك مرة ثانية.",
    ),
    "how work": (
        "Do what the runbook of its flow says. The buttons copy a subject or a text; one click on an address marks all of it.",
        "اتبع دليل العمل الخاص بالمسار. الأزرار تنسخ الموضوع أو النص، ونقرة واحدة على العنوان تحدّده كله.",
    ),
    "how stop": (
        "Has somebody asked us to stop, complained or written back since then? Don't send: answer them, and note “skip” with the reason.",
        "هل طلب أحدهم التوقف أو اشتكى أو ردّ علينا منذ ذلك الوقت؟ لا ترسل، بل أجبه وسجّل «skip» مع السبب.",
    ),
    "how order": (
        "“Only after” means: not before the item above it is done, and not before its time.",
        "«بعد» تعني: ليس قبل تنفيذ البند الذي فوقه، ولا قبل موعده.",
    ),
    "how answer": (
        (
            "Note each result: by its command if the program lives (your own address for YOU), on the paper line, or in the CSV file, in "
            "the columns outcome, done_by and done_at."
        ),
        (
            "سجّل كل نتيجة: بأمرها إن كان البرنامج يجيب (وضع عنوانك مكان YOU)، أو على سطر الورق، أو في ملف CSV في الأعمدة outcome و done_by "
            "و done_at."
        ),
    ),
    "how after": (
        (
            "Program back? Before it may send, switch everything off, then enter what was noted: the CSV file at once, paper lines by "
            "their commands. What is not entered counts as not done, and customers get it twice."
        ),
        (
            "عاد البرنامج؟ أوقف كل شيء قبل أن يُسمح له بالإرسال، ثم أدخل ما سُجّل: ملف CSV دفعة واحدة، وسطور الورق بأوامرها. ما لم يُسجَّل "
            "يُعدّ غير منفَّذ، فيصل إلى العميل مرتين."
        ),
    ),
    "flow": ("Flow", "المسار"),
    "team": ("Team", "الفريق"),
    "runbook": ("Runbook", "دليل العمل"),
    "no runbook": ("This flow has no runbook: ask its owner.", "لا دليل لهذا المسار: اسأل المسؤول عنه."),
    "item": ("Item", "البند"),
    "due": ("Due", "الموعد"),
    "late by": ("Overdue by {time}", "التأخير: {time}"),
    "due in": ("in {time}", "المتبقي: {time}"),
    "now": ("now", "الآن"),
    "reach": ("Reach them at", "وسيلة الاتصال"),
    "only after": ("Only after {item} above is done", "بعد تنفيذ {item} أعلاه فقط"),
    "only if": ("and only if the answer was: {answers}", "وفقط إن كان الجواب: {answers}"),
    "or": (" or ", " أو "),
    "earliest": ("at the earliest", "على أقرب تقدير"),
    "more": (
        "What follows depends on what you find out. If the program is still dead then, ask the owner of the flow.",
        "ما يلي يتوقف على ما ستعرفه. وإن ظل البرنامج متوقفًا فاسأل المسؤول عن المسار.",
    ),
    "unanswered": ("nobody has answered by the due time", "لم يُجب أحد حتى الموعد"),
    "channel": ("By which way", "عبر"),
    "what": ("What to do", "المطلوب"),
    "why": ("Why you have it", "سبب وصوله إليك"),
    "takes": ("Takes", "الوقت اللازم"),
    "taken": ("Taken by", "يتولاه"),
    "decision": ("A person decides", "القرار لشخص"),
    "deciders": ("Who may decide", "من له القرار"),
    "ask": ("ask them before you do anything", "اسأله قبل أن تفعل شيئًا"),
    "step": ("Step", "الخطوة"),
    "told": ("What they told us", "ما كتبه لنا"),
    "draft": ("The message, ready to copy", "الرسالة جاهزة للنسخ"),
    "draft in doubt": ("The message in question: don't send it now", "الرسالة المقصودة: لا ترسلها الآن"),
    "from": ("From", "من"),
    "to": ("To", "إلى"),
    "subject": ("Subject", "الموضوع"),
    "copy subject": ("Copy the subject", "انسخ الموضوع"),
    "copy text": ("Copy the text", "انسخ النص"),
    "copy html": ("Copy with its layout", "انسخ مع التنسيق"),
    "copied": ("Copied", "تم النسخ"),
    "marked": ("Marked: press Ctrl+C", "تم التحديد: اضغط Ctrl+C"),
    "changes": ("Enter this too", "سجّل هذا أيضًا"),
    "answers": ("Your answer", "جوابك"),
    "take": ("It is mine: nobody else does it.", "أتولاه أنا، ولا ينفّذه غيري."),
    "give-back": ("I give it back: anybody may do it.", "أعيده، ولمن شاء أن يتولاه."),
    "done": ("I did it.", "نفّذته."),
    "skip": ("Nobody does it. Say why.", "لن ينفّذه أحد. اذكر السبب."),
    "approve": ("The machine may send it. While it is off, it waits.", "للآلة أن ترسله. وما دامت متوقفة فهو ينتظر."),
    "got-it": ("They have it: it counts as done.", "وصلت إليه الرسالة، فتُعدّ منفّذة."),
    "did-not": ("They never got it: it may be done again.", "لم تصل إليه، فيجوز إرسالها من جديد."),
    "retry": ("What was missing is there now: the machine looks again.", "توفّر ما كان ناقصًا، فتنظر فيه الآلة من جديد."),
    "paper": ("On paper, if the program is dead", "على الورق إن كان البرنامج متوقفًا"),
    "name": ("Name", "الاسم"),
    "when": ("Date and time", "التاريخ والوقت"),
    "because": ("Remarks", "ملاحظات"),
    "signature": ("Signature", "التوقيع"),
    "entered": ("entered afterwards", "سُجّل لاحقًا"),
}

CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("E-mail", "البريد الإلكتروني"),
    "crm": ("The customer register", "سجل العملاء"),
    "": ("As it says: in person, by telephone or mail", "كما هو مذكور: شخصيًا أو بالهاتف أو بالبريد"),
}

KINDS: Mapping[Work, tuple[str, str]] = {
    Work.BY_HAND: ("Do it by hand", "نفّذه يدويًا"),
    Work.STEP: ("The flow asks for a person", "المسار يحتاج إلى شخص"),
    Work.APPROVAL: ("Decide: may this be sent?", "قرّر: هل تُرسل؟"),
    Work.UNKNOWN: ("Find out first, send nothing", "تحقّق أولًا ولا ترسل شيئًا"),
    Work.LATE: ("Late: does it still fit?", "متأخرة: هل ما زالت مناسبة؟"),
    Work.TRIAGE: ("Something is missing", "ينقص شيء"),
}

# The titles and changes that are the machine's own words; what an author wrote stays as it is.
_ARABIC = Phrases(
    (
        (r"send (\w+)", r"أرسل الرسالة \1"),
        (r"send (\w+) and (\w+)", r"أرسل الرسالتين \1 و \2"),
        (r"send (\w+(?: and \w+)+)", r"أرسل الرسائل \1"),
        (r"the machine does this by itself as long as it lives", "تنفّذه الآلة بنفسها ما دامت تعمل"),
        (r"(?:unknown: )?it was on its way when this list was made", "كانت في طريقها حين أُعدّت هذه القائمة"),
        (r"make the changes", "أدخل التغييرات"),
        (r"did the customer get it\?", "هل وصلت الرسالة إلى العميل؟"),
        (r"find out what is missing", "اعرف ما ينقص"),
        (r"say where this person goes on", "قرّر من أين يواصل هذا الشخص"),
        (r"close this item", "أغلق هذا البند"),
        (r"write a note: (.*)", r"اكتب ملاحظة: \1"),
        (r"open a task: (.*)", r"افتح مهمة: \1"),
        (r"in the customer register: (.*)", "في سجل العملاء: \u2066\\1\u2069"),
    )
)


def label(language: Language, word: str, **values: object) -> str:
    """A word or sentence of the page. Raises KeyError for one that there isn't."""
    text = LABELS[word][language == "ar"]
    return text.format(**values) if values else text


def answer_in(language: Language, outcome: str) -> str:
    """What an answer means; one that only this step offers speaks for itself."""
    if outcome == "overdue":
        return label(language, "unanswered")
    return label(language, outcome) if outcome in ("done", "skip", "approve", "got-it", "did-not", "retry") else outcome


_DECISIONS: Mapping[str, str] = {
    "decision": "قرار",
    "offer": "عرض",
    "price": "سعر",
    "closing": "إتمام صفقة",
    "compensation": "تعويض",
    "major_donor": "متبرع كبير",
    "mass": "رسالة جماعية",
    "ai_text": "نص كتبه الذكاء الاصطناعي",
    "public_reply": "رد علني",
    "amount not known": "المبلغ غير معروف",
    "nobody: see authority in company.yaml": "لا أحد، انظر authority في company.yaml",
}


def decision_in(language: Language, text: str) -> str:
    """What a person decides, or who may: the machine's own words in the reader's language."""
    if language == "en":
        return text
    if text in _DECISIONS:
        return _DECISIONS[text]
    return "؛ ".join(_part(part) for part in text.split("; "))


def _part(text: str) -> str:
    """A class with its amount, or people with their limits; names and amounts keep their own direction."""
    one, colon, amount = text.partition(": ")
    if colon or one in _DECISIONS:
        amount = _DECISIONS.get(amount) or (f"\u2066{amount}\u2069" if amount else "")
        return f"{_DECISIONS.get(one, one)}: {amount}" if colon else _DECISIONS[one]
    return "، ".join(" حتى ".join(f"\u2068{words}\u2069" for words in who.split(" up to ")) for who in text.split(", "))


def channel_in(language: Language, channel: str) -> str:
    """By which way a person is reached."""
    return CHANNELS.get(channel, (channel, channel))[language == "ar"]


def title_in(language: Language, title: str) -> str:
    """A title or a change, translated where the words are the machine's own."""
    return _ARABIC.arabic(title) or title if language == "ar" else title
