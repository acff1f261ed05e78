"""The words of the page, in English and Arabic side by side, so that none can be missing in one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
    "how": ("How to work from this list", "كيف تعمل بهذه القائمة"),
    "how fresh": (
        "The list is as old as the time at the top. If the program still answers, ask it for a fresh one first:",
        "هذه القائمة كما كانت في الوقت المذكور أعلاه. إن كان البرنامج يعمل فاطلب منه قائمة جديدة أولًا:",
    ),
    "how start": (
        "Begin with the item that is due first. Put your name on it, so that nobody does it a second time.",
        "ابدأ بالبند الأقرب موعدًا، واكتب اسمك عليه حتى لا ينفّذه غيرك مرة ثانية.",
    ),
    "how work": (
        "Do what the runbook of its flow says. One click on an address, a subject or a text marks all of it, ready to copy.",
        "اتبع دليل العمل الخاص بالمسار. نقرة واحدة على العنوان أو الموضوع أو النص تحدّده كله لتنسخه.",
    ),
    "how answer": (
        "Give one of the item's answers: type its command, with your own address for YOU. Program dead? Tick and sign the paper line.",
        "سجّل أحد أجوبة البند: اكتب أمره، وضع عنوانك مكان YOU. وإن كان البرنامج متوقفًا فضع علامة في سطر الورق ووقّع.",
    ),
    "how after": (
        "Program back? Enter every ticked line with its command before the flow is switched on: else customers get it twice.",
        "حين يعود البرنامج سجّل كل سطر عليه علامة بأمره قبل تشغيل المسار: ما لم يُسجَّل يُعدّ غير منفَّذ، فيصل إلى العميل مرتين.",
    ),
    "flow": ("Flow", "المسار"),
    "team": ("Team", "الفريق"),
    "runbook": ("Runbook", "دليل العمل"),
    "no runbook": ("This flow has no runbook: ask its owner.", "لا دليل لهذا المسار: اسأل المسؤول عنه."),
    "item": ("Item", "البند"),
    "due": ("Due", "الموعد"),
    "late by": ("Overdue by {time}", "التأخير: {time}"),
    "due in": ("in {time}", "المتبقي: {time}"),
    "reach": ("Reach them at", "وسيلة الاتصال"),
    "what": ("What to do", "المطلوب"),
    "why": ("Why you have it", "سبب وصوله إليك"),
    "takes": ("Takes", "الوقت اللازم"),
    "taken": ("Taken by", "يتولاه"),
    "ask": ("ask them before you do anything", "اسأله قبل أن تفعل شيئًا"),
    "step": ("Step", "الخطوة"),
    "told": ("What they told us", "ما كتبه لنا"),
    "draft": ("The message, ready to copy", "الرسالة جاهزة للنسخ"),
    "draft in doubt": ("The message in question: don't send it now", "الرسالة المقصودة: لا ترسلها الآن"),
    "from": ("From", "من"),
    "to": ("To", "إلى"),
    "subject": ("Subject", "الموضوع"),
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

KINDS: Mapping[Work, tuple[str, str]] = {
    Work.BY_HAND: ("Do it by hand", "نفّذه يدويًا"),
    Work.STEP: ("The flow asks for a person", "المسار يحتاج إلى شخص"),
    Work.APPROVAL: ("Decide: may this be sent?", "قرّر: هل تُرسل؟"),
    Work.UNKNOWN: ("Find out first, send nothing", "تحقّق أولًا ولا ترسل شيئًا"),
    Work.LATE: ("Late: does it still fit?", "متأخرة: هل ما زالت مناسبة؟"),
    Work.TRIAGE: ("Something is missing", "ينقص شيء"),
}

# The titles and changes that are the machine's own words; what an author wrote stays as it is.
_ARABIC = tuple(
    (re.compile(pattern, re.DOTALL), arabic)
    for pattern, arabic in (
        (r"send (\w+)", r"أرسل الرسالة \1"),
        (r"send (\w+) and (\w+)", r"أرسل الرسالتين \1 و \2"),
        (r"send (\w+(?: and \w+)+)", r"أرسل الرسائل \1"),
        (r"make the changes", "أدخل التغييرات"),
        (r"did the customer get it\?", "هل وصلت الرسالة إلى العميل؟"),
        (r"find out what is missing", "اعرف ما ينقص"),
        (r"close this item", "أغلق هذا البند"),
        (r"write a note: (.*)", r"اكتب ملاحظة: \1"),
        (r"open a task: (.*)", r"افتح مهمة: \1"),
        (r"in the customer register: (.*)", r"في سجل العملاء: \1"),
    )
)


def label(language: Language, word: str, **values: object) -> str:
    """A word or sentence of the page. Raises KeyError for one that there isn't."""
    text = LABELS[word][language == "ar"]
    return text.format(**values) if values else text


def answer_in(language: Language, outcome: str) -> str:
    """What an answer means; one that only this step offers speaks for itself."""
    return label(language, outcome) if outcome in ("done", "skip", "approve", "got-it", "did-not", "retry") else outcome


def title_in(language: Language, title: str) -> str:
    """A title or a change, translated where the words are the machine's own."""
    if language == "ar":
        for pattern, arabic in _ARABIC:
            if found := pattern.fullmatch(title):
                return found.expand(arabic)
    return title
