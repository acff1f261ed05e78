"""A file of forms as rows: CSV, JSON or JSON lines to one mapping per form, each with its line."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TextIO

from connectors.forms.elements import split_list
from connectors.forms.person import did_you_mean
from connectors.forms.strict_json import DEEPER, parse_text
from connectors.forms.submission import FRAME, PERSON
from connectors.forms.text import DEPTH, Unfit, one_line
from offswitch.errors import ConfigError, Problem

NOTES = ("reject_where", "reject_reason")  # columns that `write_rejects` adds and that a second reading skips
REQUIRED = ("id", "email")
COLUMNS = tuple(name for name in FRAME + PERSON if name not in ("contact", "data"))


class Row(NamedTuple):
    """What stands on a line. `fault` says why it can't be read, or is empty. `ours`: it is a form as we write them."""

    line: int
    fields: Mapping[str, Any]
    fault: str = ""
    ours: bool = True


def read_rows(file: TextIO, path: str) -> Iterator[Row]:
    """The rows of a file of forms, format found by its first letter. Raises ConfigError for what spoils the whole file."""
    return _rows(file, path, ours=True)


def read_foreign_rows(file: TextIO, path: str) -> Iterator[Row]:
    """The same for somebody else's file, with columns of any name and deeper JSON. Rows that we had rejected are still ours."""
    return _rows(file, path, ours=False)


def _rows(file: TextIO, path: str, *, ours: bool) -> Iterator[Row]:
    first = _first_line(file, path)
    depth = DEPTH if ours else DEEPER
    if first.lstrip().startswith("["):
        rows = _list(first + file.read(), path, depth)
    elif first.lstrip().startswith("{"):
        rows = _objects(first, file, depth)
    else:
        return _table(first, file, path, ours=ours)
    return rows if ours else (row._replace(ours=False) for row in rows)


def _first_line(file: TextIO, path: str) -> str:
    """Everything up to and including the first line that isn't blank."""
    read = ""
    for line in file:
        read += line
        if line.strip():
            break
    if not read.strip():
        raise ConfigError(Problem(path, 0, 0, "the file is empty"))
    if "\0" in read or _broken(read):
        raise ConfigError(Problem(path, 1, 1, "the file is not UTF-8", "save it as CSV UTF-8 and try again"))
    return read


def _list(text: str, path: str, depth: int) -> Iterator[Row]:
    try:
        for line, element in split_list(text):
            yield _element(line, element, depth)
    except ValueError as error:
        raise ConfigError(Problem(path, 0, 0, str(error), "end it with ]")) from error


def _objects(first: str, file: TextIO, depth: int) -> Iterator[Row]:
    """JSON lines; or a single object that is written over several lines."""
    start = first.count("\n", 0, len(first.rstrip())) + 1
    if not _closed(first, depth):
        yield _element(start, first + file.read(), depth)
        return
    yield _element(start, first, depth)
    for line, text in enumerate(file, first.count("\n") + 1):
        if text.strip():
            yield _element(line, text, depth)


def _closed(text: str, depth: int) -> bool:
    try:
        parse_text(text, depth)
    except Unfit:
        return text.rstrip().endswith("}")
    return True


def _element(line: int, text: str, depth: int) -> Row:
    if _broken(text):
        return Row(line, {}, "the row is not UTF-8")
    try:
        found = parse_text(text, depth)
    except Unfit as error:
        return Row(line, {"text": text.strip()[:2_000]}, f"the row {error}")
    if not isinstance(found, dict):
        return Row(line, {"text": text.strip()[:2_000]}, "the row is not a JSON object")
    return Row(line, found)


def _table(first: str, file: TextIO, path: str, *, ours: bool) -> Iterator[Row]:
    blank = first.count("\n", 0, len(first) - len(first.lstrip()))
    mark = max(",;\t", key=first.count)
    cells = [one_line(cell) for cell in next(csv.reader([first.strip("\r\n")], delimiter=mark))]
    ours = ours or {name.lower() for name in cells}.issuperset(NOTES)
    names = _header(cells, path, blank + 1, ours=ours)
    reader = csv.reader(file, delimiter=mark, strict=True)
    before = first.count("\n")
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, f"the row can't be read: {error}; is a quotation mark left open?")
            continue
        if any(cell.strip() for cell in cells):
            yield _row(line, names, cells)._replace(ours=ours)


def _header(names: list[str], path: str, line: int, *, ours: bool) -> list[str]:
    names = [name.lower() if ours and name.lower() in COLUMNS + NOTES else name for name in names]
    problems = [
        Problem(path, line, 1, f"there is no column {name!r}{did_you_mean(name, names)}", f"the header has {', '.join(names)[:200]}")
        for name in REQUIRED
        if ours and name not in names
    ]
    problems += [
        Problem(path, line, 1, f"the header names {name!r} {times} times")
        for name, times in Counter(filter(None, names)).items()
        if times > 1
    ]
    if problems:
        raise ConfigError(*problems)
    return names


def _row(line: int, names: list[str], cells: list[str]) -> Row:
    fields = {name: cell for name, cell in zip(names, cells, strict=False) if name not in NOTES and cell.strip()}
    if any(_broken(cell) for cell in cells):
        return Row(line, fields, "the row is not UTF-8")
    if len(cells) != len(names):
        return Row(line, fields, f"the row has {len(cells)} cells, the header {len(names)}")
    if "" in fields:
        return Row(line, fields, "the row has a cell under no column name")
    return Row(line, fields)


def _broken(text: str) -> bool:
    """Bytes that weren't UTF-8 come in as lone surrogates."""
    return any("\udc80" <= letter <= "\udcff" for letter in text)
