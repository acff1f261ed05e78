"""What can go wrong, classed by what the caller must do.

OffswitchError
├── ConfigError        something a person wrote is wrong: show it, change nothing
├── Refused            a command that may not be carried out now: say why, exit 1
├── Lapsed             a permit is no longer good: nothing was done, plan again
└── ConnectorError     the other side
    ├── Retryable      surely not done; may be tried again
    ├── Permanent      surely not done, and never will be
    └── Ambiguous      may have been done: look it up or ask a person, never repeat blindly
"""

from __future__ import annotations

from dataclasses import dataclass


class OffswitchError(Exception):
    """Anything that Offswitch raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. Lines and columns count from 1; 0 means the whole file."""

    path: str
    line: int
    column: int
    what: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.what}" + (f" ({self.fix})" if self.fix else "")


class ConfigError(OffswitchError):
    """A file that people write can't be used; `problems` names every place."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Refused(OffswitchError):
    """A command that may not be carried out now; the message says why and what to do."""


class Lapsed(OffswitchError):
    """The permit ended before the first byte left: a stop, a change, a lost lease or its time."""


class ConnectorError(OffswitchError):
    """The other side did not do what was asked."""


class Retryable(ConnectorError):
    """Surely not done; may be tried again, not before `retry_after` seconds where given."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(ConnectorError):
    """Surely not done and never will be. `fault` is "contact" (this address) or "system" (us, for everybody)."""

    def __init__(self, message: str, fault: str = "contact") -> None:
        super().__init__(message)
        self.fault = fault


class Ambiguous(ConnectorError):
    """May have been done: the answer was lost after the request left."""
