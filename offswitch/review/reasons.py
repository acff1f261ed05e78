"""The gate's reasons in the reader's language. What an author or a colleague wrote stays as they wrote it."""

from __future__ import annotations

import re

from offswitch.review.words import Language

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
}

_EVENTS = {
    "form.submitted": "وصول نموذج",
    "check.started": "بدء قائمة الفحص",
    "diagnostic.completed": "إتمام نموذج التشخيص",
    "donation.succeeded": "تأكيد تبرّع",
    "donation.refunded": "رد تبرّع",
    "booking.created": "حجز مكالمة",
    "booking.cancelled": "إلغاء مكالمة",
    "message.replied": "رد من الشخص",
    "contact.unsubscribed": "إلغاء اشتراك",
}

_REASONS = tuple(
    (re.compile(pattern), arabic)
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
        (r"already (\d+) in (\d+) d", r"وصله \1 خلال \2 يوم"),
        (r"already (\d+) in (\d+) h", r"وصله \1 خلال \2 ساعة"),
        (r"quiet hours in (.+)", r"ساعات الهدوء بتوقيت \1"),
        (r"(\d+) hours late", r"متأخرة \1 ساعة"),
        (r"a person decides: (.+)", r"القرار لشخص: \1"),
        (r"not known: (.+)", r"غير معروف: \1"),
        (r"put off for too long: (.+)", r"أُجّلت أطول من المسموح: \1"),
        (r"its time is over", "فات وقتها"),
        (r"goal reached", "بلغ الهدف"),
        (r"gave up", "انتهت مدة المسار"),
        (r"no marketing consent", "لا توجد موافقة على الرسائل التسويقية"),
        (r"series complete", "اكتملت السلسلة"),
        (r"everything is off (.+)", r"كل شيء متوقف \1"),
        (r"flow (\S+) is off (.+)", r"المسار \1 متوقف \2"),
        (r"(?:channel|connector|step) (\S+) is off (.+)", r"\1 متوقف \2"),
        (r"flow (\S+) is closing: nobody enters", r"المسار \1 في طور الإغلاق: لا يدخله أحد"),
        (r"not approved yet: see `(.+)`", "لم يُعتمد بعد"),
        (r"changed since approval: (.+)", r"تغيّر بعد الاعتماد: \1"),
    )
)


def reason_in(language: Language, text: str) -> str:
    """A reason, translated where it is one of the gate's own."""
    if language == "en":
        return text
    for pattern, arabic in _REASONS:
        if found := pattern.fullmatch(text):
            return found.expand(arabic)
    return text


def rule_in(language: Language, rule: str) -> str:
    """The name of a rule."""
    return _RULES.get(rule, rule) if language == "ar" else rule


def event_in(language: Language, kind: str, about: str) -> str:
    """What a kind of event means. One that a project has added is told in its author's words."""
    return _EVENTS.get(kind, about or kind) if language == "ar" else about or kind
