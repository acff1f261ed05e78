"""`offswitch rollout`: where a flow stands on its ladder, and a named person's step up or down."""

from __future__ import annotations

from dataclasses import asdict
from textwrap import wrap
from typing import Any

import click

from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import ConfigError, Refused
from offswitch.gate.lifted import without
from offswitch.gate.standing import GUARDRAIL
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.metrics.capacity import by_hand
from offswitch.metrics.next_step import Condition, conditions
from offswitch.model.capacity import ByHand
from offswitch.policy.load import load_flow
from offswitch.policy.schema import Effective, Role, effective
from offswitch.project.project import Project

_HANGING: dict[str, Any] = {"initial_indent": "      ", "subsequent_indent": "          ", "break_on_hyphens": False}


@click.command("rollout")
@click.argument("flow")
@click.option("--to", type=click.IntRange(1), metavar="N", help="The step to go to, counted from 1.")
@click.option("--release", is_flag=True, help="End the stop of a guardrail; a new test begins.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--why", default="", help="The reason; needed to go up and to release.")
@json_option
def command(flow: str, to: int | None, release: bool, by: str | None, why: str, as_json: bool) -> None:
    """Show the ladder and what the next step waits for, or step to another rung.

    Going down never cuts off those inside, and needs no reason. Going up takes an
    approver, a reason, and one rung at a time; and no more work than people could
    take over in a day if the flow were off (capacity in the policy). --release
    takes an approver and a reason too: it ends the stop of a guardrail.
    """
    project = Project()
    journey, company = project.flows.get(flow), project.company()
    policy = effective(load_flow(project.settings.policies, journey.name, company), company)
    board = project.switchboard(journey)
    with project.ledger.read() as book:
        policy = without(policy, board.look(book).lifted)
    if release:
        _release(project, flow, by, why)
    if to is not None:
        _step(project, journey, policy, to, by, why)
    with project.ledger.read() as book:
        now = project.clock.now()
        at, inside = min(book.history.rung(flow), len(policy.rollout.steps) - 1), book.entries.inside(flow)
        standing = board.look(book)
        waits = list(conditions(book, journey, standing, now, board.turn(book)))
    steps = [str(step) for step in policy.rollout.steps]
    data = {"flow": flow, "step": at + 1, "steps": steps, "inside": inside, "next": [asdict(one) for one in waits]}
    answer(data, as_json, lambda: _text(flow, steps, at, inside, waits))


def _release(project: Project, flow: str, by: str | None, why: str) -> None:
    name = person(project, by)
    _approver(project, name, why, "say why it may go on: --why TEXT")
    with project.ledger.write() as book:
        now = project.clock.now()
        if not book.stops.lift(flow, GUARDRAIL, by=name, at=now):
            raise Refused(f"no guardrail stops {flow}")
        book.audit.say(name, f"released from the stop of a guardrail: {why}", flow)
        book.history.set_rung(flow, book.history.rung(flow), by=name, why=f"released: {why}", at=now)


def _step(project: Project, journey: Journey, policy: Effective, to: int, by: str | None, why: str) -> None:
    flow, steps = journey.name, policy.rollout.steps
    with project.ledger.write() as book:
        now_at = min(book.history.rung(flow), len(steps) - 1)
        if to - 1 == now_at:
            return
        name = person(project, by)
        _check(project, name, now_at, to - 1, len(steps), why)
        if to - 1 > now_at:
            _unharmed(book, flow)
            _room(flow, to, str(steps[to - 1]), by_hand(book, journey, policy, project.clock.now(), to - 1))
        book.audit.say(name, f"rollout to step {to}, {steps[to - 1]}" + (f": {why}" if why else ""), flow)
        book.history.set_rung(flow, to - 1, by=name, why=why, at=project.clock.now())


def _check(project: Project, name: str, now_at: int, to: int, count: int, why: str) -> None:
    if to >= count:
        raise Refused(f"the ladder has {count} steps: change `rollout: steps:` in the policy, and have it approved")
    if to < now_at:
        return
    if to > now_at + 1:
        raise Refused("one step at a time: what this one shows is what the next one stands on")
    _approver(project, name, why, "say why it may go up: --why TEXT")


def _approver(project: Project, name: str, why: str, ask: str) -> None:
    if not why:
        raise Refused(ask)
    try:
        colleague = project.company().people[name]
    except (ConfigError, KeyError) as error:
        raise Refused("company.yaml must be valid for this: see `offswitch check`") from error
    if Role.APPROVER not in colleague.roles:
        raise Refused(f"{name} is not an approver in company.yaml")


def _unharmed(book: Book, flow: str) -> None:
    """What a guardrail has stopped is released first: that is another decision than to go further."""
    if any((row.scope, row.name, row.by) == ("flow", flow, GUARDRAIL) for row in book.stops.now()):
        raise Refused(f"a guardrail stops {flow}: first `offswitch rollout {flow} --release`")


def _room(flow: str, to: int, rung: str, day: ByHand) -> None:
    """The machine may not take on more than people could take over from it."""
    if day.too_much:
        raise Refused(
            f"at step {to} ({rung}) people would have {day.minutes} minutes of work a day if {flow} were off, and can take over "
            f"{day.capacity}: {day.pending} items due in 24 hours and {day.inflow * day.share:.1f} newcomers a day with up to {day.steps} "
            f"items each, at {day.per_item:g} minutes. Free more people and raise `capacity:`, shorten the work, or stay here; "
            f"`offswitch plan {flow}` shows the sum"
        )


def _text(flow: str, steps: list[str], now_at: int, inside: int, waits: list[Condition]) -> str:
    lines = [f"{flow}: {inside} inside"]
    for place, step in enumerate(steps):
        lines.append(f"{'->' if place == now_at else '  '} {place + 1}. {step}")
        if place == now_at and waits:
            lines.append(f"      the next step {'comes with the next run' if all(one.met for one in waits) else 'waits for'}:")
            lines += [line for one in waits for line in wrap(f"{'ok' if one.met else '--'}  {one.text}", 78, **_HANGING)]
    return "\n".join(lines)
