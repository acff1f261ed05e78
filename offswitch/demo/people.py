"""Three hundred form submissions as they really come: Arabic and English names, double ones, broken ones, with and without consent."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ARABIC = (
    "ليلى", "عمر", "سارة", "يوسف", "مريم", "خالد", "نورة", "عبد الرحمن",
    "هند", "أحمد", "فاطمة الزهراء", "ريم", "طارق", "دانة", "سلمان", "آمنة",
)  # fmt: skip
ARABIC_FAMILY = ("الحربي", "العتيبي", "المصري", "حداد", "الشامي", "القحطاني", "النجار", "خليل", "الزهراني", "منصور", "البلوشي", "عوض")
ENGLISH = ("Grace", "Daniel", "Amelia", "Noah", "Chloe", "Samuel", "Ines", "Marek", "Priya", "Oliver", "Zoë", "Liam", "Hannah", "Seán")
ENGLISH_FAMILY = ("Okafor", "Meyer", "Novak", "Rossi", "O'Brien", "Fernandes", "Lindqvist", "Haddad", "Clarke", "Dubois", "Nguyen", "Smith")
COUNTRIES = {"ar": ("SA", "AE", "EG", "JO", "KW", "QA"), "en": ("GB", "US", "AE", "SA")}
QUESTIONS = {
    "ar": ("كيف أبدأ؟", "نرسل كل شيء يدويًا الآن.", "عندنا ثلاثة نماذج ولا أحد يتابعها.", ""),
    "en": ("Where do I start?", "We send everything by hand today.", "Three forms, and nobody follows up.", ""),
}
COLUMNS = ("id", "event", "at", "email", "name", "language", "country", "consent", "consent_wording", "form", "page", "message")
WORDING = {"ar": "أوافق على استلام رسائل مفيدة منكم", "en": "Yes, send me useful mail now and then"}


def submissions(now: datetime, count: int = 300, seed: int = 7) -> list[dict[str, str]]:
    """`count` flat rows. About one in fifty is broken, one in thirty double, one in four without consent."""
    dice = Random(seed)  # noqa: S311 - a story that is the same each time, not a secret
    rows = [_person(dice, number, now - timedelta(minutes=dice.randrange(1, 600))) for number in range(1, count + 1)]
    for number in range(14, count, 50):
        rows[number]["email"] = dice.choice(("", "nobody", "two@@example.com", "a@b,c@d.example"))
    for number in range(20, count, 60):  # the same submission again: a form that was sent twice
        rows[number] = dict(rows[number - 7])
    for number in range(33, count, 60):  # the same person with a new form
        rows[number]["email"] = rows[number - 9]["email"].upper()
    return rows


def write_csv(rows: Sequence[Mapping[str, str]], path: Path) -> None:
    """As a form tool exports it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def as_webhooks(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """As a form tool posts them."""
    for row in rows:
        person = {name: row[name] for name in ("email", "name", "language", "country")}
        yield {
            "id": row["id"],
            "event": row["event"],
            "at": row["at"],
            "contact": person,
            "consent": {"marketing": row["consent"] == "yes", "wording": row["consent_wording"]},
            "data": {name: row[name] for name in ("form", "page", "message")},
        }


def _person(dice: Random, number: int, at: datetime) -> dict[str, str]:
    language = dice.choice(("ar", "ar", "en"))
    first, family = (ARABIC, ARABIC_FAMILY) if language == "ar" else (ENGLISH, ENGLISH_FAMILY)
    return {
        "id": f"form-{number:04}",
        "event": "form.submitted",
        "at": at.isoformat(timespec="seconds"),
        "email": f"lead{number}@{dice.choice(('mail', 'post', 'inbox'))}.example.com",
        "name": f"{dice.choice(first)} {dice.choice(family)}" if dice.random() > 0.04 else "",
        "language": language,
        "country": dice.choice(COUNTRIES[language]),
        "consent": "yes" if dice.random() > 0.25 else "no",
        "consent_wording": WORDING[language],
        "form": "contact",
        "page": f"/{language}/contact",
        "message": dice.choice(QUESTIONS[language]),
    }
