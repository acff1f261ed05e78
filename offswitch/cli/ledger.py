"""`offswitch ledger export`: everything that the ledger knows, one JSON document a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from offswitch.cli.output import say
from offswitch.ledger.base import Book
from offswitch.model.entry import shown
from offswitch.project.project import Project

SCHEMA = "offswitch.ledger/1"


@click.group("ledger")
def command() -> None:
    """The ledger itself."""


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of JSON lines.")
def export(file: Path, as_json: bool) -> None:
    """Write every event, answer, entry, effect and work row. Schema: docs/ledger.md."""
    project = Project()
    with project.ledger.read() as book, click.open_file(str(file), "w", encoding="utf-8") as out:
        rows = lines(book)
        if as_json:
            out.write(json.dumps(list(rows), ensure_ascii=False, default=_plain) + "\n")
            return
        count = 0
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")
            count += 1
    say(f"{count} rows")


def lines(book: Book) -> Iterator[dict[str, Any]]:
    """Every row as a dictionary with its sort, the schema first."""
    yield {"schema": SCHEMA}
    for sort, rows in (
        ("event", book.events.all()),
        ("admission", book.events.all_outcomes()),
        ("entry", book.entries.all()),
        ("effect", book.effects.all()),
        ("work", book.work.all()),
        ("shadow_entry", book.shadow.all_entries()),
        ("shadow_decision", book.shadow.all()),
    ):
        for row in rows:
            values = {"sort": sort, **row._mapping}
            if sort == "effect":
                values["key"] = shown(values["key"])
            yield values


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value.total_seconds() if hasattr(value, "total_seconds") else str(value)
