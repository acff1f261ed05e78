"""Named points where a drill or a test lets the process die. Nothing happens unless the environment asks for it.

`OFFSWITCH_FAILPOINT=after intent:3` kills this process with SIGKILL when it gets to that point for the third time.
"""

from __future__ import annotations

import os
import signal

POINTS = ("before claim", "after claim", "after intent", "after accept", "before record", "after record")
_wanted, _, _count = os.environ.get("OFFSWITCH_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def reach(point: str) -> None:
    """Say that this point is reached."""
    global _left  # noqa: PLW0603 - one process, one count
    if _wanted and point == _wanted:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
