"""Whether somebody listens: what they did with a flow's messages, and how many came since they last did anything."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.events import Clicked, Opened, Replied
from offswitch.model.event import Happened, answers

BELONGS = timedelta(days=14)  # to the latest message before it, unless that is older


@dataclass(frozen=True, slots=True)
class Engagement:
    """`engaged`: so many of the flow's messages were clicked, answered or opened. `ignored`: so many came since any sign of life."""

    engaged: int = 0
    ignored: int = 0


def engagement(flow: str, sent: Sequence[tuple[datetime, str]], events: Sequence[Happened]) -> Engagement:
    """By the messages that this person was sent (when, by which flow; oldest first) and all that they did since.

    A click or a reply counts whatever the opens say; an open counts where a person opened, not where a machine did.
    """
    listening = answers()
    signs = [happened for happened in events if happened.kind in listening or _opened(happened)]
    times = [at for at, _ in sent]
    places = ((bisect_right(times, sign.at) - 1, sign.at) for sign in signs if sign.kind in _OF_MESSAGES)
    engaged = len({place for place, at in places if place >= 0 and sent[place][1] == flow and at - times[place] <= BELONGS})
    last = max((sign.at for sign in signs), default=None)
    return Engagement(engaged, sum(whose == flow and (last is None or at >= last) for at, whose in sent))


def _opened(happened: Happened) -> bool:
    return happened.kind == Opened.kind and str(happened.data.get("machine", "")).lower() in ("", "no", "false", "0")


_OF_MESSAGES = (Clicked.kind, Replied.kind, Opened.kind)
