"""What a webhook brought, before anybody believed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from offswitch.model.submission import Reject, Submission


@dataclass(frozen=True, slots=True)
class Post:
    """One request: header names in small letters, the body byte for byte, the query as it stood in the address."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Believed:
    """Who sent it is proven. `id` is the same when the sender tries again; `done` says that there is nothing to read in it."""

    id: str
    done: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """The events of one post, each by itself, in order. `ignored`: how many were of kinds that nobody asked for."""

    found: Sequence[Submission | Reject]
    ignored: int = 0
