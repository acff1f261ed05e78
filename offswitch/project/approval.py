"""Whether the approval on file still reaches, as a standing says it: changed, too old, outgrown, or one person's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from offswitch.gate.readiness import WARNING
from offswitch.ledger.base import Book
from offswitch.ledger.stops import Period
from offswitch.policy.approvals import Approval
from offswitch.policy.effective import launch_of
from offswitch.policy.launch import Launch
from offswitch.policy.values import Cap, written
from offswitch.project.files import Said

CAUSE = "approval"  # of the off period that a missing approval opens
SECOND = 2
_FRESH = timedelta(minutes=1)  # who has entered is counted no more often
_SKEW = timedelta(days=1)  # in the far east it is tomorrow already


@dataclass(frozen=True, slots=True)
class Reach:
    """`unapproved`: why the machine may not act. `long`: for so long that people take over; at once where nobody ever said yes.

    `mass`: what one yes is good for, None where two have said it. `ending`: that it runs out within a week.
    """

    unapproved: str
    long: bool = False
    mass: Cap | None = None
    ending: str = ""


class ApprovalLook:
    """Weighs the approval of one flow, and counts who has entered since only where a policy asks for it."""

    def __init__(self, flow: str) -> None:
        self._flow = flow
        self._counted: tuple[datetime, datetime, int] | None = None

    def weigh(self, book: Book, said: Said, off: Sequence[Period], now: datetime) -> Reach:
        """How far it reaches now; `off` are the flow's off periods."""
        if said.policy is None or said.company is None:
            return Reach(said.unapproved)
        launch, approval = launch_of(said.policy, said.company), said.approval
        if approval is None:
            return Reach(said.unapproved, long=True, mass=launch.mass)
        unapproved, since = said.unapproved, said.changed
        if not unapproved:
            unapproved, since = ahead_of_time(self._flow, approval, now), _noticed(off, now)
        if not unapproved:
            unapproved, since = too_old(self._flow, approval, launch, now), approval.at + launch.lasts
        if not unapproved:
            unapproved, since = self._outgrown(book, approval, launch, now), _noticed(off, now)
        if unapproved:
            limit = said.policy.unapproved_after or said.company.unapproved_after
            return Reach(unapproved, long=now - since > limit, mass=launch.mass)
        alone = len(approval.approvers) < SECOND
        return Reach("", mass=launch.mass if alone else None, ending=ending(self._flow, approval, launch, now))

    def _outgrown(self, book: Book, approval: Approval, launch: Launch, now: datetime) -> str:
        most = launch.growth.most(approval.audience)
        if most is None or not approval.audience:  # a plan that showed nobody says nothing about how many to expect
            return ""
        if self._counted is None or self._counted[0] != approval.at or not timedelta(0) <= now - self._counted[1] < _FRESH:
            self._counted = (approval.at, now, book.entries.entered_since(self._flow, approval.at))
        entered = self._counted[2]
        if entered <= most:
            return ""
        return f"approved for {approval.audience:,} people, and {entered:,} have entered since: {_again(self._flow)}"


def beside(ready: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    """What a standing says of readiness, and of the approval besides."""
    ends = filter(None, (ready.get("expiring", ""), reach.ending))
    remarks = (*ready.get("remarks", ()), *filter(None, (reach.ending,)))
    found = {"unapproved": reach.unapproved, "unapproved_long": reach.long, "mass": reach.mass}
    return {**ready, **found, "remarks": remarks, "expiring": "; ".join(ends)}


def _noticed(off: Sequence[Period], now: datetime) -> datetime:
    """When a run first saw that the approval was missing."""
    return min((period.opened for period in off if period.cause == CAUSE and period.closed is None), default=now)


def ahead_of_time(flow: str, approval: Approval, now: datetime) -> str:
    """That the approval is of a day that has not come, which would make it last as long as anybody likes, or ""."""
    if approval.at <= now + _SKEW:
        return ""
    return f"approved on {approval.at:%Y-%m-%d}, a day that has not come: {_again(flow)}"


def too_old(flow: str, approval: Approval, launch: Launch, now: datetime) -> str:
    """That the approval has run out, or ""."""
    if now < approval.at + launch.lasts:
        return ""
    return f"approved on {approval.at:%Y-%m-%d} for {written(launch.lasts)}: {_again(flow)}"


def ending(flow: str, approval: Approval, launch: Launch, now: datetime) -> str:
    """That it runs out within a week, or ""."""
    end = approval.at + launch.lasts
    return f"the approval ends on {end:%Y-%m-%d}: {_again(flow)}" if now >= end - WARNING else ""


def _again(flow: str) -> str:
    return f"read the plan again, `offswitch plan {flow}`"
