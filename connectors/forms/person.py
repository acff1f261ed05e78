"""The parts of a form that say who somebody is: each checked against the list or library that knows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from connectors.forms.text import Unfit


def read_email(text: str) -> str:
    """The address with its domain in letters, as email-validator keeps it. Raises Unfit.

    Whether mail arrives there is for the first message to find out: no DNS is asked.
    """
    if not text:
        raise Unfit("email is missing")
    try:
        # The reserved name .test is let through: rehearsals use it, and nothing is ever delivered there.
        found = validate_email(text, check_deliverability=False, allow_smtputf8=True, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise Unfit(f"email is not an address: {error}") from error
    return found.normalized


def read_language(text: str) -> str | None:
    """The two letters of ISO 639-1 (`ar-SA` is `ar`), or None when it is something else."""
    letters = text.replace("_", "-").partition("-")[0].lower()
    return letters if len(letters) == 2 and letters.isascii() and letters.isalpha() else None


def read_country(text: str) -> str | None:
    """The two letters of ISO 3166-1, or None when no country has them."""
    letters = text.upper()
    return letters if letters in _countries() else None


def read_zone(text: str) -> str:
    """An IANA time zone. Raises Unfit: a guessed zone would be a message at night."""
    if text in _zones():
        return text
    raise Unfit(f"zone {text[:60]!r} is not a time zone{did_you_mean(text, sorted(_zones()))}")


def read_phone(text: str, country: str) -> str | None:
    """The number in E.164, read as if dialled in the country, or None when it can't be dialled."""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def did_you_mean(text: str, known: Sequence[str]) -> str:
    """` (did you mean x?)` for the nearest known word, else ""."""
    near = get_close_matches(text[:100], known, 1)
    return f" (did you mean {near[0]}?)" if near else ""


@cache
def _zones() -> Collection[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> Collection[str]:
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#"))
