"""What is asked of a provider, and what may be done when the answer is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlencode

import httpx


class Again(StrEnum):
    """May the same request go out twice? `read`: it changes nothing. `safe`: twice is once, by upsert or the provider's key."""

    NEVER = "never"
    SAFE = "safe"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes and what they are."""

    content: bytes = field(default=b"", repr=False)
    type: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` begins with "/" and is added to the base URL, or is a whole URL of the same host (the next page).

    `expects`: "json" (a 204 has none), "nothing", or "bytes" as they come; what is expected and not there is no answer.
    `theirs`: statuses that speak about this contact and not about us. `cost`: how many calls it counts as in the limit.
    """

    method: str
    path: str = field(repr=False)
    body: Body = Body()
    again: Again = Again.NEVER
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    expects: Literal["json", "nothing", "bytes"] = "json"
    theirs: frozenset[int] = frozenset({400, 422})
    cost: float = 1.0


def as_json(value: Any) -> Body:
    """A JSON body. Raises TypeError or ValueError for what JSON can't say."""
    return Body(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(), "application/json")


def as_form(fields: Mapping[str, str]) -> Body:
    """The body of a web form."""
    return Body(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def as_multipart(fields: Mapping[str, str], files: Mapping[str, Body]) -> Body:
    """The body of a web form with files (RFC 7578). Each file bears the name of its field. Raises ValueError for lone surrogates."""
    parts = {name: (name, file.content, file.type) for name, file in files.items()}
    made = httpx.Request("POST", "https://form.example", data=dict(fields), files=parts)  # for its encoder alone; it goes nowhere
    return Body(made.read(), made.headers["content-type"])
