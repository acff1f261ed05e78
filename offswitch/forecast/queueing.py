"""Whoever waits for room in a rate need not be asked before there can be any: the n-th in line needs n messages to leave the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.act.judge import Crowd
from offswitch.act.moves import put_off
from offswitch.gate.case import Begun
from offswitch.gate.rules.mass import MASS
from offswitch.ledger.columns import micros, moment
from offswitch.model.entry import Entry
from offswitch.model.verdict import Answer, Verdict
from offswitch.policy.schema import Effective

RATE = "rate"
MOMENT = timedelta(microseconds=1)  # who waited for a second approver was asked before whoever is due only now


@dataclass(slots=True)
class Line:
    """One pass: everybody who is put off by a rate, in the order in which they asked. Live passes ask all of them each time."""

    flow: str
    policy: Effective
    now: datetime
    _places: Counter[str] = field(default_factory=Counter)

    def wait(self, before: Entry, after: Entry, people: Crowd, sends: Mapping[str, Sequence[int]]) -> Entry:
        """The entry put off until its turn can come at the earliest; never beyond the time after which the gate leaves it out.

        `sends` is when the machine sent, by flow and in all.
        """
        begun = people.mass if after.rule == MASS else max(people.begun, key=lambda one: one.room)
        if begun is None:
            return after
        whose = "" if begun.limit is self.policy.pace.company_rate else self.flow
        until = max(after.due, self._turn(begun, sends[whose], self._places[after.rule]))
        self._places[after.rule] += 1
        if after.rule == RATE:
            until = max(after.due, min(until, self.now + self.policy.max_defer - (before.put_off - before.ramp)))
        else:
            until -= MOMENT
        return put_off(before, Verdict(Answer.DEFER, after.rule, after.reason, until), self.now)

    def _turn(self, begun: Begun, sends: Sequence[int], place: int) -> datetime:
        """When as many have left the window as stand before it, and one more. In each window after that as many go as the limit says."""
        windows, place = divmod(place, begun.limit.count)
        leaves = sends[len(sends) - begun.limit.count + place] if len(sends) >= begun.limit.count else micros(self.now)
        return moment(leaves) + begun.limit.window * (windows + 1)
