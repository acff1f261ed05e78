"""From an entry and its facts to a decision: calls the step, and turns what it doesn't know into a question."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from offswitch.journey.journey import Journey
from offswitch.journey.pin import plan_from_json
from offswitch.model.action import Action
from offswitch.model.effect import SETTLED, Effect
from offswitch.model.entry import Entry
from offswitch.model.facts import Facts, Unknown
from offswitch.model.plan import Decision, Finish, HandOver, Plan
from offswitch.policy.fact_rules import FactRules, Told
from offswitch.policy.facts import Person

MOST_VISITS = 100  # `check` demands a bound on every cycle; this one holds when nobody checked


@dataclass(frozen=True, slots=True)
class Triage:
    """The step could not decide; a person has to find out. `removed`: it is not in the flow any more."""

    reason: str
    removed: bool = False


Decided: TypeAlias = Decision | Triage


@dataclass(slots=True)
class Visit:
    """One entry at its step, with what it knows, what it decided and what was done about it so far."""

    entry: Entry
    facts: Facts
    decided: Decided
    done: dict[str, Effect] = field(default_factory=dict)
    _told: tuple[FactRules, Told] | None = None

    def told(self, rules: FactRules) -> Told:
        """What these rules say of this person now, worked out once for each visit and policy."""
        if self._told is None or self._told[0] is not rules:
            facts, entry = self.facts, self.entry
            person = Person(facts.contact, facts.now, facts.events, facts.known, entry.step, entry.visit, facts.engagement)
            self._told = rules, rules.tell(person)
        return self._told[1]

    def open_actions(self) -> list[Action]:
        """What is still to do, in order."""
        if not isinstance(self.decided, Plan):
            return []
        return [action for action in self.decided.actions if not self._settled(action)]

    def _settled(self, action: Action) -> bool:
        effect = self.done.get(action.name)
        return effect is not None and effect.state in SETTLED


def visit_of(journey: Journey, entry: Entry, facts: Facts, effects: list[Effect]) -> Visit:
    """Decide afresh, unless an effect of this visit has pinned the plan: what has begun ends as it began, its step gone or not."""
    done = {effect.action: effect for effect in effects if effect.step == entry.step and effect.visit == entry.visit}
    pinned = next((effect.plan for effect in done.values() if effect.plan), None)
    decided: Decided
    if pinned:
        decided = plan_from_json(journey, pinned)
    elif entry.step not in journey.steps:
        decided = Triage(f"the step {entry.step!r} is not in the flow any more", removed=True)
    else:
        decided = decide(journey, entry, facts)
    return Visit(entry, facts, decided, done)


def decide(journey: Journey, entry: Entry, facts: Facts) -> Decided:
    """Call the step. A fault in it concerns this entry alone: it becomes a person's question, never a lost contact."""
    if entry.visit > MOST_VISITS:
        return Triage(f"came to {entry.step!r} {entry.visit} times: a loop without an end")
    try:
        decision: object = journey.steps[entry.step](facts)
    except Unknown as unknown:
        return Triage(f"not known: {unknown.what}")
    except Exception as error:  # noqa: BLE001 - whatever an author's step raises must not touch anybody else
        return Triage(f"the step failed: {type(error).__name__} at {where(error)}")
    if isinstance(decision, Plan | HandOver | Finish):
        return decision
    return Triage(f"the step returned {type(decision).__name__}, not a decision")


def over_at(plan: Plan, now: datetime) -> bool:
    """Is the plan's own time past, so that its actions are not wanted any more?"""
    return plan.at is not None and plan.at < now and plan.if_past == "skip"


def where(error: Exception) -> str:
    """The file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
