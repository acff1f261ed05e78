"""What is known of one person, as conditions see it: typed values by name; what is not known, or fits no type, is absent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from offswitch.model.contact import Contact
from offswitch.model.engagement import Engagement
from offswitch.model.event import Happened
from offswitch.model.facts import Known, Score
from offswitch.policy.plain import western
from offswitch.policy.vocabulary import FieldKind, count_name

_YES, _NO = ("yes", "true", "on", "1", "نعم"), ("no", "false", "off", "0", "لا")


@dataclass(frozen=True, slots=True)
class Person:
    """`known` holds what doesn't stand in the ledger: `score`, `segment`, `stage`. `step` and `visit` say where an entry is.

    `engagement`: what the person did with a flow's messages.
    """

    contact: Contact
    now: datetime
    events: tuple[Happened, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    step: str = ""
    visit: int = 0
    engagement: Engagement | None = None


def facts_of(
    person: Person, names: Iterable[str], fields: Mapping[str, FieldKind], max_age: Mapping[str, timedelta | None] | None = None
) -> dict[str, Any]:
    """The named facts that are known, and not older than they may be."""
    found = {name: _value(person, name, fields) for name in names}
    old = {name for name, age in (max_age or {}).items() if age is not None and too_old(person, name, age)}
    return {name: value for name, value in found.items() if value is not None and name not in old}


def too_old(person: Person, name: str, age: timedelta) -> bool:
    """Is this fact from before then? Only scores and stages have a time of their own."""
    known = person.known.get(name.partition(".")[0])
    return known is not None and person.now - known.at > age


def has_age(name: str) -> bool:
    """Is it known when this fact was true?"""
    return name == "stage" or name.startswith("score.")


def _value(person: Person, name: str, fields: Mapping[str, FieldKind]) -> Any:
    kind, _, rest = name.partition(".")
    if kind == "contact":
        return _of_contact(person, rest, fields)
    if kind == "count":
        return sum(count_name(happened.kind) == name for happened in person.events)
    if kind == "score":
        return _of_score(person, rest)
    if kind == "entry":
        return {"step": person.step, "visit": person.visit}[rest]
    if kind == "lead":
        return getattr(person.engagement, rest) if person.engagement else None
    if kind == "now":
        return person.now
    known = person.known.get(name)
    return _text(known.value) if known else None


def _of_contact(person: Person, name: str, fields: Mapping[str, FieldKind]) -> Any:
    if name == "source":
        return _text(person.events[0].source) if person.events else None
    if name in fields:
        return _READ[fields[name]](person.contact.fields.get(name))
    return _text(getattr(person.contact, name, None))


def _of_score(person: Person, name: str) -> Any:
    """A score without all required answers would be a guess, so it is not known."""
    known = person.known.get("score")
    if known is None or not isinstance(known.value, Score) or known.value.missing:
        return None
    value = getattr(known.value, name)
    return list(value) if name == "tags" else value


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = western(str(value).strip()).replace(",", "")
    number = float(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text) else math.nan
    return number if math.isfinite(number) else None


def _yes_no(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = western(str(value).strip()).casefold()
    return True if text in _YES else False if text in _NO else None


def _date(value: Any) -> datetime | None:
    """A day or an instant (ISO 8601); a day begins at midnight UTC, as does an instant without a zone count in UTC."""
    try:
        found = datetime.fromisoformat(western(value.strip())) if isinstance(value, str) else value
    except ValueError:
        return None
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.combine(found, time(), UTC) if isinstance(found, date) else None


_READ: Mapping[FieldKind, Callable[[Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.YES_NO: _yes_no,
    FieldKind.DATE: _date,
}
