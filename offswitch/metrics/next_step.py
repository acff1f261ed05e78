"""What the next step of a rollout still waits for, each condition with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.gate.standing import Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.metrics.capacity import by_hand
from offswitch.metrics.conversion import conversion
from offswitch.metrics.guardrails import Finding, Watched, watched
from offswitch.policy.overrides import Lifts
from offswitch.policy.schema import Effective, Outside, Rollout
from offswitch.policy.values import written


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that the next step waits for, unless it is `met`; `text` has the number either way."""

    name: str
    met: bool
    text: str


def conditions(book: Book, journey: Journey, standing: Standing, now: datetime, turn: str) -> Iterator[Condition]:
    """All of them, the cheap ones first: whoever needs only an answer stops at the first that is not met.

    `turn` says which flows this one waits for, or "". Nothing at all on the last step, or without a policy.
    """
    flow, policy = journey.name, standing.policy
    if policy is None:
        return
    at = book.history.rung(flow)
    if at >= len(policy.rollout.steps) - 1:
        return
    yield _by_itself(policy)
    halt = standing.halt.reason if standing.halt else ""
    yield Condition("on", not halt, halt or "on, and approved")
    yield Condition("readiness", not standing.pilot, f"a pilot only: see `offswitch readiness {flow}`" if standing.pilot else "ready")
    yield Condition("turn", not turn, turn or "no other flow has to come first")
    began = book.history.rung_since(flow) or book.history.first_run(flow) or now
    lifted = next((str(one) for one in standing.lifted if one.what is Lifts.HOLD), "")
    yield lasted(policy.rollout, now - began, lifted)
    seen = watched(book, flow, policy, now)
    yield from old_enough(policy.rollout, seen, lifted)
    for guard in seen.guards:
        yield Condition(guard.metric.value, guard.finding is Finding.SAFE, str(guard))
    day = by_hand(book, journey, policy, now, at + 1)
    minutes = f"{day.minutes} minutes of work a day by hand at the next step"
    yield Condition("capacity", not day.too_much, minutes + (f"; people can take over {day.capacity}" if day.capacity is not None else ""))
    if policy.rollout.outside is Outside.WORKLIST and journey.goal is not None:
        lanes = conversion(book, journey)
        yield Condition("conversion", not lanes.worse, f"{lanes}" + (", significantly worse" if lanes.worse else ""))


def _by_itself(policy: Effective) -> Condition:
    if not policy.guardrails:
        return Condition("by itself", False, "no guardrails are written: only a person can step up")
    by_itself = policy.rollout.by_itself
    return Condition("by itself", by_itself, "by itself" if by_itself else "the policy says `by_itself: no`: only a person can step up")


def lasted(rollout: Rollout, age: timedelta, lifted: str = "") -> Condition:
    """Has this step lasted for long enough? `lifted`: by whom that is not asked for."""
    return Condition("hold", bool(lifted) or age >= rollout.hold, lifted or f"on this step for {_age(age)} of {written(rollout.hold)}")


def old_enough(rollout: Rollout, seen: Watched, lifted: str = "") -> Iterator[Condition]:
    """Are enough of this step's messages old enough? The share may be lifted; the number is what the guardrails need, and stays."""
    old = f"older than {written(rollout.matures_after)}"
    share = seen.matured * 1_000_000 >= seen.on_step * rollout.matured.ppm and seen.on_step > 0
    told = f"{seen.matured:,} of {seen.on_step:,} sends {old}; it takes {rollout.matured}"
    yield Condition("matured", bool(lifted) or share, lifted or told)
    yield Condition("number", seen.matured >= seen.needed, f"{seen.matured:,} sends {old}; it takes {seen.needed:,}")


def _age(length: timedelta) -> str:
    hours = int(length / timedelta(hours=1))
    return f"{hours}h" if hours < 96 else f"{hours // 24}d"
