"""`offswitch plan`: what would happen, before anything does."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import click

from offswitch.cli.output import answer, json_option, say
from offswitch.cli.progress import progress
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.journey.journey import Journey
from offswitch.project.plan import keep_plan, make_plan, said_of
from offswitch.project.project import Project
from offswitch.review.difference import Difference, difference
from offswitch.review.document import as_json as show_json
from offswitch.review.kept import approved_path, load
from offswitch.review.page import as_html as show_page
from offswitch.review.people import write_people
from offswitch.review.plan import PlanOfWork
from offswitch.review.record import keep_record
from offswitch.review.show import as_text as show_text
from offswitch.review.show_difference import as_json as difference_json
from offswitch.review.since import Since, since
from offswitch.review.words import Language


@click.command("plan")
@click.argument("flow")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan as a page to read, print or send.")
@click.option("--people", type=click.Path(dir_okay=False, path_type=Path), help="Write everybody whom the plan concerns as a table (CSV).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to a file for `offswitch diff`.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="The language of the page.")
@click.option("--by", help="Ask for approval under this name: whoever changed the flow last.")
@json_option
def command(flow: str, page: Path | None, people: Path | None, out: Path | None, lang: Language, by: str | None, as_json: bool) -> None:
    """Show who would get what, when and why, if FLOW were on. Sends nothing.

    With the real events, the real steps and the real gate. `--by` records who
    asks for the approval; somebody else gives it with `offswitch approve`.
    """
    project = Project()
    journey = project.flows.get(flow)
    asking = person(project, by) if by else ""
    with progress(f"planning {flow}") as watch:
        plan = make_plan(project, journey, watch)
    change = _keep(project, journey, plan, asking, out)
    known = _known(project, change)
    if page is not None:
        page.write_text(show_page(plan, lang, change, known.names), encoding="utf-8")
        say(f"written: {page}")
    if people is not None:
        write_people(people, plan.roll)
        say(f"written: {people}")
    plan.roll.close()
    answer(show_json(plan) | {"difference": change and difference_json(change)}, as_json, lambda: show_text(plan, change, known))


def _keep(project: Project, journey: Journey, plan: PlanOfWork, asking: str, out: Path | None) -> Difference | None:
    """Write down that this was planned, and what is different from the plan that was approved last."""
    subject = said_of(project, journey).subject
    if subject is None or subject.digest != plan.digest:
        raise Refused(f"{plan.flow} was changed while this plan was made: plan it again")
    home, samples = project.settings.home, [one.id for one in plan.samples]
    keep_record(home, plan.flow, subject, at=plan.made, by=asking, samples=samples, counts=(plan.audience, plan.messages))
    kept = keep_plan(project, journey, plan, subject)
    if out is not None:
        copyfile(kept.path, out)
        say(f"written: {out}")
    approved = approved_path(home, plan.flow)
    return difference(load(approved), kept) if approved.exists() else None


def _known(project: Project, change: Difference | None) -> Since:
    """What the ledger knows of the people of a difference: kept plans have only their ids."""
    if change is None:
        return Since()
    with project.ledger.read() as book:
        return since(book, change)
