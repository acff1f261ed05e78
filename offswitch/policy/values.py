"""What a text in a policy may mean: durations, percentages, caps, times, addresses. Each refusal says what to write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from offswitch.policy.plain import short, western

W = TypeVar("W", bound=StrEnum)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPANS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
_NAMES = {length: name for name, length in _SPANS.items()}
_LONGEST = timedelta(days=366)
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]")
_NO_REPLY = re.compile(r"(no|do[-_.]?not)[-_.]?reply", re.IGNORECASE)
_ON_OFF = {"yes": "on", "true": "on", "no": "off", "false": "off"}


class Section(BaseModel):
    """A section of a policy file: frozen, and no key but those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def refuse(what: str, fix: str, *at: str | int, within: int = 0) -> PydanticCustomError:
    """The error of a value: `what` is wrong, and the `fix`; `at` leads from the value to the place within it.

    `within` is how many characters of a text stand before the mistake.
    """
    return PydanticCustomError("policy", "{what}", {"what": what, "fix": fix, "at": at, "within": within})


def likely(wrong: str, allowed: Iterable[str]) -> str:
    """The allowed words, the likeliest first where one is near."""
    words = sorted(allowed)
    by_fold = {word.casefold(): word for word in words}
    near = get_close_matches(wrong.casefold(), by_fold, n=1, cutoff=0.6)
    guess = f"did you mean {by_fold[near[0]]}? " if near else ""
    return f"{guess}allowed: {', '.join(words)}"


def word(kind: type[W]) -> PlainValidator:
    """One word of a closed set. `yes`, `true`, `no` and `false` say on and off where those are in the set."""
    return PlainValidator(partial(one_of, kind))


def one_of(kind: type[W], value: Any) -> W:
    """The word that a text means."""
    text = _text(value).casefold()
    synonym = _ON_OFF.get(text, text) if "on" in list(kind) else text
    if synonym in list(kind):
        return kind(synonym)
    raise refuse(f"is {short(str(value))}", likely(text, list(kind)))


def whole(least: int, most: int) -> PlainValidator:
    """A whole number between two others."""
    return PlainValidator(partial(between, least, most))


def between(least: int, most: int, value: Any) -> int:
    """The number that a text means."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(value)
    if western(text) != text:
        raise refuse(f"is {text}", f"write {western(text)}, with the digits 0 to 9")
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise refuse(f"is {short(text)}", f"write a whole number from {least} to {most}")
    return int(text)


def truth(value: Any) -> bool:
    """yes or no."""
    if isinstance(value, bool):
        return value
    text = _text(value).casefold()
    if text not in ("yes", "true", "on", "no", "false", "off"):
        raise refuse(f"is {short(text)}", "write yes or no")
    return text in ("yes", "true", "on")


def duration(value: Any) -> timedelta:
    """A length of time: 10s, 30m, 72h, 7d. Days have 24 hours."""
    if isinstance(value, timedelta):
        return value
    text = _text(value)
    found = re.fullmatch(r"([0-9]{1,9})\s?([smhd])", text)
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not timedelta(0) < length <= _LONGEST:
        raise refuse(f"is {short(text)}", "write seconds, minutes, hours or days such as 10s, 30m, 72h, 7d; at most 366d")
    return length


def one_line(value: Any) -> str:
    """A text of one line without anything invisible."""
    text = _text(value).strip()
    if not text or _HIDDEN.search(text):
        raise refuse(f"is {short(text)}", "write one line of text, without invisible characters")
    return text


def several_lines(value: Any) -> str:
    """A text that says something."""
    text = _text(value)
    if not text.strip():
        raise refuse("is empty", "write it for somebody who does not know this tool")
    return text


def email(value: Any) -> str:
    """One bare e-mail address."""
    from email_validator import EmailNotValidError, validate_email

    text = _text(value)
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise refuse(f"is {short(text)}, not an e-mail address", str(error).rstrip(".")) from error


def person(value: Any) -> str:
    """The address of a colleague, in small letters, for it names one person wherever it stands."""
    return email(value).lower()


def answerable(value: Any) -> str:
    """An address that somebody reads."""
    address = email(value)
    if _NO_REPLY.match(address):
        raise refuse(f"is {address}", "people answer: give an address that somebody reads")
    return address


def web_address(value: Any) -> str:
    """An https address without a slash at its end; http only on this machine."""
    text = _text(value)
    try:
        url = urlsplit(text)
        host = (url.hostname or "") if url.port != 0 else ""
    except ValueError:
        host, url = "", urlsplit("")
    local = url.scheme == "http" and host in ("127.0.0.1", "localhost")
    odd = re.search(r"[\s<>\"\\]", text) or url.username or url.query or url.fragment
    if not host or odd or not (url.scheme == "https" or local):
        raise refuse(f"is {short(text)}", "write an address such as https://mail.example.org, without ? and #")
    return text.rstrip("/")


def zone(value: Any) -> str:
    """A time zone by its IANA name, such as Asia/Riyadh."""
    text = _text(value)
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, LookupError) as error:
        near = get_close_matches(text, available_timezones(), n=1, cutoff=0.5)
        guess = f"did you mean {near[0]}? " if near else ""
        raise refuse(f"is {short(text)}, not a time zone", f"{guess}write a name such as Asia/Riyadh") from error


def country(value: Any) -> str:
    """A country by its two letters (ISO 3166)."""
    from babel.core import get_global

    text = _text(value)
    if not re.fullmatch("[A-Z]{2}", text) or text not in get_global("territory_languages"):
        others = get_global("territory_aliases").get(text.upper(), [text.upper()])
        guess = f"did you mean {others[0]}? " if others[0] in get_global("territory_languages") else ""
        raise refuse(f"is {short(text)}, not a country", f"{guess}write two capital letters such as SA")
    return text


def language(value: Any) -> str:
    """A language by its code (BCP 47), such as ar or pt-BR."""
    text = _text(value)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise refuse(f"is {short(text)}, not a language", "write a code such as ar or en")
    return text


def named(value: Any) -> str:
    """The name of a step, team, channel or connector."""
    text = _text(value)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", text):
        raise refuse(f"is {short(text)}", "write English letters, digits, - and _, beginning with a letter")
    return text


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` messages in any rolling `window`."""

    count: int
    window: timedelta

    def __str__(self) -> str:
        return f"{self.count} per {_NAMES.get(self.window) or written(self.window)}"


def cap(value: Any) -> Cap:
    """`1 per day`, `3 per week`, `2 per 12h`."""
    if isinstance(value, Cap):
        return value
    text = _text(value)
    found = re.fullmatch(r"([0-9]{1,6}) per (minute|hour|day|week|[0-9]{1,9}[smhd])", text)
    if not found or int(found[1]) == 0:
        raise refuse(f"is {short(text)}", "write a cap such as 1 per day, 3 per week, 2 per 12h")
    return Cap(int(found[1]), _SPANS.get(found[2]) or duration(found[2]))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` on the contact's wall; the window may cross midnight."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def quiet_hours(value: Any) -> QuietHours:
    """`"21:00-09:00"`."""
    if isinstance(value, QuietHours):
        return value
    text = _text(value)
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s?[-–]\s?([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if not found:
        raise refuse(f"is {short(text)}", 'write "21:00-09:00", in straight quotes, from 00:00 to 23:59')
    window = QuietHours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
    if window.start == window.end:
        raise refuse(f"is {short(text)}, which is all day or never", "write two different times")
    return window


def quiet_hours_or_none(value: Any) -> QuietHours | str:
    """The same, or the word `none`."""
    return "none" if value == "none" else quiet_hours(value)


def percent(text: str) -> int:
    """Parts per million, exactly: 0.5% is 5000."""
    found = re.fullmatch(r"([0-9]{1,3}(\.[0-9]{1,4})?)\s?%", text)
    parts = int(Decimal(found[1]) * 10_000) if found else -1
    if not 0 <= parts <= 1_000_000:
        raise refuse(f"is {short(text)}", "write a percentage from 0% to 100% such as 5% or 0.5%, with at most 4 decimals")
    return parts


def written(length: timedelta) -> str:
    """A duration as people write it; up to three days in hours."""
    seconds = round(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0 and (unit != "d" or seconds >= 4 * size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def checked(parse: Callable[[Any], Any]) -> PlainValidator:
    """A parser as pydantic wants it."""
    return PlainValidator(parse)


Duration = Annotated[timedelta, checked(duration)]
Line = Annotated[str, checked(one_line)]
Prose = Annotated[str, checked(several_lines)]
Email = Annotated[str, checked(email)]
Person = Annotated[str, checked(person)]
Url = Annotated[str, checked(web_address)]
Zone = Annotated[str, checked(zone)]
Country = Annotated[str, checked(country)]
Language = Annotated[str, checked(language)]
Name = Annotated[str, checked(named)]
Truth = Annotated[bool, checked(truth)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise refuse("is a list or section", "write one value")
