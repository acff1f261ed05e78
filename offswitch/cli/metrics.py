"""`offswitch metrics`: what a flow did, with the denominators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

import click

from offswitch.cli.output import answer, json_option, width
from offswitch.gate.lifted import Lifted
from offswitch.metrics.account import Account, account
from offswitch.project.project import Project


@click.command("metrics")
@click.argument("flow", required=False)
@json_option
def command(flow: str | None, as_json: bool) -> None:
    """Counts per flow: entered, sent, by hand, refused with reasons, goal."""
    project = Project()
    names = [project.flows.get(flow).name] if flow else sorted(project.flows.journeys)
    with project.ledger.read() as book:
        looked = [(journey, project.switchboard(journey).look(book)) for journey in map(project.flows.get, names)]
        found = [(account(book, journey, standing, project.clock.now()), standing.lifted) for journey, standing in looked]
    flows = [{**asdict(one), "lost": one.lost, "lifted": [rule.to_json() for rule in rules]} for one, rules in found]
    data = {"schema": "offswitch.metrics/1", "flows": flows}
    answer(data, as_json, lambda: "\n\n".join("\n".join([as_text(one), *_lifted(rules)]) for one, rules in found))


def _lifted(rules: Sequence[Lifted]) -> list[str]:
    return [f"  {line}" for one in rules for line in wrap(str(one), width() - 2, subsequent_indent="  ", break_on_hyphens=False)]


def as_text(one: Account) -> str:
    """One account in words, at most 80 columns."""
    goal = one.finished.get("goal reached", 0)
    share = f" ({goal / one.entered:.1%} of those who entered)" if one.entered else ""
    lines = [
        one.flow,
        _line("events", one.events, f"entered {one.entered}, joined {one.joined}, stored {one.stored}"),
        *_reasons("not entered", one.refused),
        _line("entered", one.entered, f"waiting {one.waiting}, held {one.held}, worklist {one.worklist}"),
        *_reasons("finished", one.finished),
        *_reasons("exited", one.exited),
        _line("goal", goal, share.strip(" ()")),
        _line("sent", one.sent, f"by hand {one.sent_by_hand}, unknown {one.unknown}, failed {one.failed}"),
        *_reasons("skipped", one.skipped),
        _line("lost", one.lost, ""),
    ]
    return "\n".join(lines)


def _line(name: str, count: int, more: str) -> str:
    return f"  {name:<12}{count:>7}  {more}".rstrip()


def _reasons(name: str, reasons: dict[str, Any]) -> list[str]:
    return [_line(name, count, reason) for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1])]
