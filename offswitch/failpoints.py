"""Named points where a drill or a test lets the process die. Nothing happens unless somebody asks for it.

`OFFSWITCH_FAILPOINT=after intent:3` kills this process with SIGKILL when it gets to that point for the third time;
`begun@welcome/confirm/1/send:confirm` only at that action.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POINTS = (
    "before claim",  # nobody holds anything yet
    "after claim",  # the lease is on the disk
    "before intent",  # the gate has decided, nothing is on the disk
    "after intent",  # the intent is on the disk
    "begun",  # marked as begun, before the first byte that can't be undone
    "accepted",  # the other side has it, its reply is not read
    "after accept",  # the reply is read
    "before record",  # a window is through, nothing of it is on the disk
    "in record",  # between an outcome and the entry's next step, in one transaction
    "after record",  # on the disk, before the pass is reported
    "in policy",  # a policy file has been read anew
    "in worklist",  # a person's answer, before it is on the disk
    "in snapshot",  # the list for the day without us is half written
)
Hook = Callable[[str, str], None]
_hooks: list[Hook] = []


def reach(point: str, at: str = "") -> None:
    """Say that this point is reached; `at` names the action, where there is one: flow/step/visit/action."""
    for hook in _hooks:
        hook(point, at)


@contextmanager
def watched(hook: Hook) -> Iterator[None]:
    """Within this, the hook hears of every point, and may raise."""
    _hooks.append(hook)
    try:
        yield
    finally:
        _hooks.remove(hook)


def _killer(wish: str) -> Hook:
    place, _, count = wish.partition(":") if "@" not in wish else (wish, "", "1")
    point, _, action = place.partition("@")
    left = int(count or 1)

    def hook(reached: str, at: str) -> None:
        nonlocal left
        if reached == point and (not action or at.endswith(action)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


if os.environ.get("OFFSWITCH_FAILPOINT"):
    _hooks.append(_killer(os.environ["OFFSWITCH_FAILPOINT"]))
