"""`offswitch audit`: who did what, and whether the ledger still says what was written into it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from offswitch.cli.output import answer, json_option, say, width
from offswitch.errors import Refused
from offswitch.ledger.audit import Audit, Deed
from offswitch.ledger.columns import moment
from offswitch.ledger.digests import BETWEEN
from offswitch.ledger.verify import Trouble, Verified, verify
from offswitch.project.project import Project

SCHEMA = "offswitch.audit/1"
_SHOWN = 40  # troubles in the text
_WHEN = 18  # columns of the time
_WORDS = {
    "changed": "changed behind the log's back",
    "missing": "missing",
    "added": "added behind the log's back",
    "held": "held by a worker that is gone",
    "log": "the log itself was changed",
    "file": "the store is damaged",
}


@click.group("audit", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """The append-only log of every change."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("list")
@click.option("--flow", default="", help="Only this flow.")
@click.option("--by", default="", metavar="ADDRESS", help="Only what this person did.")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many.")
@json_option
def list_(flow: str = "", by: str = "", last: int = 20, as_json: bool = False) -> None:
    """What people did last, newest at the end."""
    with Project().ledger.read() as book:
        deeds = book.audit.deeds(last, flow, by)
    answer([asdict(deed) for deed in deeds], as_json, lambda: "\n".join(map(_line, deeds)) or "Nobody has done anything yet.")


def _line(deed: Deed) -> str:
    flow = f"{deed.flow}: " if deed.flow else ""
    words = wrap(f"{deed.by}  {flow}{deed.what}", width() - _WHEN, break_on_hyphens=False)
    return f"{deed.at:%Y-%m-%d %H:%M}  " + f"\n{' ' * _WHEN}".join(words)


@command.command("verify")
@json_option
def verify_(as_json: bool) -> None:
    """Compare every row with the log, and the log with itself.

    Exit code 1 when something was changed, is missing or was added by anything
    but Offswitch.
    """
    project = Project()
    try:
        with project.ledger.read() as book:
            found, lost = verify(book), project.lost(book)
            lines = _lines(found, book.audit)
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
        raise Refused(f"the ledger can't be read ({getattr(error, 'orig', error)}): see docs/audit.md for what to do") from error
    mark = "" if lost else f"the mark in {project.highwater.path} agrees"
    answer(_document(found, lost), as_json, lambda: _verified(found, lines, mark))
    if found.count or lost:
        raise Refused(lost or "the ledger is not as the log says: see docs/audit.md for what to do")


def _document(found: Verified, lost: str) -> dict[str, Any]:
    return {
        "valid": not found.count and not lost,
        "head": asdict(found.head),
        "rows": found.rows,
        "count": found.count,
        "troubles": [{**asdict(trouble), "key": _shown(trouble.key)} for trouble in found.troubles],
        "lost": lost,
    }


def _verified(found: Verified, lines: list[str], mark: str) -> str:
    head = f"{found.head.n:,} log rows, {found.rows:,} rows of the ledger"
    if not found.count:
        older = [f"  {found.before:,} of them are older than the log, and counted as they were when it began"] if found.before else []
        newest = f"  newest log row: {found.head.hash}" if found.head.n else "  the log is empty"
        return "\n".join([f"valid: {head}", *older, newest, *([f"  {mark}"] if mark else [])])
    more = [f"  … and {found.count - len(lines):,} more: see --json"] if found.count > len(lines) else []
    return "\n".join([f"NOT valid: {head}", *lines, *more])


def _lines(found: Verified, log: Audit) -> list[str]:
    """Each trouble in words. A log that was changed itself is no witness of who wrote what."""
    sound = all(trouble.what not in ("log", "file") for trouble in found.troubles)
    return [_trouble(trouble, log.at(trouble.n) if sound else None) for trouble in found.troubles[:_SHOWN]]


def _trouble(trouble: Trouble, deed: Deed | None) -> str:
    last = f"written last by log row {deed.n}, {deed.at:%Y-%m-%d %H:%M} UTC, {deed.by}" if deed else ""
    about = "  ".join(filter(None, (trouble.table, _shown(trouble.key))))
    return "\n    ".join(filter(None, (f"  {about or 'file'}", _WORDS[trouble.what], last, trouble.detail)))


def _shown(key: str) -> str:
    return key.replace(BETWEEN, "/")


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
def export(file: Path) -> None:
    """Write the whole log as JSON lines. Schema: docs/audit.md."""
    with Project().ledger.read() as book, click.open_file(str(file), "w", encoding="utf-8") as out:
        count = sum(bool(out.write(json.dumps(row, ensure_ascii=False) + "\n")) for row in _exported(book.audit))
    say(f"{count - 1} rows")


def _exported(log: Audit) -> Iterator[dict[str, Any]]:
    yield {"schema": SCHEMA}
    for n, at, by, flow, what, rows, hashed in log.rows():
        when = moment(at).isoformat(timespec="microseconds")
        yield {"n": n, "at": when, "by": by, "flow": flow, "what": what, "rows": json.loads(rows), "hash": hashed}
