"""How a call over HTTP ended, as values that say exactly what is certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from offswitch.model.receipt import Outcome, Receipt


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said. `headers` by lower-case name; `json` is the body as read, None when it is empty or bytes were asked for.

    Only the status is shown: the rest names people.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    json: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not done, and may be tried again. `lapsed`: the permit ended before the first byte. `answer` as in Rejected."""

    why: str
    lapsed: bool = False
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """Surely not done; not to be tried again before `until`: the provider's wish, our own pace, or a breaker that holds.

    `answer` as in Rejected: some providers write there which of their limits is used up.
    """

    why: str
    until: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Surely not done. `permanent`: the same request will be refused again. `fault`: "contact", or "system" for everybody.

    `answer` is what the provider said, for a connector that knows its error codes; None when we refused it ourselves.
    """

    why: str
    permanent: bool = True
    fault: Literal["contact", "system"] = "system"
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """May have been done: look it up or ask a person, never repeat it blindly, and nothing at all before `until`."""

    why: str
    until: datetime | None = None


Result = Answer | NotSent | Busy | Rejected | Unknown


def receipt(key: str, result: Result, reference: str = "") -> Receipt:
    """The receipt of one effect, where one call is one effect. A batch makes its own from the parts of the answer."""
    match result:
        case Answer(status):
            return Receipt(key, Outcome.PERFORMED, f"the provider answered {status}", reference)
        case NotSent(why, lapsed):
            return Receipt(key, Outcome.LAPSED if lapsed else Outcome.RETRY, why, reference)
        case Busy(why, until):
            return Receipt(key, Outcome.RETRY, why, reference, retry_at=until)
        case Rejected(why, permanent, fault):
            ours = Outcome.BROKEN if fault == "system" else Outcome.REJECTED
            return Receipt(key, ours if permanent else Outcome.RETRY, why, reference)
        case Unknown(why, until):
            return Receipt(key, Outcome.UNKNOWN, why, reference, retry_at=until)
