"""The machine's reasons in the reader's language. What an author or a colleague wrote stays as they wrote it."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "ar"]

_RULES = {
    "again": "كان هنا من قبل",
    "rollout": "التوسع",
    "inflow": "عمر النموذج",
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
}

# The first that fits counts. Groups in braces are reasons themselves; those with a number stay as they are.
_REASONS = tuple(
    (re.compile(pattern, re.DOTALL), arabic)
    for pattern, arabic in (
        (r"outside the rollout", "خارج التوسع"),
        (r"the trigger is too old to be acted on unseen", "النموذج قديم فيراجعه شخص أولًا"),
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
        (r"put off for too long: (?P<rest>.+)", r"أُجّلت أطول من المسموح: {rest}"),
        (r"held too long: (?P<rest>.*)", r"أُوقفت مؤقتًا أطول من المسموح: {rest}"),
        (r"in the hands of (.+)", r"يتولاها \1"),
        (r"the step (\S+) asks for a person", r"الخطوة \1 تحتاج إلى شخص"),
        (r"the step '?(.+?)'? is not in the flow any more", r"الخطوة \1 لم تعد في المسار"),
        (r"the step failed: (.+)", r"تعطّلت الخطوة: \1"),
        (r"the step returned (.+), not a decision", r"أعادت الخطوة \1 بدل قرار"),
        (r"(\w+:\S+): (?P<rest>.+)", r"\1: {rest}"),
        (r"the worker died while it was on its way", "توقّف البرنامج والرسالة في طريقها"),
        (r"its time is over", "فات وقتها"),
        (r"goal reached", "بلغ الهدف"),
        (r"gave up", "انتهت مدة المسار"),
        (r"no marketing consent", "لا توجد موافقة على الرسائل التسويقية"),
        (r"series complete", "اكتملت السلسلة"),
        (r"everything is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"كل شيء متوقف (\1){rest}"),
        (r"flow (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"المسار \1 متوقف (\2){rest}"),
        (r"channel (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"القناة \1 متوقفة (\2){rest}"),
        (r"connector (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"الربط مع \1 متوقف (\2){rest}"),
        (r"step (\S+) is off \(([^)]*)\)(?:: (?P<rest>.+))?", r"الخطوة \1 متوقفة (\2){rest}"),
        (r"by (\S+@\S+|\w+)", r"أوقفها \1"),
        (r"flow (\S+) is closing: nobody enters", r"المسار \1 في طور الإغلاق: لا يدخله أحد"),
        (r"not approved yet: see `(.+)`", "لم يُعتمد بعد"),
        (r"changed since approval: (.+)", r"تغيّر بعد الاعتماد: \1"),
        (r"there is no policy for this flow", "لا توجد قواعد لهذا المسار"),
    )
)
