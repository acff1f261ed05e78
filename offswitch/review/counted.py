"""Numbers with their nouns, in the form that the number asks for: Arabic has one, two, a few, many and hundreds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from offswitch.gate.reasons import Language

# English: one, several. Arabic, as after a preposition: one, two, 3-10, 11-99, hundreds (CLDR's plural rules).
NOUNS: Mapping[str, tuple[tuple[str, str], tuple[str, str, str, str, str]]] = {
    "people": (("1 person", "{n} people"), ("شخص واحد", "شخصين", "{n} أشخاص", "{n} شخصًا", "{n} شخص")),
    "mails": (("1 mail", "{n} mails"), ("رسالة واحدة", "رسالتين", "{n} رسائل", "{n} رسالة", "{n} رسالة")),
    "items": (("1 item", "{n} items"), ("بند واحد", "بندين", "{n} بنود", "{n} بندًا", "{n} بند")),
    "texts": (("1 text", "{n} texts"), ("نص واحد", "نصين", "{n} نصوص", "{n} نصًا", "{n} نص")),
    "steps": (("1 step", "{n} steps"), ("خطوة واحدة", "خطوتين", "{n} خطوات", "{n} خطوة", "{n} خطوة")),
    "settings": (("1 setting", "{n} settings"), ("إعداد واحد", "إعدادين", "{n} إعدادات", "{n} إعدادًا", "{n} إعداد")),
    "warnings": (("1 warning", "{n} warnings"), ("تنبيه واحد", "تنبيهين", "{n} تنبيهات", "{n} تنبيهًا", "{n} تنبيه")),
    "days": (("1 day", "{n} days"), ("يوم واحد", "يومين", "{n} أيام", "{n} يومًا", "{n} يوم")),
}
_FORMS = {"en": ("one", "other"), "ar": ("one", "two", "few", "many", "other")}


def counted(language: Language, noun: str, n: int) -> str:
    """So many of them. Arabic in the case that follows a preposition: sentences are built so that it does."""
    forms = _FORMS[language]
    form = _locale(language).plural_form(n)
    text = NOUNS[noun][language == "ar"][forms.index(form if form in forms else "other")]
    return text.format(n=f"{n:,}")


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)
