"""What a form or a file brought, after it was read: taken, or turned away with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class Consent(NamedTuple):
    """What a person agreed to, in the words they saw."""

    purpose: str
    channel: str
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One form or row, cleaned. `email` is as the person wrote it; `canonical_email` makes the key of it.

    `contact` holds what is known of name, language, country, zone and phone, and other fields. `digest` names the
    content as it came: the same id with another digest is another submission in disguise. `warnings` are for people.
    `dated`: it said itself when it happened; else `at` is when it was read.
    """

    id: str
    kind: str
    at: datetime
    source: str
    email: str
    contact: Mapping[str, Any]
    consent: tuple[Consent, ...]
    data: Mapping[str, Any]
    digest: str
    warnings: tuple[str, ...] = ()
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Reject:
    """One form or row that can't be taken: where it stood, why, and what it was, so that a person can mend it."""

    where: str
    reason: str
    row: Mapping[str, Any]
