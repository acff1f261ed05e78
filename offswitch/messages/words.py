"""What stands around every message, in each language: why one gets it, and how to end it."""

from __future__ import annotations

from dataclasses import dataclass

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Words:
    """The footer's sentences and links. A language without words of its own gets the English ones."""

    service: str
    marketing: str
    privacy: str
    unsubscribe: str


_WORDS = {
    "en": Words(
        service="You get this message because of something you asked us for or did with us. It is not advertising.",
        marketing="You get this message because you agreed to hear from us.",
        privacy="How we handle your data",
        unsubscribe="Unsubscribe",
    ),
    "ar": Words(
        service="تصلك هذه الرسالة لأنها تتعلق بطلب قدمته إلينا أو بخطوة أتممتها معنا، وليست إعلانًا.",
        marketing="تصلك هذه الرسالة لأنك وافقت على تلقي رسائلنا.",
        privacy="كيف نتعامل مع بياناتك",
        unsubscribe="إلغاء الاشتراك",
    ),
}


def words(language: str) -> Words:
    """The words for a language such as `ar` or `ar-EG`."""
    return _WORDS.get(primary(language), _WORDS["en"])


def direction(language: str) -> str:
    """`rtl` for scripts written from right to left, else `ltr`."""
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"


def primary(language: str) -> str:
    """`ar` of `ar-EG` (BCP 47)."""
    return language.replace("_", "-").partition("-")[0].lower()
