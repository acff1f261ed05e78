"""`offswitch on`: says first what would happen; clears this flow's manual stops and nothing else."""

from __future__ import annotations

from typing import Any

import click

from offswitch.cli.off import Target, target_of, who
from offswitch.cli.output import answer, json_option
from offswitch.errors import Refused
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.policy.edit import set_switch
from offswitch.project.project import Project


@click.command("on")
@click.argument("flow", required=False)
@click.option("--all", "everything", is_flag=True, help="End the stop of everything.")
@click.option("--channel", metavar="C", help="Switch one channel on again.")
@click.option("--connector", metavar="C", help="Switch one connector on again.")
@json_option
def command(flow: str | None, everything: bool, channel: str | None, connector: str | None, as_json: bool) -> None:
    """Let a flow go on: edits its file, ends its stop row and stop file.

    Automatic, company, channel and environment stops stay: they are listed,
    and the exit code is 1. What people did by hand stays done.
    """
    project = Project()
    target = target_of(project.settings, flow, everything, channel, connector)
    if target.scope == "flow":
        project.flows.get(target.name)
    set_switch(target.path, target.keys, "on")
    project.settings.stop_file(target.name).unlink(missing_ok=True) if target.scope in ("flow", "company") else None
    now = project.clock.now()
    names = [target.name] if target.scope == "flow" else list(project.flows.journeys)
    with project.ledger.write() as book:
        book.stops.end(target.scope, target.name, by=who(project.settings), at=now)
        results = {name: _resume(project, book, name, target) for name in names}
    remaining = [line for result in results.values() for line in result["remaining"]]
    answer({"on": str(target), "flows": results}, as_json, lambda: _text(target, results))
    if target.scope == "flow" and remaining:
        raise Refused(f"{target.name} stays off: {'; '.join(remaining)}")


def _resume(project: Project, book: Book, name: str, target: Target) -> dict[str, Any]:
    """End the flow's off period if nothing else stops it, and say what waits."""
    now = project.clock.now()
    switchboard = project.switchboard(project.flows.get(name))
    period = book.stops.off_since(name)
    if target.scope == "flow" and period is not None:
        book.stops.close_period(name, f"by {who(project.settings)}", now)
    standing = switchboard.look(book)
    if standing.stops and period is not None and target.scope == "flow":
        book.stops.open_period(name, period.reason, now)
    return {"remaining": _remaining(standing), "due_now": book.entries.due_now(name, now)}


def _remaining(standing: Standing) -> list[str]:
    return [*map(str, standing.stops), *filter(None, (standing.trouble, standing.unapproved))]


def _text(target: Target, results: dict[str, dict[str, Any]]) -> str:
    lines = [f"{target}: switched on"]
    for name, result in results.items():
        lines.append(f"  {name}: {result['due_now']} due now, for the next run")
        lines += [f"    still in the way: {line}" for line in result["remaining"]]
    return "\n".join(lines)
