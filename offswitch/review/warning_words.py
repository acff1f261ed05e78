"""What the checks of flow, texts and policy find, and what to do about it, in the reader's language."""

from __future__ import annotations

import re

from offswitch.gate.phrases import Phrases
from offswitch.gate.reasons import Language, reason_in

_LINE = re.compile(r"(?P<path>\S+): (?P<what>.+?)(?: \((?P<fix>.+)\))?")
_NAME = r"'([^']+)'"
_WARNINGS = Phrases(
    (
        (
            r"capacity is missing: nobody has said whether people could take this flow over",
            "الطاقة غير مكتوبة: لم يقل أحد هل يستطيع الفريق أن يتولى هذا المسار",
        ),
        (
            r"write how much people can take over, such as `(.+)`",
            r"اكتب مقدار ما يستطيع الفريق توليه، مثل `\1`",
        ),
        (rf"up to (\d+) messages in seven days, from step {_NAME} on", r"عدد الرسائل في سبعة أيام ابتداءً من الخطوة \2 قد يبلغ \1"),
        (r"leave more time between them; `limits` may put some off", "باعد بينها، فقد تؤجّل `limits` بعضها"),
        (
            rf"{_NAME} asks for much \(level (\d) of 4\) and names nothing that stands behind it",
            r"الرسالة \1 تطلب الكثير (الدرجة \2 من 4) ولا تذكر ما يسندها",
        ),
        (
            r"write `proof:` in its head: a page, or a figure with its source",
            "اكتب `proof:` في رأسها: صفحة، أو رقمًا مع مصدره",
        ),
        (
            rf"{_NAME} asks for much \(level (\d) of 4\) as early as (\d+) h after the beginning",
            r"الرسالة \1 تطلب الكثير (الدرجة \2 من 4) مبكرًا، بعد \3 ساعة من البداية",
        ),
        (
            rf"{_NAME} asks for much \(level (\d) of 4\) as early as (\d+) d after the beginning",
            r"الرسالة \1 تطلب الكثير (الدرجة \2 من 4) مبكرًا، بعد \3 يوم من البداية",
        ),
        (r"give something first, or ask for less", "قدّم شيئًا أولًا، أو اطلب أقل"),
        (rf"no Arabic text of {_NAME}", r"لا نص بالعربية للرسالة \1"),
        (rf"no English text of {_NAME}", r"لا نص بالإنجليزية للرسالة \1"),
        (rf"no (\S+) text of {_NAME}", r"لا نص للرسالة \2 بهذه اللغة: \1"),
        (r"write it", "اكتبه"),
        (rf"no step sends {_NAME}", r"لا خطوة ترسل \1"),
        (r"correct the name, or take the file away", "صحّح الاسم، أو احذف الملف"),
        (r"has (\d+) buttons", r"عدد الأزرار فيها: \1"),
        (r"one call to action: keep one bold link on its own", "طلب واحد يكفي: أبقِ رابطًا بارزًا واحدًا"),
        (r"(.+) differ from (\S+)", r"يختلف عن \2 في: \1"),
        (r"one message is one thing in all languages(?: and variants)?", "الرسالة شيء واحد في كل اللغات والصيغ"),
        (rf"nothing gives this text {_NAME}", r"لا شيء يعطي هذا النص القيمة \1"),
        (rf"did you mean {_NAME}\?", r"هل تقصد \1؟"),
        (r"a step gives it with (.+)", r"تعطيها خطوة هكذا: `\1`"),
        (r"(\S+) has no goal", r"المسار \1 بلا هدف"),
        (r"name the event that it is for: (.+)", r"سمِّ الحدث الذي يعمل المسار من أجله: `\1`"),
        (rf"no step leads to {_NAME}", r"لا خطوة تقود إلى \1"),
        (rf"{_NAME} is the first step; name this one in a (\S+)", r"أولى الخطوات \1، فاذكر هذه في `\2`"),
        (r"(.+) can go round without an end", r"قد يدور المسار بلا نهاية بين: \1"),
        (r"set (\S+), or look at (\S+)", r"اكتب `\1`، أو انظر في `\2`"),
        (r"goes round without a wait: the rehearsal was broken off", "يدور بلا انتظار، فتوقفت المعاينة"),
        (r"give a plan in the circle an (\S+)", r"أضف `\1` إلى خطة في الدائرة"),
        (r"two calls to action in one plan: (.+)", r"طلبان في خطة واحدة: \1"),
        (r"ask for one thing at a time", "اطلب شيئًا واحدًا كل مرة"),
        (r"([\d,]+) inside flow (\S+), which is gone", r"في المسار المحذوف \2 ما زال عددهم: \1"),
        (rf"nobody gets the variant {_NAME}", r"لا أحد يتلقى الصيغة \1"),
        (r"try it out in (\S+), or take its files away", r"جرّبها في `\1` أو احذف ملفاتها"),
        (r"is no name of a variant", "ليس اسم صيغة"),
        (
            r"experiments\.(\w+) is over since (\S+), and nobody has written what was learnt \((\S+)\)",
            "انتهت تجربة \u2066\\1\u2069 منذ \u2066\\2\u2069 ولم يدوّن \u2066\\3\u2069 ما تعلمناه",
        ),
        (r"look at (`.+`), then write `winner:` and `learning:`", r"انظر \1 ثم اكتب `winner:` و`learning:`"),
        (r"experiments\.(\w+) is in a flow that is not stable yet: (?P<rest>.+)", "تجربة \u2066\\1\u2069 في مسار لم يستقر بعد"),
        (
            r"try texts out where nothing else changes: begin when the flow is stable",
            "جرّب النصوص حيث لا يتغير شيء آخر: ابدأ بعد أن يستقر المسار",
        ),
        (r"experiments\.(\S+) is (\w+), which has no text", "\u2066experiments.\\1\u2069: لا نص للصيغة \u2066\\2\u2069"),
        (r"experiments\.(\w+) is about no message of (\w+)", "لا رسالة باسم \u2066\\1\u2069 في المسار \u2066\\2\u2069"),
        (r"give the journey its old name again: (.+)", r"أعد للمسار اسمه القديم: `\1`"),
    )
)


def warning_in(language: Language, text: str) -> str:
    """What was found or what to do, translated where the words are ours; also a reason of the gate."""
    if language == "en":
        return text
    return _WARNINGS.arabic(text, lambda rest: reason_in(language, rest)) or reason_in(language, text)


def line_in(language: Language, line: str) -> str:
    """A whole warning, `path:line:column: what (what to do)`."""
    found = _LINE.fullmatch(line)
    if language == "en" or found is None:
        return line
    what, fix = warning_in(language, found["what"]), found["fix"]
    return f"{found['path']}: {what}" + (f" ({warning_in(language, fix)})" if fix else "")
