"""`offswitch shadow`: what the machine would have done, beside what people did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from offswitch.act.sweep import SHADOWS_KEPT
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import Period, one_contact
from offswitch.project.project import Project
from offswitch.shadow.compare import compare
from offswitch.shadow.drafts import as_json as drafts_json
from offswitch.shadow.drafts import as_text as drafts_text
from offswitch.shadow.run import running
from offswitch.shadow.show import as_json as document
from offswitch.shadow.show import as_text


@click.command("shadow")
@click.argument("flow")
@click.option("--since", metavar="TIME", help="Only what was decided since: 7d, or the day 2026-11-01 (UTC). Else the last 90 days.")
@click.option("--drafts", "whose", metavar="WHO", help="What this person would have been sent: address, name or id.")
@json_option
def command(flow: str, since: str | None, whose: str | None, as_json: bool) -> None:
    """Compare a flow's dry run with what people did by hand.

    A flow whose policy says `switch: dry-run` sends nothing. People do its
    work, and the machine decides beside them, for the same people at the same
    times. This says where both agree, where not, and why.
    """
    project = Project()
    journey, now = project.flows.get(flow), project.clock.now()
    if whose is not None:
        _drafts(project, journey.name, whose, as_json)
        return
    start = _start(since, now)
    with project.ledger.read() as book:
        on = running(project.switchboard(journey).look(book))
        found = compare(book, journey.name, start)
        contacts = book.contacts.get({one.contact_id for some in found.examples.values() for one in some})
    data = document(found, contacts, running=on, at=now, since=start)
    answer(data, as_json, lambda: as_text(found, contacts, running=on))


def _drafts(project: Project, flow: str, whose: str, as_json: bool) -> None:
    with project.ledger.read() as book:
        person = one_contact(book, whose)
        found = book.shadow.drafts(flow, person.id)
    answer(drafts_json(person, found), as_json, lambda: drafts_text(person, found))


def _start(since: str | None, now: datetime) -> datetime:
    """A day, or so long ago. Raises click.BadParameter."""
    if since is None:
        return now - SHADOWS_KEPT
    try:
        return datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return now - timedelta(seconds=Period().convert(since, None, None))
