"""One visit as people have it before them: what may be done of it, and the finished letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from offswitch.act.decide import Visit, over_at
from offswitch.act.desk import Desk
from offswitch.act.judge import Crowd, judge
from offswitch.act.reserve import key_of, write_letters
from offswitch.gate.standing import Standing
from offswitch.messages.letter import Letter
from offswitch.model.action import Action
from offswitch.model.plan import Plan
from offswitch.model.verdict import Answer, Verdict

Judged: TypeAlias = tuple[Action, Verdict]
Letters: TypeAlias = Mapping[str, Letter | str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit with the gate's answer for every action that is still to do, and its letters by send-once key."""

    desk: Desk
    standing: Standing
    visit: Visit
    judged: Sequence[Judged]
    letters: Letters

    @property
    def allowed(self) -> list[Action]:
        """What a person may do."""
        return [action for action, verdict in self.judged if not refused(verdict)]

    @property
    def impossible(self) -> bool:
        """Is there nothing in this plan that anybody may do?"""
        return isinstance(self.visit.decided, Plan) and not self.allowed


def see(desk: Desk, standing: Standing, visit: Visit, people: Crowd, now: datetime, letters: Letters | None = None) -> Seen:
    """Ask the gate, under this standing and at this time, about everything that is still to do."""
    written = write_letters(desk, [visit]) if letters is None else letters

    def verdict(action: Action) -> Verdict:
        if isinstance(visit.decided, Plan) and over_at(visit.decided, now):
            return Verdict(Answer.SKIP, "at", "its time is over")
        letter = written.get(key_of(visit, action))
        return judge(desk, standing, visit, action, people, now, letter if isinstance(letter, str) else "")

    return Seen(desk, standing, visit, [(action, verdict(action)) for action in visit.open_actions()], written)


def refused(verdict: Verdict) -> bool:
    """May this not be done at all, by whomever?"""
    return verdict.answer in (Answer.SKIP, Answer.EXIT)
