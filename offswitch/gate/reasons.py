"""The machine's reasons in the reader's language. What an author or a colleague wrote stays as they wrote it."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "ar"]

_RULES = {
    "again": "كان هنا من قبل",
    "rollout": "التوسع",
    "inflow": "وقت وصول النموذج",
    "release": "استئناف متدرج",
    "retired": "إنهاء المسار",
    "stop": "إيقاف",
    "policy": "القواعد",
    "approval": "الاعتماد",
    "suppression": "عنوان موقوف",
    "consent": "الموافقة",
    "facts": "معلومات ناقصة",
    "person": "قرار بشري",
    "late": "متأخرة",
    "quiet hours": "ساعات الهدوء",
    "cap": "حد الرسائل",
    "connector": "نظام متصل",
    "step": "من المسار",
    "at": "فات وقتها",
    "exit": "حدث أنهى المسار",
    "give up": "انتهت المدة",
    "taken": "لدى زميل",
    "unknown": "غير مؤكد",
    "restored": "سجل مستعاد",
    "removed": "خطوة محذوفة",
}

# The first that fits counts. What stands in `rest` is a reason itself.
_REASONS = tuple(
    (re.compile(pattern, re.DOTALL), arabic)
    for pattern, arabic in (
        (r"outside the rollout", "خارج التوسع"),
        (r"the trigger is too old to be acted on unseen", "النموذج قديم فيراجعه شخص أولًا"),
        (r"came while the flow was off", "وصل والمسار متوقف"),
        (r"the flow is retired", "أُنهي المسار"),
        (r"retired", "أُنهي المسار"),
        (r"retired by (\S+) and (\S+) at (.+ UTC).*", r"أنهاه \1 و\2، والموعد \3"),
        (r"([\d,]+) waited for the end of a stop: (\d+) per hour go out", r"انتظر \1 انتهاء الإيقاف، ويخرج \2 في الساعة"),
        (r"([\d,]+) waited for the end of a stop: (.+) go out", r"انتظر \1 انتهاء الإيقاف، والخروج متدرج: \2"),
        (r"the flow is closing", "المسار في طور الإغلاق"),
        (r"was in this flow before", "كان في هذا المسار من قبل"),
        (r"was in this flow before for the same subject", "كان في هذا المسار من قبل للأمر نفسه"),
        (r"was in this flow not long ago", "كان في هذا المسار منذ وقت قريب"),
        (r"no consent for marketing by email", "لا توجد موافقة على الرسائل التسويقية بالبريد"),
        (r"no consent for (.+) by (.+)", r"لا توجد موافقة على \1 عبر \2"),
        (r"this address is suppressed for (.+)", r"هذا العنوان موقوف عن \1"),
        (r"already (\d+) in ([\d.]+) d", r"وصله \1 خلال \2 يوم"),
        (r"already (\d+) in ([\d.]+) h", r"وصله \1 خلال \2 ساعة"),
        (r"quiet hours in (.+)", r"ساعات الهدوء بتوقيت \1"),
        (r"(\d+) hours late", r"متأخرة \1 ساعة"),
        (r"a person decides: (.+)", r"القرار لشخص: \1"),
        (r"not known: (.+)", r"غير معروف: \1"),
        (r"(\S+) is not known and has no fallback", r"القيمة \1 غير معروفة ولا بديل لها في النص"),
        (r"(\S+) is not an address that a letter can go to", r"القيمة \1 ليست عنوانًا صالحًا للمراسلة"),
        (r"put off for too long: (?P<rest>.+)", "أُجّلت أطول من المسموح"),
        (r"held too long: ?(?P<rest>.*)", "أُوقفت مؤقتًا أطول من المسموح"),
        (r"in the hands of (.+)", r"يتولاها \1"),
        (r"the step (\S+) asks for a person", r"الخطوة \1 تحتاج إلى شخص"),
        (r"the step '?(.+?)'? is not in the flow any more", r"الخطوة \1 لم تعد في المسار"),
        (r"the step was removed", "حُذفت الخطوة التي كان فيها"),
        (r"done by hand", "أنجزه شخص"),
        (r"the step failed: (.+)", r"تعطّلت الخطوة: \1"),
        (r"the step returned (.+), not a decision", r"أعادت الخطوة \1 بدل قرار"),
        (r"(\w+:\S+): (?P<rest>.+)", r"\1"),
        (r"the worker died while it was on its way", "توقّف البرنامج والرسالة في طريقها"),
        (r"its time is over", "فات وقتها"),
        (r"may have gone out before the ledger was restored", "ربما أُرسلت قبل استعادة السجل"),
        (r"may have been answered already, before the ledger was restored", "ربما رُدّ عليه قبل استعادة السجل"),
        (
            r"(?P<rest>.+)\. May have been done already, before the ledger was restored: make sure first",
            "ربما أُنجز قبل استعادة السجل، فتأكد أولًا",
        ),
        (r"goal reached", "بلغ الهدف"),
        (r"gave up", "انتهت مدة المسار"),
        (r"no marketing consent", "لا توجد موافقة على الرسائل التسويقية"),
        (r"series complete", "اكتملت السلسلة"),
        (r"everything is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"كل شيء متوقف (\1)"),
        (r"flow (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"المسار \1 متوقف (\2)"),
        (r"channel (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"القناة \1 متوقفة (\2)"),
        (r"connector (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"الربط مع \1 متوقف (\2)"),
        (r"step (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"الخطوة \1 متوقفة (\2)"),
        (r"by (\S+@\S+)", r"أوقفه \1"),
        (r"flow (\S+) is closing: nobody enters", r"المسار \1 في طور الإغلاق: لا يدخله أحد"),
        (r"not approved yet: see `(.+)`", "لم يُعتمد بعد"),
        (r"changed since approval: (.+)", r"تغيّر بعد الاعتماد: \1"),
        (r"there is no policy for this flow", "لا توجد قواعد لهذا المسار"),
    )
)


def reason_in(language: Language, text: str) -> str:
    """A reason, translated where it is one of the machine's own."""
    if language == "en":
        return text
    for pattern, arabic in _REASONS:
        if found := pattern.fullmatch(text):
            rest = found.groupdict().get("rest")
            return found.expand(arabic) + (f": {reason_in(language, rest)}" if rest else "")
    return text


def rule_in(language: Language, rule: str) -> str:
    """The name of a rule."""
    return _RULES.get(rule, rule) if language == "ar" else rule


def why_in(language: Language, why: str) -> str:
    """A rule and its reason, written as `rule: reason`; also a reason alone."""
    rule, colon, reason = why.partition(": ")
    if colon and rule in _RULES:
        return f"{rule_in(language, rule)}: {reason_in(language, reason)}"
    return reason_in(language, why)
