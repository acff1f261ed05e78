"""`offswitch status`: every flow at a glance."""

from __future__ import annotations

from typing import Any

import click

from offswitch.cli.output import ago, answer, json_option, table
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.metrics.account import account
from offswitch.project.project import Project


@click.command("status")
@json_option
def command(as_json: bool) -> None:
    """Switch, rollout, who waits where, the last run, and what is in the way."""
    project = Project()
    now = project.clock.now()
    with project.ledger.read() as book:
        flows = [_flow(project, book, name) for name in sorted(project.flows.journeys)]
        live = len(book.stops.live(now))
    broken = [str(problem) for problem in project.flows.problems]
    data = {"schema": "offswitch.status/1", "at": now, "workers": live, "flows": flows, "broken": broken}
    rows = [(f["flow"], f["switch"], f["rollout"], f["waiting"], f["held"], f["worklist"], ago(f["last_run"], now)) for f in flows]

    def text() -> str:
        lines = [table(("FLOW", "SWITCH", "ROLLOUT", "WAITING", "HELD", "WORKLIST", "LAST RUN"), rows)]
        lines += [_named(f["flow"], reason) for f in flows for reason in f["in_the_way"]]
        return "\n".join([*lines, *broken])

    answer(data, as_json, text)


def _flow(project: Project, book: Book, name: str) -> dict[str, Any]:
    journey = project.flows.get(name)
    standing = project.switchboard(journey).look(book)
    counts = account(book, journey, standing, project.clock.now())
    last = book.history.last_run(name)
    return {
        "flow": name,
        "switch": standing.policy.switch.value if standing.policy else "?",
        "rollout": _rollout(standing, book.history.rung(name)),
        "waiting": counts.waiting,
        "held": counts.held,
        "worklist": counts.worklist,
        "unknown": counts.unknown,
        "lost": counts.lost,
        "last_run": last.started if last else None,
        "in_the_way": in_the_way(standing),
    }


def _named(flow: str, reason: str) -> str:
    return reason if flow in reason else f"{flow}: {reason}"


def in_the_way(standing: Standing) -> list[str]:
    """Everything that keeps the machine from acting, in words."""
    return [*map(str, standing.stops), *filter(None, (standing.trouble, standing.unapproved))]


def _rollout(standing: Standing, rung: int) -> str:
    if standing.policy is None:
        return "?"
    steps = standing.policy.rollout.steps
    return str(steps[min(rung, len(steps) - 1)])
