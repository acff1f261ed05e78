"""The one thing without which a connector can't act. Only the gate grants it; it is checked right before the call."""

from __future__ import annotations

import time
from typing import Protocol

from offswitch.errors import Lapsed
from offswitch.failpoints import reach


class Guard(Protocol):
    """Knows whether anything changed since a batch of permits was granted. Cheap: looked at before every effect."""

    def objection(self) -> str:
        """Why nothing may start any more, or "" while all is as it was. Never raises."""
        ...


class Mark(Protocol):
    """Where a worker notes, in a file that survives its death, how far it came in a window of effects."""

    def begun(self, index: int) -> None:
        """The effect at this place of the window starts now."""
        ...

    def untouched(self, index: int) -> None:
        """It did not start after all."""
        ...


_SEAL = object()
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Seconds by a clock that nobody sets and that goes on while the machine sleeps, where it can."""
    return time.clock_gettime(_CLOCK)


class Permit:
    """Leave to perform one effect, to one recipient, with one body, for a short while.

    It lapses on any stop, file change, newer policy revision, lost lease, or after `seconds` by a clock that nobody sets.
    """

    __slots__ = ("_expires", "_guard", "_index", "_mark", "_where", "digest", "key", "recipient", "token")

    def __init__(
        self,
        key: str,
        recipient: str,
        digest: str,
        token: int,
        guard: Guard,
        mark: Mark,
        index: int,
        expires: float,
        where: str,
        seal: object,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("only the gate grants permits: use offswitch.gate.permit.grant()")
        self.key = key
        self.recipient = recipient
        self.digest = digest
        self.token = token
        self._guard = guard
        self._mark = mark
        self._index = index
        self._expires = expires
        self._where = where

    def check(self) -> None:
        """Raise Lapsed unless the effect may still happen. Called before every attempt, retries included."""
        objection = self._guard.objection()
        if objection:
            raise Lapsed(objection)
        if uptime() >= self._expires:
            raise Lapsed("the permit ran out of time")

    def begin(self) -> None:
        """The last check, and the mark that the effect starts. Call it right before the bytes that can't be undone.

        The mark comes first: a worker that is frozen between the two leaves a doubt, never a second effect.
        """
        self._mark.begun(self._index)
        try:
            self.check()
        except Lapsed:
            self._mark.untouched(self._index)
            raise
        reach("begun", self._where)

    def accepted(self) -> None:
        """The other side has it; a connector says so where it knows before it has read the reply."""
        reach("accepted", self._where)


def grant(
    key: str,
    *,
    recipient: str,
    digest: str,
    token: int,
    guard: Guard,
    mark: Mark,
    index: int = 0,
    seconds: float = 30.0,
    since: float | None = None,
    where: str = "",
) -> Permit:
    """A permit for an effect that the gate allowed and whose reservation is committed.

    It lasts `seconds` from `since` (by `uptime`), which is read before the lease was renewed: however long the worker
    slept in between, its permits end before its lease does. `where` names the action for failpoints, without the person.
    """
    began = uptime() if since is None else since
    return Permit(key, recipient, digest, token, guard, mark, index, began + seconds, where, _SEAL)
