"""`offswitch rollout`: where a flow stands on its ladder, and a named person's step up or down."""

from __future__ import annotations

import click

from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import ConfigError, Refused
from offswitch.metrics.capacity import by_hand
from offswitch.model.capacity import ByHand
from offswitch.policy.load import load_flow
from offswitch.policy.schema import Role, effective
from offswitch.project.project import Project


@click.command("rollout")
@click.argument("flow")
@click.option("--to", type=click.IntRange(1), metavar="N", help="The step to go to, counted from 1.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--why", default="", help="The reason; needed to go up.")
@json_option
def command(flow: str, to: int | None, by: str | None, why: str, as_json: bool) -> None:
    """Show the ladder, or step to another rung.

    Going down never cuts off those inside, and needs no reason. Going up takes an
    approver, a reason, and one rung at a time; and no more work than people could
    take over in a day if the flow were off (capacity in the policy).
    """
    project = Project()
    journey, company = project.flows.get(flow), project.company()
    policy = effective(load_flow(project.settings.policies, journey.name, company), company)
    steps = policy.rollout.steps
    with project.ledger.write() as book:
        now_at = min(book.history.rung(flow), len(steps) - 1)
        if to is not None and to - 1 != now_at:
            name = person(project, by)
            _check(project, name, now_at, to - 1, len(steps), why)
            if to - 1 > now_at:
                _room(flow, to, str(steps[to - 1]), by_hand(book, journey, policy, project.clock.now(), to - 1))
            book.audit.say(name, f"rollout to step {to}, {steps[to - 1]}" + (f": {why}" if why else ""), flow)
            book.history.set_rung(flow, to - 1, by=name, why=why, at=project.clock.now())
            now_at = to - 1
        inside = book.entries.inside(flow)
    data = {"flow": flow, "step": now_at + 1, "steps": [str(step) for step in steps], "inside": inside}
    answer(data, as_json, lambda: _text(flow, [str(step) for step in steps], now_at, inside))


def _check(project: Project, name: str, now_at: int, to: int, count: int, why: str) -> None:
    if to >= count:
        raise Refused(f"the ladder has {count} steps: change `rollout: steps:` in the policy, and have it approved")
    if to < now_at:
        return
    if to > now_at + 1:
        raise Refused("one step at a time: what this one shows is what the next one stands on")
    if not why:
        raise Refused("say why it may go up: --why TEXT")
    try:
        colleague = project.company().people[name]
    except (ConfigError, KeyError) as error:
        raise Refused("company.yaml must be valid to go up: see `offswitch check`") from error
    if Role.APPROVER not in colleague.roles:
        raise Refused(f"{name} is not an approver in company.yaml")


def _room(flow: str, to: int, rung: str, day: ByHand) -> None:
    """The machine may not take on more than people could take over from it."""
    if day.too_much:
        raise Refused(
            f"at step {to} ({rung}) people would have {day.minutes} minutes of work a day if {flow} were off, and can take over "
            f"{day.capacity}: {day.pending} items due in 24 hours and {day.inflow * day.share:.1f} newcomers a day with up to {day.steps} "
            f"items each, at {day.per_item:g} minutes. Free more people and raise `capacity:`, shorten the work, or stay here; "
            f"`offswitch plan {flow}` shows the sum"
        )


def _text(flow: str, steps: list[str], now_at: int, inside: int) -> str:
    lines = [f"{'->' if i == now_at else '  '} {i + 1}. {step}" for i, step in enumerate(steps)]
    return "\n".join([f"{flow}: {inside} inside", *lines])
