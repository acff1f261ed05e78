"""`offswitch drill`: proves on a copy that a flow survives being killed and switched off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from offswitch.cli.output import answer, json_option, on_terminal, say
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command("drill")
@click.argument("flow", required=False)
@click.option("--population", type=click.IntRange(1, 100_000), help="People in the large runs; 240, or 60 with --quick.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same people and the same result.")
@click.option("--quick", is_flag=True, help="Every boundary and every way to switch off once, in fewer runs.")
@click.option("--processes/--no-processes", default=True, help="Kill and freeze real worker processes too.")
@click.option("--ledger", type=click.Choice(["sqlite", "postgres"]), default="sqlite", show_default=True, help="The copy's ledger.")
@click.option("--by", metavar="ADDRESS", help="Who makes it; else OFFSWITCH_USER. Readiness counts what one of the team makes.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to read, print or send.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="The language of the page.")
@json_option
def command(
    flow: str | None,
    population: int | None,
    seed: int,
    quick: bool,
    processes: bool,
    ledger: str,
    by: str | None,
    page: Path | None,
    lang: Literal["en", "ar"],
    as_json: bool,
) -> None:
    """Kill workers at every boundary, switch off in every way, resume, and check.

    On a copy of FLOW (or of every flow), with made-up people and 30 virtual days.
    Your ledger and your providers are never touched. The result is kept in
    policies/readiness/drills. Exit code 1: something broke that never may, or a
    boundary was never reached.
    """
    from offswitch.drill.drill import Wish, drill
    from offswitch.drill.evidence import save_evidence
    from offswitch.drill.page import as_html
    from offswitch.drill.result import as_json as document
    from offswitch.drill.show import as_text

    project = Project()
    names = [project.flows.get(flow).name] if flow else sorted(project.flows.journeys)
    if not names:
        raise Refused("there is no flow here to drill")
    wish = Wish(seed, population, quick, processes, ledger)
    operator = person(project, by) if by else project.settings.user
    found = []
    for name in names:
        found.append(replace(drill(project.settings, name, wish, _teller()), by=operator))
        save_evidence(project.settings.policies, found[-1])
    if page is not None:
        page.write_text(as_html(found, lang), encoding="utf-8")
        say(f"written: {page}")
    answer(document(found), as_json, lambda: "\n\n".join(map(as_text, found)))
    if failed := [one.flow for one in found if not one.passed]:
        raise Refused(f"the drill of {', '.join(failed)} failed")


def _teller() -> Callable[[str], None]:
    """For those who watch; silent in a pipe."""
    return say if on_terminal() else (lambda _line: None)
