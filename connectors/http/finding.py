"""A harmless question that was not answered, as a finding for `offswitch doctor`."""

from __future__ import annotations

from connectors.http.outcome import Answer, Rejected, Result
from offswitch.model.finding import Finding, Level

_KEY = frozenset({401, 403})


def unanswered(about: str, result: Result, todo: str) -> Finding:
    """`todo` is what helps when the provider refuses the key. Call it for everything but an Answer."""
    if isinstance(result, Answer):
        return Finding(about, Level.FINE, f"the provider answered {result.status}")
    if not isinstance(result, Rejected):
        return Finding(about, Level.UNKNOWN, result.why, "look again later")
    refused = result.answer is not None and result.answer.status in _KEY
    return Finding(about, Level.TROUBLE, result.why, todo if refused else "check the base URL and the settings of this connector")
