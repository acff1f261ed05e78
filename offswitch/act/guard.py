"""The machine's own brake and throttle: too much harm stops the flow, and a step without harm lets the rollout go up by one."""

from __future__ import annotations

from dataclasses import dataclass

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.gate.standing import GUARDRAIL, Standing
from offswitch.ledger.base import Book
from offswitch.metrics.guardrails import KINDS, watched
from offswitch.metrics.next_step import conditions
from offswitch.model.effect import MACHINE
from offswitch.policy.schema import OnBreach


@dataclass(slots=True)
class Guard:
    """What this pass has looked at already: without new evidence there is nothing to decide anew, as sends alone never harm."""

    newest: int = 0
    harmful: int = -1
    refused: int = -1

    def look(self, desk: Desk, report: Report) -> None:
        """Stop the flow if it does too much harm. Before every batch, before anything else."""
        with desk.ledger.read() as book:
            standing = desk.switchboard.look(book)
            if not _watches(standing):
                return
            newest, harmful, refused = book.evidence.mark(KINDS.values(), self.newest)
        if (harmful or self.harmful, refused) != (self.harmful, self.refused):
            brake(desk, report)
        self.newest, self.harmful, self.refused = newest, harmful or max(self.harmful, 0), refused


def brake(desk: Desk, report: Report) -> None:
    """The automatic stop, if a ceiling is broken: a row that no edit and no deployment clears."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.write() as book:
        standing = desk.switchboard.look(book)
        policy = standing.policy
        if policy is None or not _watches(standing):
            return
        breaches = watched(book, flow, policy, now).breaches
        if not breaches:
            return
        harm = "; ".join(map(str, breaches))
        book.audit.say(MACHINE, f"{policy.on_breach} by a guardrail: {harm}", flow)
        if policy.on_breach is OnBreach.STEP_BACK:
            _step_back(book, flow, len(policy.rollout.steps), harm, desk)
        reason = f"{harm}; a named approver ends it: `offswitch rollout {flow} --release`"
        book.stops.add("flow", flow, reason=reason, by=GUARDRAIL, at=now, automatic=True)
    report.notice(f"guardrail {flow}", f"{flow} was stopped: {reason}")


def _step_back(book: Book, flow: str, steps: int, harm: str, desk: Desk) -> None:
    at = min(book.history.rung(flow), steps - 1)
    if at > 0:
        book.history.set_rung(flow, at - 1, by=MACHINE, why=harm, at=desk.clock.now())


def step_up(desk: Desk, report: Report) -> None:
    """One rung up if nothing speaks against it; at most one in a pass, as each rung has a hold of its own."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
        if standing.policy is None or not standing.policy.grows_by_itself or not _all_met(desk, book, standing):
            return
    with desk.ledger.write() as book:
        standing = desk.switchboard.look(book)
        found = list(conditions(book, desk.journey, standing, now, desk.switchboard.turn(book)))
        if standing.policy is None or not found or not all(one.met for one in found):
            return
        rung = book.history.rung(flow) + 1
        step, why = standing.policy.rollout.steps[rung], "; ".join(one.text for one in found)
        book.audit.say(MACHINE, f"rollout to step {rung + 1}, {step}: {why}", flow)
        book.history.set_rung(flow, rung, by=MACHINE, why=why, at=now)
    report.add("rollout", f"step {rung + 1}: {step}")
    report.notice(f"rollout {flow}", f"{flow} goes up by itself to step {rung + 1}, {step}: {why}")


def _all_met(desk: Desk, book: Book, standing: Standing) -> bool:
    found = conditions(book, desk.journey, standing, desk.clock.now(), desk.switchboard.turn(book))
    first = next(found, None)
    return first is not None and first.met and all(one.met for one in found)


def _watches(standing: Standing) -> bool:
    """Are there guardrails, and have they not stopped it already?"""
    return standing.policy is not None and bool(standing.policy.guardrails) and all(stop.source != GUARDRAIL for stop in standing.stops)
