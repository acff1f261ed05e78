"""Checks that run beside each other, each for a bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from offswitch.errors import ConfigError
from offswitch.model.finding import Finding, Level

SECONDS = 10.0  # for each check


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `online`: it asks others than this machine and its ledger.

    `alone`: it ends before the others begin: CPython before 3.11.8 fails where two threads read Python code (gh-106905).
    """

    name: str
    look: Callable[[], Iterable[Finding]]
    online: bool = False
    alone: bool = False


@dataclass
class _Look:
    """A check under way. What it found before its time was over counts."""

    check: Check
    found: list[Finding] = field(default_factory=list)
    thread: threading.Thread | None = None

    def start(self) -> threading.Thread:
        # a thread that hangs in a look-up must not keep the command alive
        self.thread = threading.Thread(target=self._run, daemon=True, name=self.check.name)
        self.thread.start()
        return self.thread

    def _run(self) -> None:
        name = self.check.name
        try:
            self.found.extend(self.check.look())
        except ConfigError as error:
            self.found += [Finding(one.path or name, Level.TROUBLE, one.what, one.fix) for one in error.problems]
        except Exception as error:  # noqa: BLE001 - a check that fails is a finding; its words may name a person
            self.found.append(Finding(name, Level.UNKNOWN, f"this could not be looked at: {type(error).__name__}", "look at it by hand"))

    def end(self, at: float) -> tuple[str, list[Finding]]:
        assert self.thread is not None
        self.thread.join(max(at - time.monotonic(), 0.0))
        late = [Finding(self.check.name, Level.UNKNOWN, "no answer in time", "look again later")] if self.thread.is_alive() else []
        return self.check.name, [*self.found, *late]


def look_at(checks: Sequence[Check], seconds: float = SECONDS) -> list[tuple[str, list[Finding]]]:
    """What each check found, in their order. Never raises."""
    looks = [_Look(check) for check in checks]
    for look in (one for one in looks if one.check.alone):
        look.start().join(seconds)
    for look in (one for one in looks if not one.check.alone):
        look.start()
    end = time.monotonic() + seconds
    return [look.end(end) for look in looks]
