"""`offswitch on`: says first what would happen; clears this flow's manual stops and nothing else."""

from __future__ import annotations

import sys
from typing import Any

import click

from offswitch.act.periods import waiting
from offswitch.cli.off import Target, target_of, who
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.ledger.base import Book
from offswitch.policy.edit import set_switch
from offswitch.policy.load import load_flow
from offswitch.policy.schema import effective
from offswitch.project.project import Project


@click.command("on")
@click.argument("flow", required=False)
@click.option("--all", "everything", is_flag=True, help="End the stop of everything.")
@click.option("--channel", metavar="C", help="Switch one channel on again.")
@click.option("--connector", metavar="C", help="Switch one connector on again.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--yes", is_flag=True, help="Let all go on that is due, however many.")
@json_option
def command(
    flow: str | None, everything: bool, channel: str | None, connector: str | None, by: str | None, yes: bool, as_json: bool
) -> None:
    """Let a flow go on: edits its file, ends its stop row and stop file.

    Says first how many are due. Automatic, company, channel and environment
    stops stay: they are listed, and the exit code is 1. What people did by hand
    stays done.
    """
    project = Project()
    target = target_of(project.settings, flow, everything, channel, connector)
    name = person(project, by) if by or project.settings.user else who(project.settings)
    if target.scope == "flow" and not yes:
        _ask(project, target.name)
    set_switch(target.path, target.keys, "on")
    if target.scope in ("flow", "company"):
        project.settings.stop_file(target.name).unlink(missing_ok=True)
    names = [target.name] if target.scope == "flow" else sorted(project.flows.journeys)
    with project.ledger.write() as book:
        book.stops.end(target.scope, target.name, by=name, at=project.clock.now())
        results = {one: _resume(project, book, one, name, ours=target.scope == "flow") for one in names}
    answer({"on": str(target), "flows": results}, as_json, lambda: _text(target, results))
    if target.scope == "flow" and (stays := results[target.name]["in_the_way"]):
        raise Refused(f"{target.name} stays off: {'; '.join(stays)}")


def _ask(project: Project, flow: str) -> None:
    """A backlog goes out only when somebody has seen its size."""
    journey = project.flows.get(flow)
    policy = load_flow(project.settings.policies, flow, company := project.company())
    with project.ledger.read() as book:
        due = waiting(book, journey, project.clock.now())
    if due <= effective(policy, company).without_asking:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{due} are due in {flow} now: look at `offswitch plan {flow}`, then say --yes")
    click.confirm(f"{due} are due in {flow} now. Go on?", abort=True, err=True)


def _resume(project: Project, book: Book, flow: str, by: str, *, ours: bool) -> dict[str, Any]:
    """End the off periods whose cause has gone, and say what waits and what is still in the way."""
    journey, now = project.flows.get(flow), project.clock.now()
    standing = project.switchboard(journey).look(book)
    if ours:
        ended = [cause for cause in book.stops.periods(flow) if cause not in standing.causes]
        book.stops.close_periods(flow, ended, f"by {by}", now)
        standing = project.switchboard(journey).look(book)
    whole = [str(stop) for stop in standing.stops if stop.scope in ("company", "flow")]
    parts = [str(stop) for stop in standing.stops if stop.scope not in ("company", "flow")]
    in_the_way = [*whole, *filter(None, (standing.trouble, standing.unapproved))]
    return {"due_now": waiting(book, journey, now), "in_the_way": in_the_way, "parts_off": parts}


def _text(target: Target, results: dict[str, dict[str, Any]]) -> str:
    lines = [f"{target}: switched on"]
    for name, result in results.items():
        lines.append(f"  {name}: {result['due_now']} due now, for the next run")
        lines += [f"    still in the way: {line}" for line in (*result["in_the_way"], *result["parts_off"])]
    return "\n".join(lines)
