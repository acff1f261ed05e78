"""`offswitch enter`: one person into a flow, by a colleague's hand."""

from __future__ import annotations

import click

from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import one_contact, person
from offswitch.ledger.base import new_id
from offswitch.model.event import Happened
from offswitch.project.project import Project


@click.command("enter")
@click.argument("contact")
@click.argument("flow")
@click.option("--why", required=True, help="In a few words.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@json_option
def command(contact: str, flow: str, why: str, by: str | None, as_json: bool) -> None:
    """Give a flow its trigger for one known person.

    The flow's next run decides about it as about any other.
    """
    project = Project()
    journey = project.flows.get(flow)
    name, now = person(project, by), project.clock.now()
    with project.ledger.write() as book:
        found = one_contact(book, contact)
        data = {"why": why, "by": name, **({journey.about: new_id()} if journey.about else {})}
        happened = Happened(f"hand:{new_id()}", journey.starts_on.kind, now, found.id, data, "hand", now)
        book.audit.say(name, f"let contact {found.id} enter", flow)
        book.events.add(happened, happened.id)
    text = f"{found.name or found.email}: the next run of {flow} decides"
    answer({"contact": found.id, "flow": flow, "event": happened.id, "by": name}, as_json, lambda: text)
