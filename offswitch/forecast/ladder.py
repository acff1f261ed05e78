"""When the rollout could go a step up, if no harm were seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from offswitch.forecast.flow_ahead import FlowAhead
from offswitch.metrics.capacity import DAY, share_of
from offswitch.metrics.guardrails import Watched, ripened
from offswitch.metrics.next_step import lasted, old_enough
from offswitch.model.capacity import ByHand
from offswitch.policy.overrides import Lifts
from offswitch.policy.schema import Outside


@dataclass(slots=True)
class Ladder:
    """The conditions of `offswitch rollout FLOW`, asked of a flow in virtual time. `base`: a day by hand as it is at the start.

    `came` is when each step was reached, by its number; `waits` the condition that the next one waits for, as it was last looked
    at, and its words.
    """

    flow: FlowAhead
    began: datetime
    base: ByHand
    came: dict[int, datetime]
    waits: tuple[str, str] = ("", "")

    def climb(self, now: datetime) -> bool:
        """One step up, if nothing speaks against it. Guardrails see no harm here, and machine and people convert alike."""
        flow = self.flow
        if flow.rung >= len(flow.policy.rollout.steps) - 1:
            return False
        self.waits = self._lacks(now)
        if self.waits[0]:
            return False
        flow.rung, flow.rung_since, self.began = flow.rung + 1, now, now
        self.came[flow.rung] = now
        return True

    def _lacks(self, now: datetime) -> tuple[str, str]:
        flow, rollout = self.flow, self.flow.policy.rollout
        if not flow.policy.grows_by_itself:
            return "person", "only a person steps up"
        if flow.standing.pilot:
            return "pilot", "a pilot only: readiness"
        if flow.turn:
            return "turn", flow.turn
        lifted = next((str(one) for one in flow.standing.lifted if one.what is Lifts.HOLD), "")
        on_step, matured, needed = ripened(flow.sends, flow.rung_since, rollout, flow.rung, now)
        seen = Watched((), None, on_step, matured, needed)
        found = (lasted(rollout, now - self.began, lifted), *old_enough(rollout, seen, lifted))
        lack = next(((one.name, one.text) for one in found if not one.met), None)
        return lack or self._too_much(now)

    def _too_much(self, now: datetime) -> tuple[str, str]:
        """People could not take the next step's work over."""
        if self.base.capacity is None:
            return "", ""
        flow, rollout = self.flow, self.flow.policy.rollout
        share = 1.0 if rollout.outside is Outside.WORKLIST else share_of(rollout.steps[flow.rung + 1], self.base.inflow, flow.inside)
        day = replace(self.base, pending=flow.pending(now + DAY), share=share)
        words = f"{day.minutes:,} minutes of work a day by hand; people can take over {day.capacity}"
        return ("capacity", words) if day.too_much else ("", "")
