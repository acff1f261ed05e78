"""What commands print: an answer for people, or one JSON document with `--json`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click

F = Callable[..., Any]
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


def answer(data: dict[str, Any] | list[Any], as_json: bool, text: Callable[[], str]) -> None:
    """The command's result: JSON or text on standard output, nothing else there."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))
    else:
        click.echo(text())


def say(text: str) -> None:
    """Something by the way, on standard error."""
    click.echo(text, err=True)


def on_terminal() -> bool:
    """Does a person watch?"""
    return sys.stderr.isatty()


def width() -> int:
    """How many columns there are; 80 where nobody watches."""
    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as they need; the last one is cut where the line ends."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    wide = [max((_width(row[i]) for row in cells), default=0) for i in range(len(head))]
    lines = []
    for row in cells:
        line = "  ".join(cell + " " * (wide[i] - _width(cell)) for i, cell in enumerate(row)).rstrip()
        lines.append(_cut(line, width()))
    return "\n".join(lines)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, or in how long, in the largest fitting unit."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= length:
            amount = f"{size / length:.0f} {unit}"
            return f"{amount} ago" if seconds >= 0 else f"in {amount}"
    return "now"


def _width(text: str) -> int:
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(line: str, columns: int) -> str:
    if _width(line) <= columns:
        return line
    kept = line
    while _width(kept) > columns - 1:
        kept = kept[:-1]
    return kept + "…"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
