"""The words of the page, in English and Arabic side by side, so that none can be missing in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from offswitch.review.change_words import CHANGE_WORDS
from offswitch.review.key_words import KEYS
from offswitch.review.summary_words import SUMMARY_WORDS

Language = Literal["en", "ar"]

WORDS: Mapping[str, tuple[str, str]] = {
    **CHANGE_WORDS,
    **SUMMARY_WORDS,
    "title": ("Plan of", "خطة المسار"),
    "made": ("Made on", "أُعدّت في"),
    "digest": ("Digest", "البصمة"),
    "begins": ("Begins with", "يبدأ مع"),
    "goal": ("Goal", "الهدف"),
    "nothing done": (
        "This is a dry run. Nothing was sent, and nothing was changed.",
        "هذه معاينة فقط: لم يُرسل شيء ولم يتغيّر شيء.",
    ),
    "today": ("What stands in the way today", "ما يمنع الإرسال اليوم"),
    "open": (
        "Nothing: this flow is approved and on. What you read here happens at the next pass.",
        "لا شيء: هذا المسار معتمد ويعمل، وما تقرؤه هنا يحدث في الدورة القادمة.",
    ),
    "if": (
        "The plan shows what would happen if this were ready, approved and switched on now.",
        "تعرض هذه الخطة ما سيحدث لو كان المسار جاهزًا ومعتمدًا وشُغّل الآن.",
    ),
    "stays": ("stays, even after approval and `offswitch on`", "يبقى حتى بعد الاعتماد والتشغيل"),
    "ends": ("ends when you approve and switch on", "ينتهي حين تعتمد الخطة وتشغّل المسار"),
    "now": ("mails now", "رسائل تخرج الآن"),
    "people": ("people get them", "أشخاص تصلهم"),
    "later": ("put off", "مؤجّلة"),
    "by hand": ("to people", "يتولاها الفريق"),
    "refused": ("refused", "مرفوضة"),
    "finished": ("end here", "ينتهون هنا"),
    "journey": ("What happens, step by step", "ماذا يحدث، خطوة بعد خطوة"),
    "sends": ("sends", "يرسل"),
    "asks": ("asks a colleague", "يطلب من زميل"),
    "leads to": ("leads to", "يقود إلى"),
    "may end": ("may end", "قد ينتهي"),
    "inside": ("here now", "هنا الآن"),
    "waiting": ("waiting", "في الانتظار"),
    "held": ("held", "مع إيقاف مؤقت"),
    "worklist": ("on the worklist", "في قائمة العمل"),
    "who": ("Who gets what, and when", "من يتلقى ماذا، ومتى"),
    "nobody": ("Nobody gets a mail in the first pass.", "لا أحد يتلقى رسالة في الدورة الأولى."),
    "unnamed": ("(no name)", "(بلا اسم)"),
    "who gets": ("Who", "من"),
    "mail": ("Mail", "الرسالة"),
    "when and why": ("When and why", "متى ولماذا"),
    "show more": ("Show {n} more", "عرض {n} أخرى"),
    "at once": ("at once", "فورًا"),
    "next": ("Next", "بعد ذلك"),
    "end": ("end", "النهاية"),
    "step": ("Step", "الخطوة"),
    "verdict": ("What happens", "ما يحدث"),
    "rule": ("Rule", "القاعدة"),
    "count": ("How many", "العدد"),
    "reason": ("Reason", "السبب"),
    "more": ("more; all of them with `offswitch plan --people FILE`", "غيرهم، وجميعهم بالأمر ‎offswitch plan --people FILE"),
    "refusals": ("What is refused or put off, and why", "ما يُرفض أو يؤجَّل، ولماذا"),
    "no refusals": ("Nothing is refused or put off.", "لا شيء يُرفض ولا يؤجَّل."),
    "arrivals": ("Forms and events that wait", "نماذج وأحداث تنتظر"),
    "no arrivals": ("No stored event waits for this flow.", "لا يوجد حدث محفوظ ينتظر هذا المسار."),
    "work": ("What people would do by hand", "ما سيتولاه الفريق يدويًا"),
    "no work": ("Nothing is handed over.", "لا شيء يُسلَّم إلى الفريق."),
    "minutes": ("minutes of work, at {n} minutes each", "دقيقة عمل، بواقع {n} دقائق لكل بند"),
    "listed": ("already with people", "لدى الفريق من قبل"),
    "busy": ("in a worker's hands at this moment, and left out", "قيد التنفيذ في هذه اللحظة، ولا تشملهم الخطة"),
    "team": ("Team", "الفريق"),
    "owner": ("Owner", "المسؤول"),
    "writes": ("Changes in the customer register", "تغييرات في سجل العملاء"),
    "samples": ("The mails, as they look", "الرسائل كما تظهر"),
    "samples about": (
        "Chosen to cover every message and language, and the data that looks worst. Unsubscribe links are taken out.",
        "اختيرت لتغطي كل رسالة وكل لغة، والبيانات الأصعب شكلًا. حُذفت منها روابط إلغاء الاشتراك.",
    ),
    "no samples": ("This flow sends no mail.", "هذا المسار لا يرسل رسائل."),
    "due": ("goes out now", "تخرج الآن"),
    "not due": ("in its time", "في وقتها"),
    "made up": ("made up: nobody like this is in the flow", "بيانات مفترضة: لا أحد كهذا في المسار"),
    "to": ("To", "إلى"),
    "from": ("From", "من"),
    "plain": ("The same as plain text", "الرسالة نصًا مجردًا"),
    "no name": ("no name", "بلا اسم"),
    "name left out": ("a name that is left out", "اسم لا يصلح فلا يُذكر"),
    "longest name": ("the longest name", "أطول اسم"),
    "address as name": ("an address as a name", "عنوان بريد في موضع الاسم"),
    "markup in name": ("mark-up in the name", "رموز برمجية في الاسم"),
    "formula in name": ("a formula in the name", "صيغة جدول في الاسم"),
    "hidden letters": ("hidden letters in the name", "أحرف خفية في الاسم"),
    "fields missing": ("no country or language known", "بلده أو لغته غير معروفة"),
    "name in the other script": ("a name in the other script", "اسم مكتوب بالحرف الآخر"),
    "right to left": ("right to left", "من اليمين إلى اليسار"),
    "day": ("A day by hand, if it were off", "يوم من العمل اليدوي لو أُوقف"),
    "day of work": (
        "{n} minutes of work a day, and no capacity is written in the policy.",
        "دقائق العمل في اليوم: {n}. ولا طاقة مكتوبة في ملف القواعد.",
    ),
    "day of capacity": (
        "{n} minutes of work a day; people can take over {capacity}.",
        "دقائق العمل في اليوم: {n}. وطاقة الفريق: {capacity}.",
    ),
    "day pending": (
        "Due in the next 24 hours, or with people already: {n} items.",
        "بنود يحين موعدها خلال 24 ساعة أو هي لدى الفريق: {n}.",
    ),
    "day inflow": (
        "Newcomers a day: {n} (mean of the last days: {days}); at most {steps} items each on their first day.",
        "الداخلون في اليوم: {n} (متوسط {days} من الأيام). أقصى عدد بنود للشخص في يومه الأول: {steps}.",
    ),
    "day measured": (
        "Minutes an item: {n}, the median of {items} that people timed.",
        "دقائق البند: {n}، وسيط {items} من البنود التي قيس وقتها.",
    ),
    "day estimate": (
        "Minutes an item: {n}, the policy's estimate until people have timed 5 (`worklist done --minutes`).",
        "دقائق البند: {n}، تقدير ملف القواعد إلى أن يُقاس وقت 5 بنود (`worklist done --minutes`).",
    ),
    "day too much": (
        "That is more than people can take over: the rollout can't go up.",
        "هذا أكثر مما يستطيع الفريق توليه، فلا يمكن التوسع.",
    ),
    "edits": ("What the edits do to those inside", "أثر التعديلات في من هم داخل المسار"),
    "edit here": ("{n} here now", "عددهم هنا الآن: {n}"),
    "edit code": ("code", "الشيفرة"),
    "edit unmapped": (
        "The step is gone, and nothing says where they go: they are held, and this can't be approved.",
        "حُذفت الخطوة ولم يُحدَّد أين يذهبون: يبقون موقوفين، ولا يمكن اعتماد هذه الخطة.",
    ),
    "edit move_to": (
        "The step is gone: they go to {step}, due when they were due.",
        "حُذفت الخطوة: ينتقلون إلى {step}، ويبقى موعدهم كما كان.",
    ),
    "edit exit": ("The step is gone: they leave the flow.", "حُذفت الخطوة: يخرجون من المسار."),
    "edit hand_over": ("The step is gone: a person says where each of them goes on.", "حُذفت الخطوة: يقرر شخص من أين يواصل كل منهم."),
    "edit again": (
        "{n} had the mail {message} before and would get it once more: choose a later step.",
        "عدد من وصلتهم الرسالة {message} من قبل وستصلهم مرة أخرى: {n}. اختر خطوة لاحقة.",
    ),
    "edit moved": (
        "Due times that change: {n}. The first is {first} UTC, the last {last} UTC.",
        "مواعيد تتغيّر: {n}. أولها {first} UTC وآخرها {last} UTC.",
    ),
    "edit sooner": (
        "Sooner than was set: {n} of them; what that makes due at once goes out at {release}.",
        "من يتقدّم موعدهم: {n}. وما يحين موعده فورًا يخرج بمعدل {release}.",
    ),
    "edit due stays": (
        "Due times that are set stay; the new waits are for those who arrive from now on.",
        "المواعيد المحددة تبقى، وفترات الانتظار الجديدة لمن يصل من الآن.",
    ),
    "edit new text": ("Their mails use the new text from now on.", "رسائلهم من الآن بالنص الجديد."),
    "edit taken": ("In a colleague's hands, and left as they are until answered: {n}.", "بنود لدى زميل تبقى كما هي حتى يجيب: {n}."),
    "edit leading": ("Waiting elsewhere for an event that leads here: {n}.", "من ينتظر في خطوة أخرى حدثًا يقود إلى هنا: {n}."),
    "edit first": (
        "This can't be approved before the policy says where they go who stand on removed steps; then plan again.",
        "لا يمكن اعتماد هذه الخطة قبل أن يحدد ملف القواعد أين يذهب من هم في خطوات محذوفة، ثم أعد التخطيط.",
    ),
    "edit paste": ("Paste this into the policy, and choose:", "أضف هذا إلى ملف القواعد واختر:"),
    "wrong": ("What could go wrong", "ما الذي قد يسوء"),
    "no warnings": ("The checks of flow and texts found nothing.", "لم يجد فحص المسار والنصوص أي خلل."),
    "limits": ("What protects people", "ما يحمي الناس"),
    "cap": ("At most, per person", "الحد الأعلى لكل شخص"),
    "quiet": ("Quiet hours, on the person's own clock", "ساعات الهدوء بتوقيت الشخص نفسه"),
    "ramp": ("The machine's share grows", "تتوسع حصة الآلة"),
    "outside": ("Who is not in the rollout yet", "من لم يصله التوسع بعد"),
    "outside worklist": ("gets it from people", "يتولاه الفريق"),
    "outside none": ("gets nothing", "لا يتلقى شيئًا"),
    "late": ("What is late by more than", "ما تأخر أكثر من"),
    "late review": ("is looked at by a person first", "يراجعه شخص أولًا"),
    "late skip": ("is not sent", "لا يُرسل"),
    "late send": ("is sent all the same", "يُرسل مع ذلك"),
    "humans": ("People decide, never the machine", "يقررها الناس لا الآلة"),
    "asks first": (
        "Due now: {due}, more than the {limit} that may go out unasked: `offswitch on` shows them and asks.",
        "ما حان وقته: {due}، وهو أكثر من {limit} المسموح بها دون سؤال: الأمر `offswitch on` يعرضها ويسأل أولًا.",
    ),
    "second approver": (
        "Messages at once: {n}, and one approver answers for {limit}: what is above waits for a second one, by the same command.",
        "عدد الرسائل دفعة واحدة {n}، وموافقة شخص واحد تكفي {limit}: ما زاد ينتظر شخصًا ثانيًا يعتمد بالأمر نفسه.",
    ),
    "changed": ("What changed since the last approval", "ما تغيّر منذ آخر اعتماد"),
    "never": ("This flow was never approved.", "لم يُعتمد هذا المسار من قبل."),
    "approved": ("Approved by {by} on {on}; asked for by {requested_by}.", "اعتمدها {by} في {on}، بطلب من {requested_by}."),
    "same": ("Nothing: what was approved is what is there now.", "لا شيء: ما اعتُمد هو ما يوجد الآن."),
    "before": ("Approved", "المعتمد"),
    "present": ("Now", "الآن"),
    "voids": ("needs a new approval", "يحتاج إلى اعتماد جديد"),
    "stricter": ("stricter: stays approved", "أشدّ: يبقى معتمدًا"),
    "off": ("If it is switched off", "إذا أُوقف هذا المسار"),
    "off how": (
        "Between one mail and the next, nothing goes out any more. Switching off needs nobody's leave:",
        "يتوقف الإرسال بين رسالة والتي تليها. والإيقاف لا يحتاج إلى إذن أحد:",
    ),
    "when hand_over": (
        "What is due then appears on the worklist of this team, with a finished draft:",
        "وما حان وقته يظهر حينئذ في قائمة عمل هذا الفريق، مع مسودة جاهزة:",
    ),
    "when hold": ("What is due then waits until the flow is switched on again.", "وما حان وقته ينتظر حتى يُشغَّل المسار من جديد."),
    "runbook": ("What the team does", "ما يفعله الفريق"),
    "approve": ("How to approve", "كيف تعتمدها"),
    "approve how": (
        "Somebody else than the one who asked says yes to exactly this. One changed letter, and it needs a new approval.",
        "يوافق عليها بعينها، ببصمتها، شخص غير الذي طلبها. فإن تغيّر حرف واحد في المسار أو النصوص أو القواعد سقط الاعتماد.",
    ),
    "approve then": ("Afterwards, to let it run:", "ثم لتشغيله:"),
    "send": ("mail goes out", "تخرج الرسالة"),
    "write": ("register is changed", "يتغيّر السجل"),
    "defer": ("put off", "تؤجَّل"),
    "hold": ("held", "توقف مؤقتًا"),
    "skip": ("not sent, journey goes on", "لا تُرسل ويستمر المسار"),
    "exit": ("leaves the flow", "يخرج من المسار"),
    "hand over": ("a person does it", "يتولاها شخص"),
    "finish": ("journey ends", "ينتهي المسار"),
    "move": ("goes on", "ينتقل"),
    "machine": ("enter, the machine does it", "يدخلون وتتولاهم الآلة"),
    "no": ("do not enter", "لا يدخلون"),
    "enter people": ("enter, people do it", "يدخلون ويتولاهم الفريق"),
    "exits": ("leave", "يخرجون"),
    "moved": ("their wait ends early", "ينتهي انتظارهم مبكرًا"),
    "joined": ("one more fact about somebody inside", "معلومة جديدة عمّن هو داخل المسار"),
    "reached": ("reach the goal", "يبلغون الهدف"),
    "code": ("the flow's code", "شيفرة المسار"),
    "texts": ("the texts of the mails", "نصوص الرسائل"),
}


def say(language: Language, word: str, **values: object) -> str:
    """A word or sentence of the page. Raises KeyError for one that there isn't."""
    text = WORDS[word][language == "ar"]
    return text.format(**values) if values else text


def key_in(language: Language, key: str) -> str:
    """A policy's key in plain words; `code` and `texts` too. A key without words stays as it is."""
    words = KEYS.get(key) or WORDS.get(key)
    return words[language == "ar"] if words else key


_EVENTS = {
    "form.submitted": "وصول نموذج",
    "check.started": "بدء قائمة الفحص",
    "diagnostic.completed": "إتمام نموذج التشخيص",
    "donation.succeeded": "تأكيد تبرّع",
    "donation.refunded": "رد تبرّع",
    "booking.created": "حجز مكالمة",
    "booking.cancelled": "إلغاء مكالمة",
    "ticket.opened": "فتح تذكرة دعم",
    "ticket.solved": "حل تذكرة دعم",
    "shipment.updated": "تحديث حالة شحنة",
    "message.delivered": "تسليم رسالة",
    "crm.changed": "تعديل في سجل العملاء",
    "message.replied": "رد من الشخص",
    "contact.unsubscribed": "إلغاء اشتراك",
}


def event_in(language: Language, kind: str, about: str) -> str:
    """What a kind of event means. One that a project has added is told in its author's words."""
    return _EVENTS.get(kind, about or kind) if language == "ar" else about or kind
