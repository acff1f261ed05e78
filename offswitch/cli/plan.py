"""`offswitch plan`: what would happen, before anything does."""

from __future__ import annotations

from pathlib import Path

import click

from offswitch.cli.output import answer, json_option, say
from offswitch.cli.verb import person
from offswitch.project.plan import make_plan, said_of
from offswitch.project.project import Project
from offswitch.review.page import as_html as show_page
from offswitch.review.record import keep_record
from offswitch.review.show import as_json as show_json
from offswitch.review.show import as_text as show_text
from offswitch.review.words import Language


@click.command("plan")
@click.argument("flow")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan as a page to read, print or send.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="The language of the page.")
@click.option("--by", help="Ask for approval under this name: whoever changed the flow last.")
@json_option
def command(flow: str, page: Path | None, lang: Language, by: str | None, as_json: bool) -> None:
    """Show who would get what, when and why, if FLOW were on. Sends nothing.

    With the real events, the real steps and the real gate. `--by` records who
    asks for the approval; somebody else gives it with `offswitch approve`.
    """
    project = Project()
    journey = project.flows.get(flow)
    asking = person(project, by) if by else ""
    plan = make_plan(project, journey)
    subject = said_of(project, journey).subject
    if subject is not None and subject.digest == plan.digest:
        keep_record(project.settings.home, flow, subject, at=plan.made, by=asking, samples=[one.id for one in plan.samples])
    if page is not None:
        page.write_text(show_page(plan, lang), encoding="utf-8")
        say(f"written: {page}")
    answer(show_json(plan), as_json, lambda: show_text(plan))
