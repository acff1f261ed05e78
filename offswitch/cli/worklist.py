"""`offswitch worklist`: what people have to do, and what they say about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from offswitch.act.desk import Desk
from offswitch.cli.output import ago, answer, json_option, table
from offswitch.cli.verb import desks, person
from offswitch.errors import ConfigError, Refused
from offswitch.model.work import WorkItem
from offswitch.project.project import Project
from offswitch.worklist.export import as_csv
from offswitch.worklist.export import as_json as document
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.page import as_html
from offswitch.worklist.query import HORIZON, worklist

_NAME = 24  # columns of a name in the list


@click.group("worklist", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """What people have to do now, because a flow is off or asks for them."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


def _items(project: Project, flow: str | None, everything: bool) -> list[WorkItem]:
    with desks(project, flow) as all_desks:
        found = [item for desk in all_desks for item in worklist(desk, None if everything else HORIZON)]
    return sorted(found, key=lambda item: (item.due, item.id))


def _item(project: Project, name: str) -> WorkItem:
    found = [item for item in _items(project, None, True) if item.id == name]
    if not found:
        raise Refused(f"there is no open item {name!r}: see `offswitch worklist`")
    return found[0]


@command.command("list")
@click.argument("flow", required=False)
@click.option("--all", "everything", is_flag=True, help="Later than the next 72 hours, too.")
@json_option
def list_(flow: str | None = None, everything: bool = False, as_json: bool = False) -> None:
    """The items, due first."""
    project = Project()
    items = _items(project, flow, everything)
    now = project.clock.now()
    rows = [(item.id, ago(item.due, now), item.flow, _who(item), item.title) for item in items]
    minutes = sum(item.minutes for item in items)

    def text() -> str:
        if not items:
            return "Nothing to do: the worklist is empty."
        head = table(("ITEM", "DUE", "FLOW", "WHO", "WHAT"), rows)
        return f"{head}\n{len(items)} items, about {minutes} minutes. `offswitch worklist show ITEM` has the draft."

    answer(document(items), as_json, text)


def _who(item: WorkItem) -> str:
    """The name, short enough to leave room for what is to do."""
    name = item.name if len(item.name) <= _NAME else f"{item.name[: _NAME - 1]}…"
    return f"{name} [{item.taken_by.partition('@')[0]}]" if item.taken_by else name


@command.command()
@click.argument("item")
@json_option
def show(item: str, as_json: bool) -> None:
    """One item: who, what, why, the finished draft and the runbook."""
    project = Project()
    found = _item(project, item)
    answer(document([found]), as_json, lambda: _shown(found))


def _shown(item: WorkItem) -> str:
    lines = [
        f"{item.title}: {item.name}",
        f"  reach     {item.reach}",
        f"  why       {item.why}",
        f"  due       {item.due:%Y-%m-%d %H:%M} UTC, takes about {item.minutes} minutes",
        f"  flow      {item.flow}, step {item.step}",
        f"  answers   {', '.join(item.outcomes)}",
        *([f"  taken by  {item.taken_by}"] if item.taken_by else []),
        *(f"  change    {change}" for change in item.changes),
    ]
    for draft in item.drafts:
        lines += ["", f"From: {draft.sender}", f"To: {draft.to}", f"Subject: {draft.subject}", "", draft.text.rstrip()]
    return "\n".join([*lines, "", "Runbook", item.runbook.rstrip()])


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--flow", help="Only this flow.")
@click.option("--all", "everything", is_flag=True, help="Later than the next 72 hours, too.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", help="The language of the HTML page.")
def export(file: Path, flow: str | None, everything: bool, lang: str) -> None:
    """Write the items to FILE.csv, FILE.html or FILE.json."""
    project = Project()
    items = _items(project, flow, everything)
    match file.suffix:
        case ".csv":
            text = as_csv(items)
        case ".html":
            text = as_html(items, project.clock.now().astimezone(_zone(project)), lang)
        case ".json":
            text = json.dumps(document(items), ensure_ascii=False, indent=2)
        case _:
            raise Refused(f"{file}: end the name with .csv, .html or .json")
    file.write_text(text, encoding="utf-8-sig" if file.suffix == ".csv" else "utf-8")  # Excel reads UTF-8 only with the mark
    click.echo(f"{len(items)} items: {file}")


def _zone(project: Project) -> ZoneInfo:
    """The company's clock on the wall; UTC while company.yaml is broken, because the list has to come whatever is broken."""
    try:
        return ZoneInfo(project.company().zone)
    except ConfigError:
        return ZoneInfo("UTC")


def _act(item: str, by: str | None, outcome: str, as_json: bool, **more: Any) -> None:
    project = Project()
    deed = Deed(person(project, by), outcome, **more)
    with desks(project) as all_desks:
        done = _first(all_desks, item, deed)
    answer({"item": item, "outcome": outcome, "by": deed.by, "who": done.name}, as_json, lambda: f"{outcome}: {done.title}, {done.name}")


def _first(all_desks: list[Desk], item: str, deed: Deed) -> WorkItem:
    for desk in all_desks:
        if any(found.id == item for found in worklist(desk, None)):
            return do(desk, item, deed)
    raise Refused(f"there is no open item {item!r}: it is done, or the person left. See `offswitch worklist`")


_by = click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
_why = click.option("--why", "note", default="", help="In a few words.")


@command.command()
@click.argument("item")
@_by
@json_option
def take(item: str, by: str | None, as_json: bool) -> None:
    """It is yours until you give it back."""
    _act(item, by, "take", as_json)


@command.command("give-back")
@click.argument("item")
@_by
@json_option
def give_back(item: str, by: str | None, as_json: bool) -> None:
    """Anybody may take it again."""
    _act(item, by, "give-back", as_json)


@command.command()
@click.argument("item")
@_by
@_why
@click.option("--outcome", default="done", help="One of the answers that the item offers.")
@click.option("--minutes", type=click.IntRange(0), help="How long it took.")
@click.option("--only", multiple=True, metavar="ACTION", help="Only this part was done, such as send:confirm.")
@json_option
def done(item: str, by: str | None, note: str, outcome: str, minutes: int | None, only: tuple[str, ...], as_json: bool) -> None:
    """You did it: the mail and the listed changes."""
    _act(item, by, outcome, as_json, note=note, minutes=minutes, only=only)


@command.command()
@click.argument("item")
@_by
@click.option("--why", "note", required=True, help="In a few words.")
@json_option
def skip(item: str, by: str | None, note: str, as_json: bool) -> None:
    """Nobody does it; the person moves on."""
    _act(item, by, "skip", as_json, note=note)


def _simple(name: str, words: str) -> None:
    @command.command(name, help=words)
    @click.argument("item")
    @_by
    @_why
    @json_option
    def verb(item: str, by: str | None, note: str, as_json: bool) -> None:
        _act(item, by, name, as_json, note=note)


_simple("approve", "The machine may do it; while it is off, it waits.")
_simple("got-it", "The customer has it: it counts as done.")
_simple("did-not", "The customer never got it: it may be done again.")
_simple("retry", "What was missing is there now: let the machine look again.")
