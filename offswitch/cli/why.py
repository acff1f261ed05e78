"""`offswitch why`: where a person is, since when, what is next, and which rule said what."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import click

from offswitch.act.desk import Desk
from offswitch.act.explain import explain, way_in
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import desks, one_contact
from offswitch.project.project import Project

_COLUMNS = 80
_CAME = {"machine": "came in", "people": "came in, for people", "no": "did not come in", "joined": "joined what was running"}


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
        looked = [_explained(desk, person.id) for desk in all_desks]
    ways = [way for way, found in looked if way["triggers"] or found or flow]
    entries = [entry for _, found in looked for entry in found]
    data = {"contact": {"id": person.id, "name": person.name, "email": person.email}, "ways_in": ways, "entries": entries}
    shown = [_way(way) for way in ways if flow or any(one["outcome"] == "no" for one in way["triggers"])]
    answer(data, as_json, lambda: "\n".join([f"{person.name} <{person.email}>", *shown, *map(_text, entries)]))


def _explained(desk: Desk, contact_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    with desk.ledger.read() as book:
        return way_in(desk, book, contact_id), explain(desk, book, contact_id)


def _way(way: dict[str, Any]) -> str:
    """Why somebody came in, or not."""
    lines = [f"\n{way['flow']}: at {way['place']} of the rollout, which takes {way['rollout']} now (policy {way['policy']})"]
    if way["holdout"]:
        lines.append(f"  holdout: {way['holdout']}, who never enter")
    for one in way["triggers"]:
        why = f": {one['rule']}: {one['reason']}" if one["reason"] else ""
        lines.append(f"  {one['at']:%Y-%m-%d %H:%M}  {_CAME.get(one['outcome'], one['outcome'])}{why}")
    return "\n".join(lines if way["triggers"] else [*lines, "  nothing that starts this flow has come from them"])


def _text(entry: dict[str, Any]) -> str:
    lines = [f"\n{entry['flow']}: {entry['state']}" + (f" ({entry['reason']})" if entry["reason"] else "")]
    lines.append(f"  entered   {entry['entered']:%Y-%m-%d %H:%M} UTC" + (f", {entry['lane_reason']}" if entry["lane_reason"] else ""))
    if entry["next"]:
        lines.append(f"  at step   {entry['step']}, due {entry['due']:%Y-%m-%d %H:%M} UTC")
        lines.append(f"  next      {entry['next']}")
    if entry["version"]:
        lines.append(f"  code      {entry['version']} looked at it last")
    lines += _ruled(entry["rules"])
    for done in entry["done"]:
        text = f" (text: {done['variant']})" if done["variant"] else ""
        words = f"  {done['at']:%Y-%m-%d %H:%M}  {done['step']}/{done['action']}{text}: {done['state']} by {done['actor']}"
        lines.append(words + (f" ({done['reason']})" if done["reason"] else ""))
    return "\n".join(lines)


def _ruled(rules: list[dict[str, str]]) -> list[str]:
    """Every rule in order; the first that objects decides, and the rest is what else would."""
    first = next((rule for rule in rules if rule["answer"] != "allow"), None)
    rows = [(">" if rule is first else "", rule["rule"], rule["answer"], rule["reason"] or rule["saw"]) for rule in rules]
    return [line for row in rows for line in _line(*row)]


def _line(mark: str, rule: str, said: str, why: str) -> list[str]:
    head = f"  {mark:<1} {rule:<12} {said:<10} "
    return wrap(why, _COLUMNS, initial_indent=head, subsequent_indent=" " * len(head))
