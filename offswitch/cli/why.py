"""`offswitch why`: where a person is, since when, what is next, and which rule said what."""

from __future__ import annotations

from typing import Any

import click

from offswitch.act.desk import Desk
from offswitch.act.explain import explain
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import desks, one_contact
from offswitch.project.project import Project


@click.command("why")
@click.argument("contact")
@click.argument("flow", required=False)
@json_option
def command(contact: str, flow: str | None, as_json: bool) -> None:
    """Explain one person's place in each flow. CONTACT: address, name or id."""
    project = Project()
    with project.ledger.read() as book:
        person = one_contact(book, contact)
    with desks(project, flow) as all_desks:
        entries = [found for desk in all_desks for found in _explained(desk, person.id)]
    data = {"contact": {"id": person.id, "name": person.name, "email": person.email}, "entries": entries}
    answer(data, as_json, lambda: "\n".join([f"{person.name} <{person.email}>", *map(_text, entries)]))


def _explained(desk: Desk, contact_id: str) -> list[dict[str, Any]]:
    with desk.ledger.read() as book:
        return explain(desk, book, contact_id)


def _text(entry: dict[str, Any]) -> str:
    lines = [f"\n{entry['flow']}: {entry['state']}" + (f" ({entry['reason']})" if entry["reason"] else "")]
    lines.append(f"  entered   {entry['entered']:%Y-%m-%d %H:%M} UTC" + (f", {entry['lane_reason']}" if entry["lane_reason"] else ""))
    if entry["next"]:
        lines.append(f"  at step   {entry['step']}, due {entry['due']:%Y-%m-%d %H:%M} UTC")
        lines.append(f"  next      {entry['next']}")
    if entry["version"]:
        lines.append(f"  code      {entry['version']} looked at it last")
    lines += [f"  {rule['rule']:<9} {rule['answer']}: {rule['reason']}" for rule in entry["rules"]]
    for done in entry["done"]:
        words = f"  {done['at']:%Y-%m-%d %H:%M}  {done['step']}/{done['action']}: {done['state']} by {done['actor']}"
        lines.append(words + (f" ({done['reason']})" if done["reason"] else ""))
    return "\n".join(lines)
