"""A CSV file as people keep it: columns and rows in their order, with whatever else they wrote in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from offswitch.errors import Retryable
from offswitch.model.cells import plain_cell, safe_cell

_BOM = "\ufeff"


class Damaged(Retryable):
    """The file can't be read as it is now; nothing was done with it. A person mends it, or finishes saving."""


@dataclass
class Sheet:
    """`cells` as they stand, the header among them as `columns`. Written anew, it differs from the file only where it was set."""

    columns: list[str]
    cells: list[list[str]] = field(default_factory=list)
    delimiter: str = ","
    end: str = "\r\n"
    bom: bool = True
    changed: bool = False

    def row(self, place: int) -> dict[str, str]:
        """The row by column, without what keeps a spreadsheet from running it. Columns without a name are left out."""
        found = zip(self.columns, self.cells[place], strict=False)
        return {name: as_read(cell) for name, cell in found if name}

    def rows(self, key: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows that have something in the column `key`, with their places."""
        for place in range(len(self.cells)):
            row = self.row(place)
            if row.get(key):
                yield place, row

    def set(self, place: int, values: Mapping[str, str]) -> None:
        """Write these cells of a row; a column that is not there yet comes last."""
        self.columns += [name for name in values if name not in self.columns]
        row = self.cells[place]
        row += [""] * (len(self.columns) - len(row))
        for name, value in values.items():
            row[self.columns.index(name)] = safe_cell(value)
        self.changed = True

    def add(self, values: Mapping[str, str]) -> int:
        """A new row at the end; its place."""
        self.cells.append([])
        self.set(len(self.cells) - 1, values)
        return len(self.cells) - 1

    def to_bytes(self) -> bytes:
        """The file: in UTF-8, with a mark at its beginning by which spreadsheets know that."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.end)
        writer.writerow(self.columns)
        writer.writerows(self.cells)
        return ((_BOM if self.bom else "") + text.getvalue()).encode()


def as_read(text: str) -> str:
    """A text as it comes back from a cell, also after a spreadsheet has saved it."""
    return plain_cell(safe_cell(text)).replace("\r\n", "\n").strip()


def as_cell(value: object) -> str:
    """A value as a cell holds it, and as it comes back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(map(as_cell, value))
    return "" if value is None else as_read(str(value).replace("\0", "").encode(errors="replace").decode())


def read_sheet(content: bytes, key: str, columns: Sequence[str]) -> Sheet:
    """The file's content; nothing is a new sheet with these columns. Raises Damaged."""
    if not content:
        return Sheet(list(columns))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Damaged("is not in UTF-8: save it as `CSV UTF-8`") from None
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    if "\0" in text:
        raise Damaged("has bytes that are no text: is it still being saved?")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise Damaged("is no CSV, or ends in the middle of a row: is it still being saved?") from None
    header, *cells = lines or [[]]
    names = [name.strip() for name in header]
    if names.count(key) != 1 or len(set(filter(None, names))) < len(list(filter(None, names))):
        raise Damaged(f"needs a first line with one column {key!r}, and no column twice")
    return Sheet(names, cells, delimiter, "\r\n" if first.endswith("\r") else "\n", bom)
