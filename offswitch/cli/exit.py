"""`offswitch exit`: one person out of a flow, by a colleague's hand."""

from __future__ import annotations

import click

from offswitch.act.moves import exited
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import one_contact, person
from offswitch.errors import Refused
from offswitch.model.effect import Stage
from offswitch.model.entry import OVER
from offswitch.project.project import Project


@click.command("exit")
@click.argument("contact")
@click.argument("flow")
@click.option("--why", required=True, help="In a few words.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@json_option
def command(contact: str, flow: str, why: str, by: str | None, as_json: bool) -> None:
    """End a flow for one person. Nothing more is sent to them by it."""
    project = Project()
    project.flows.get(flow)
    name, now = person(project, by), project.clock.now()
    with project.ledger.write() as book:
        found = one_contact(book, contact)
        running = [entry for entry in book.entries.of_contact(found.id, flow) if entry.state not in OVER]
        if not running:
            raise Refused(f"{found.name or found.email} is not in {flow}")
        effects = book.effects.of_entries([entry.id for entry in running])
        if any(effect.state is Stage.RESERVED for rows in effects.values() for effect in rows):
            raise Refused("a message to this person is on its way at this moment: try again in a minute")
        book.audit.say(name, f"took contact {found.id} out", flow)
        for entry in running:
            book.entries.put(exited(entry, "by hand", f"{why} ({name})", now))
    text = f"{found.name or found.email} has left {flow}"
    answer({"contact": found.id, "flow": flow, "entries": len(running), "by": name}, as_json, lambda: text)
