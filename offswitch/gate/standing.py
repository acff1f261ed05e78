"""Where one flow stands with its switches, policy and approval at one instant: what every rule looks at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.gate.idle import idle
from offswitch.gate.lifted import Lifted
from offswitch.gate.review import NextReview
from offswitch.gate.rival import Rival
from offswitch.model.verdict import Answer, Verdict, Work
from offswitch.policy.fact_rules import FactRules
from offswitch.policy.schema import Cap, Course, Effective, OnBreach, WhenOff

WAITS = "waiting for people"  # the source of the stop that is left when all others have gone and much is due
MODE = "mode"  # the scope of a stop that is the whole company's course, a freeze or a crisis
AGAIN = timedelta(hours=1)  # what waits for somebody else, not for a time, is looked at again this often
GUARDRAIL = "guardrail"  # the source of the automatic stop that too much harm causes; it is held or handed over as `on_breach` says
DRY_RUN = "a dry run"  # the reason of the stop that `switch: dry-run` is
RETIRING = "retirement"  # the source of the stop that ends everybody's journey: nothing moves until then
RESTORED = "restored ledger"  # the source of the stop that a lost past is: nobody knows what has been done already


@dataclass(frozen=True, slots=True)
class Stop:
    """One source that says no. `scope` is company, flow, channel, connector or step; `name` which one.

    Who said so, and when, is known of a stop in the ledger; one with an `until` ends by itself.
    """

    scope: str
    name: str
    source: str
    reason: str = ""
    automatic: bool = False
    by: str = ""
    at: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        what = {"company": "everything is off", MODE: f"the company is in {self.name}"}.get(self.scope, f"{self.scope} {self.name} is off")
        end = f" until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else ""
        return f"{what} ({self.source}){end}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Standing:
    """Immutable; a new one is made when a file, a stop row or an approval changes.

    `policy` is the one in force, or the last valid one while the file is broken (`trouble` says how), or None when
    there never was a valid one. `unapproved` says why the machine may not act, and `unapproved_long` whether that has
    lasted so long that people take over. `revision` names the policy for the ledger. `unreleased`: an off period is over,
    and what waited for its end has not been let go yet. `lost_until`: what came before may have been taken in already, in a
    time that the ledger has lost. `unready` says why the flow is not ready to go live; `pilot`: only a few may enter;
    `remarks` is what every report says of its readiness, `expiring` what of it runs out within a week. `rivals`: other
    flows that may want the same person, where policies say who goes first. `unreviewed`: nobody has looked at the flow in
    time; `reminder`: somebody has to look soon. `lifted`: rules that two people have lifted for a few days; `policy` is
    without them already. `mass`: what one person's approval is good for,
    None where two have given it.
    """

    flow: str
    policy: Effective | None
    stops: tuple[Stop, ...] = ()
    trouble: str = ""
    trouble_settled: bool = False
    unapproved: str = ""
    unapproved_long: bool = False
    revision: str = ""
    unreleased: bool = False
    lost_until: datetime | None = None
    unready: str = ""
    pilot: bool = False
    remarks: tuple[str, ...] = ()
    expiring: str = ""
    rivals: tuple[Rival, ...] = ()
    review: NextReview | None = None
    unreviewed: str = ""
    reminder: str = ""
    lifted: tuple[Lifted, ...] = ()
    mass: Cap | None = None
    halt: Verdict | None = field(init=False, compare=False)
    steps: Mapping[str, Verdict] = field(init=False, compare=False)
    channels: Mapping[str, Verdict] = field(init=False, compare=False)
    connectors: Mapping[str, Verdict] = field(init=False, compare=False)
    idle: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        def chosen(scope: str) -> dict[str, Verdict]:
            return {stop.name: self._off(stop) for stop in self.stops if stop.scope == scope}

        object.__setattr__(self, "halt", self._halt())
        object.__setattr__(self, "steps", chosen("step"))
        object.__setattr__(self, "channels", chosen("channel"))
        object.__setattr__(self, "connectors", chosen("connector"))
        nothing_stops = {"stop"} if self.halt is None and not self.stops else ()
        by_two = {"mass"} if self.mass is None else ()
        object.__setattr__(self, "idle", idle(self.policy).union(nothing_stops, by_two))

    @property
    def counts(self) -> bool:
        """Does the machine count what it begins?"""
        return self.policy is not None and (self.policy.pace.limited or self.mass is not None)

    @property
    def facts(self) -> FactRules:
        """What the policy asks about people."""
        return self.policy.facts if self.policy is not None else FactRules()

    @property
    def off(self) -> Stop | None:
        """The stop that ends the whole flow, if there is one."""
        return next((stop for stop in self.stops if stop.scope in ("company", "flow")), None)

    def course(self, purpose: str, now: datetime) -> Verdict | None:
        """What a freeze or a crisis of the whole company says of a message or write of this purpose."""
        stop = next((stop for stop in self.stops if stop.scope == MODE), None)
        if stop is None or (self.policy is not None and purpose in self.policy.keep):
            return None
        if stop.name == Course.CRISIS:
            return Verdict(Answer.DEFER, "mode", str(stop), now + AGAIN)
        return self._off(stop)

    @property
    def retiring(self) -> Stop | None:
        """The stop that a retirement is, if the flow is being retired or has been."""
        return next((stop for stop in self.stops if stop.source == RETIRING), None)

    @property
    def restored(self) -> Stop | None:
        """The stop that a restored ledger is: what waits may have been done already, so it is nobody's work yet."""
        return next((stop for stop in self.stops if stop.source == RESTORED), None)

    @property
    def resuming(self) -> bool:
        """Nothing stops the flow any more, but first somebody lets go what waited: until then nobody begins anything."""
        return self.unreleased and self.halt is None

    @property
    def still(self) -> bool:
        """Does nothing move at all, not even what has no effect outside?"""
        return self.resuming or self.retiring is not None or self.restored is not None

    @property
    def causes(self) -> dict[str, str]:
        """Everything that keeps the machine from a part of this flow or all of it, by name, with its reason."""
        found = {
            stop.source if stop.source in (RETIRING, RESTORED) else f"{stop.scope} {stop.name}".strip(): str(stop)
            for stop in self.stops
            if stop.source != WAITS
        }
        others = {"policy": self.trouble, "approval": self.unapproved, "readiness": self.unready, "review": self.unreviewed}
        return found | {name: reason for name, reason in others.items() if reason}

    @property
    def objections(self) -> tuple[str, ...]:
        """What keeps the machine from all of this flow, besides the stops."""
        return tuple(filter(None, (self.trouble, self.unapproved, self.unready, self.unreviewed)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What every report says, besides what stops the flow."""
        return (*self.remarks, *map(str, self.lifted), *([str(self.review)] if self.review else []))

    def when_off(self, step: str = "") -> WhenOff:
        """What happens to due work while this step is off."""
        if self.policy is None:
            return WhenOff.HOLD
        return self.policy.step_when_off.get(step, self.policy.when_off)

    def _off(self, stop: Stop) -> Verdict:
        step = stop.name if stop.scope == "step" else ""
        if stop.source == GUARDRAIL and self.policy is not None and self.policy.on_breach is not OnBreach.STOP:
            return Verdict(Answer.HOLD, "stop", str(stop))
        if self.when_off(step) is WhenOff.HAND_OVER:
            return Verdict(Answer.HAND_OVER, "stop", str(stop), work=Work.BY_HAND)
        return Verdict(Answer.HOLD, "stop", str(stop))

    def _halt(self) -> Verdict | None:
        if self.restored is not None:
            return Verdict(Answer.HOLD, "restored", str(self.restored))
        if self.policy is None:
            return Verdict(Answer.HOLD, "policy", self.trouble or "there is no policy for this flow")
        if self.retiring is not None:
            return Verdict(Answer.HOLD, "retired", str(self.retiring))
        if self.trouble:
            stop = Stop("flow", self.flow, "invalid policy file", self.trouble)
            return self._off(stop) if self.trouble_settled else Verdict(Answer.HOLD, "policy", self.trouble)
        if (stop_now := self.off) is not None:
            return self._off(stop_now)
        if self.unapproved:
            if self.unapproved_long and self.policy.when_off is WhenOff.HAND_OVER:
                return Verdict(Answer.HAND_OVER, "approval", self.unapproved, work=Work.BY_HAND)
            return Verdict(Answer.HOLD, "approval", self.unapproved)
        if self.unready:
            return self._not_now("readiness", self.unready)
        return self._not_now("review", self.unreviewed) if self.unreviewed else None

    def _not_now(self, rule: str, reason: str) -> Verdict:
        """Due work goes where it goes when the flow is off."""
        if self.when_off() is WhenOff.HAND_OVER:
            return Verdict(Answer.HAND_OVER, rule, reason, work=Work.BY_HAND)
        return Verdict(Answer.HOLD, rule, reason)
