"""`offswitch worklist`: what people have to do, and what they say about it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from offswitch.act.desk import Desk
from offswitch.cli.output import ago, answer, json_option, say, table
from offswitch.cli.verb import desks, person
from offswitch.errors import ConfigError, Refused
from offswitch.ledger.trouble import in_words
from offswitch.model.contact import Contact
from offswitch.model.work import WorkItem
from offswitch.policy.schema import CompanyPolicy
from offswitch.project.project import Project
from offswitch.worklist.export import as_json as document
from offswitch.worklist.export import write_csv
from offswitch.worklist.hand import Deed, do, knows, roles_of
from offswitch.worklist.kept import folder_of, kept
from offswitch.worklist.query import HORIZON, find_item, worklist
from offswitch.worklist.text import rows, shown, summary


@click.group("worklist", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """What people have to do now, because a flow is off or asks for them."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@contextmanager
def _desks(project: Project, flow: str | None = None) -> Iterator[list[Desk]]:
    """A desk for each flow. Raises Refused with where the last list lies when the ledger can't be used."""
    home = project.settings.home
    made = max((one.made for one in kept(folder_of(home)).values()), default=None)
    index = folder_of(home) / "index.html"
    lying = f". The last list (made {ago(made, project.clock.now())}) needs no ledger: open {index}" if made else ""
    file = project.settings.ledger_file
    if lying and file is not None and not file.exists():
        raise Refused(f"the ledger {file} is not there{lying}")
    try:
        with project.ledger.read():
            pass
    except (SQLAlchemyError, sqlite3.Error, OSError, Refused) as error:
        raise Refused(f"{error if isinstance(error, Refused) else in_words(error)}{lying}") from error
    with desks(project, flow) as all_desks:
        try:
            yield all_desks
        except OperationalError as error:
            raise Refused(f"{in_words(error)}{lying}") from error


def _items(all_desks: list[Desk], everything: bool, overdue: bool = False) -> list[WorkItem]:
    found = [item for desk in all_desks for item in worklist(desk, None if everything else HORIZON)]
    late = [item for item in found if not overdue or item.late(all_desks[0].clock.now())]
    return sorted(late, key=lambda item: (item.due, item.id))


def _desk_of(all_desks: list[Desk], item: str) -> Desk:
    found = next((desk for desk in all_desks if knows(desk, item)), None)
    if found is None:
        raise Refused(f"there is no open item {item!r}: it is done, or the person left. See `offswitch worklist`")
    return found


_flow = click.argument("flow", required=False)
_all = click.option("--all", "everything", is_flag=True, help="Later than the next 72 hours, too.")


@command.command("list")
@_flow
@_all
@click.option("--overdue", is_flag=True, help="Only what is past its time.")
@json_option
def list_(flow: str | None = None, everything: bool = False, overdue: bool = False, as_json: bool = False) -> None:
    """The items, due first."""
    project = Project()
    with _desks(project, flow) as all_desks:
        items = _items(all_desks, everything, overdue)
    now = project.clock.now()
    with project.ledger.read() as book:
        lost = project.lost(book)

    def text() -> str:
        if lost:
            say(f"Not all that is to do is shown: {lost}")
        if not items:
            return "Nothing is overdue." if overdue else "Nothing to do: the worklist is empty."
        return f"{table(('ITEM', 'DUE', 'FLOW', 'WHO', 'WHAT'), rows(items, now))}\n{summary(items, now)}"

    answer(document(items, now), as_json, text)


@command.command()
@click.argument("item")
@json_option
def show(item: str, as_json: bool) -> None:
    """One item: who, what, why, the finished draft and the runbook."""
    project = Project()
    with _desks(project) as all_desks:
        desk = _desk_of(all_desks, item)
        with desk.ledger.read() as book:
            try:
                found = find_item(desk, book, item, project.clock.now()).item
            except KeyError as error:
                raise Refused(f"there is no open item {item!r}: see `offswitch worklist`") from error
        now = _wall(project, desk)
    answer(document([found], now), as_json, lambda: shown(found, now))


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--flow", help="Only this flow.")
@_all
@click.option("--overdue", is_flag=True, help="Only what is past its time.")
@click.option("--lang", type=click.Choice(["en", "ar"]), default="en", help="The language of the HTML page.")
def export(file: Path, flow: str | None, everything: bool, overdue: bool, lang: str) -> None:
    """Write the items to FILE.csv, FILE.html or FILE.json."""
    project = Project()
    with _desks(project, flow) as all_desks:
        items = _items(all_desks, everything, overdue)
        now = _wall(project, all_desks[0])
    match file.suffix:
        case ".csv":
            with file.open("w", encoding="utf-8-sig", newline="") as table_file:  # Excel reads UTF-8 only with the mark
                write_csv(table_file, items, now)
        case ".html":
            from offswitch.worklist.page import as_html

            file.write_text(as_html(items, now, lang), encoding="utf-8", newline="")
        case ".json":
            file.write_text(json.dumps(document(items, now), ensure_ascii=False, indent=2), encoding="utf-8", newline="")
        case _:
            raise Refused(f"{file}: end the name with .csv, .html or .json")
    click.echo(f"{len(items)} items: {file}")


@command.command()
@_flow
@json_option
def snapshot(flow: str | None, as_json: bool) -> None:
    """Write the list for the day when nothing works.

    All that is due in the next 72 hours, as if everything were off from now: a
    table, and pages in English and Arabic that need no program. Every run does
    this by itself.
    """
    from offswitch.act.collect import collect
    from offswitch.intake.opt_outs import obey_missing
    from offswitch.project.lists import where, write_list

    project = Project()
    with _desks(project, flow) as all_desks:
        obey_missing(project.ledger, project.opt_outs, project.clock.now())
        for desk in all_desks:
            while collect(desk) is not None:  # what came in since the last pass belongs on it
                pass
        made = [write_list(project, desk) for desk in all_desks]
    data = {"index": str(where(project)), "flows": [one.to_json() for one in made]}
    lines = [f"{one.flow}: {one.items:,} items for {one.people:,} people, about {one.minutes:,} minutes" for one in made]
    answer(data, as_json, lambda: "\n".join([*lines, f"Open {where(project)}"]))


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@json_option
def import_(file: Path, by: str | None, as_json: bool) -> int:
    """Enter what people noted in a list: FILE.csv with outcome, done_by, done_at.

    Each row counts once, however often the file is read. Exit code 1 when a row
    was refused; the others are entered.
    """
    from offswitch.worklist.results import REFUSED, Desks, as_text, counted, rows_of

    project = Project()
    who = person(project, by)
    noted = rows_of(file)
    with _desks(project) as all_desks:
        told = Desks(all_desks, _company(project), _wall(project, all_desks[0]), who).enter(noted)
    answer({"file": str(file), **counted(told)}, as_json, lambda: f"{file}: {as_text(told)}")
    return 1 if any(one.became == REFUSED for one in told) else 0


@command.command()
@_flow
@json_option
def push(flow: str | None, as_json: bool) -> int:
    """Make each item a task in the customer register, once."""
    from offswitch.worklist.push import push as push_to_register

    project = Project()
    counts: Counter[str] = Counter({"new": 0, "there already": 0})
    with _desks(project, flow) as all_desks:
        for desk in all_desks:
            counts += push_to_register(desk, _wall(project, desk))
    back = {reason: n for reason, n in counts.items() if reason not in ("new", "there already")}
    data = {"new": counts["new"], "there_already": counts["there already"], "kept_back": back}
    lines = [f"tasks: {counts['new']} new, {counts['there already']} there already", *(f"  {n} {reason}" for reason, n in back.items())]
    answer(data, as_json, lambda: "\n".join(lines))
    return 1 if back else 0


def _company(project: Project) -> CompanyPolicy | None:
    """None while company.yaml is broken: the list has to come, and the answers have to be taken, whatever is broken."""
    try:
        return project.company()
    except ConfigError:
        return None


def _wall(project: Project, desk: Desk) -> datetime:
    """Now, on the company's clock; while company.yaml is broken, on the last valid one's."""
    with desk.ledger.read() as book:
        desk.switchboard.look(book)
    return project.clock.now().astimezone(desk.switchboard.zone(Contact("")))


def _act(item: str, by: str | None, outcome: str, as_json: bool, **more: Any) -> None:
    project = Project()
    who, company = person(project, by), _company(project)
    deed = Deed(who, outcome, roles=roles_of(company, who, outcome), **more)
    with _desks(project) as all_desks:
        done = do(_desk_of(all_desks, item), item, deed)
    answer({"item": item, "outcome": outcome, "by": deed.by, "who": done.name}, as_json, lambda: f"{outcome}: {done.title}, {done.name}")


_by = click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
_why = click.option("--why", "note", default="", help="In a few words.")


@command.command()
@click.argument("item")
@_by
@_why
@click.option("--from-owner", is_flag=True, help="Somebody else has it and is away; takes an owner or approver, and --why.")
@json_option
def take(item: str, by: str | None, note: str, from_owner: bool, as_json: bool) -> None:
    """It is yours until you give it back."""
    _act(item, by, "take-over" if from_owner else "take", as_json, note=note)


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


_simple("approve", "The machine may do it, says an approver or owner; while it is off, it waits.")
_simple("got-it", "The customer has it: it counts as done.")
_simple("did-not", "The customer never got it: it may be done again.")
_simple("retry", "What was missing is there now: let the machine look again.")
