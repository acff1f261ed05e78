"""`offswitch forecast`: what would happen in the days to come."""

from __future__ import annotations

from pathlib import Path

import click

from offswitch.cli.output import answer, json_option, say
from offswitch.cli.progress import progress
from offswitch.forecast.asked import Asked, assumed, per_day
from offswitch.forecast.colleagues import ANSWERS
from offswitch.forecast.document import as_json as show_json
from offswitch.forecast.page import as_html
from offswitch.forecast.show import as_text
from offswitch.forecast.words import Language
from offswitch.project.forecast import make_forecast
from offswitch.project.project import Project


@click.command("forecast")
@click.argument("flow")
@click.option("--days", type=click.IntRange(1, 366), default=28, show_default=True, help="How many days, today among them.")
@click.option("--assume", multiple=True, metavar="WHAT=SHARE,…", help="What people do, such as click=3%,reply=1%,goal=5%,answer=4h.")
@click.option("--inflow", metavar="'40 per day'", help="Newcomers, instead of as many as lately.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, other chances.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a page to read, print or send.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="The language of the page.")
@json_option
def command(
    flow: str, days: int, assume: tuple[str, ...], inflow: str | None, seed: int, page: Path | None, lang: Language, as_json: bool
) -> None:
    """Show how FLOW would go on from now, day by day. Sends nothing.

    Real people, steps and rules in virtual time. What people do with messages
    is measured in the ledger where it can be, else assumed, and said to be so.
    """
    said, answers = assumed(assume)
    asked = Asked(days, said, answers or ANSWERS, answers is not None, per_day(inflow) if inflow else None, seed)
    project = Project()
    with progress(f"foreseeing {flow}") as watch:
        forecast = make_forecast(project, project.flows.get(flow), asked, watch)
    if page is not None:
        page.write_text(as_html(forecast, lang), encoding="utf-8")
        say(f"written: {page}")
    answer(show_json(forecast), as_json, lambda: as_text(forecast))
