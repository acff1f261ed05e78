"""`offswitch run`: passes as Prefect flow runs, or without Prefect. May be killed at any instant."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from offswitch.act.report import Report
from offswitch.cli.output import answer, json_option, on_terminal, say
from offswitch.cli.verb import Period
from offswitch.orchestrate.host import Host
from offswitch.orchestrate.words import in_words
from offswitch.project.project import Project

if TYPE_CHECKING:
    from rich.status import Status


@click.command("run")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW...")
@click.option("--dry-run", is_flag=True, help="Only say what a pass would do now.")
@click.option("--every", type=Period(), metavar="60s", help="Again and again, in this process, until SIGTERM or Ctrl-C.")
@click.option("--plain", is_flag=True, help="Without Prefect.")
@json_option
def command(flows: tuple[str, ...], dry_run: bool, every: float | None, plain: bool, as_json: bool) -> int:
    """One pass of each FLOW now: who is due gets what the policy allows.

    The pass is a Prefect flow run: at the server of PREFECT_API_URL, else at a
    private one for as long as the command runs. It may be killed at any instant;
    nothing is sent twice.
    """
    if dry_run:
        return _dry_run(flows, as_json)
    told = Told(as_json, quiet=every is not None)
    with _status() as status:
        told.status = status
        host = Host(told.report, told.trouble, told.batch)
        if plain:
            from offswitch.orchestrate.plain import run_plain

            code = run_plain(flows, every=every, host=host)
        else:
            from offswitch.orchestrate.runner import run_flows

            code = run_flows(flows, every=every, host=host)
    if as_json:
        answer({"schema": "offswitch.run/1", "flows": told.flows}, as_json, str)
    return code


def _status() -> Any:
    """A line that moves, for those who watch."""
    if not on_terminal():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("Starting …")


@dataclass
class Told:
    """Tells people how it goes. `quiet`: not of passes in which nothing happened. `flows` is the last pass of each."""

    as_json: bool
    quiet: bool
    status: Status | None = None
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _so_far: Report = field(default_factory=Report)

    def batch(self, flow: str, report: Report) -> None:
        """Another batch is done."""
        self._so_far.merge(report)
        if self.status:
            self.status.update(f"{flow}: {in_words(self._so_far)}")

    def report(self, flow: str, report: Report) -> None:
        """A pass is over."""
        self._so_far = Report()
        notices = [text for _, text in report.notices]
        self.flows[flow] = {"passes": self._passes(flow), "did": report.to_json(), "notices": notices, "trouble": ""}
        if not self.as_json and (report.counts or notices or not self.quiet):
            click.echo("\n".join([f"{flow}: {in_words(report)}", *_reasons(report), *(f"  ! {text}" for text in notices)]))

    def trouble(self, flow: str, why: str) -> None:
        """A pass failed."""
        self.flows[flow] = {"passes": self._passes(flow), "did": {}, "notices": [], "trouble": why}
        say(f"{flow}: {why}")

    def _passes(self, flow: str) -> int:
        return int(self.flows.get(flow, {}).get("passes", 0)) + 1


def _reasons(report: Report) -> list[str]:
    counted = sorted(report.counts.items(), key=lambda one: -one[1])
    return [f"  {count:>6,} {what}: {reason}" for (what, reason), count in counted if reason]


def _dry_run(flows: tuple[str, ...], as_json: bool) -> int:
    from offswitch.project.plan import make_plan
    from offswitch.review.document import as_json as show_json
    from offswitch.review.show import as_text as show_text

    project = Project()
    plans = [make_plan(project, project.flows.get(flow)) for flow in flows]
    answer([show_json(plan) for plan in plans], as_json, lambda: "\n\n".join(map(show_text, plans)))
    return 0
