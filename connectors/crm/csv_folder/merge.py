"""A sheet as people have saved it, held against how it was left: what they changed, and what their old copy undid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.crm.csv_folder.memory import Line, Memory
from connectors.crm.csv_folder.sheet import Sheet
from offswitch.model.address import canonical_email

PEOPLE, EMAIL, VERSION = "people", "email", "offswitch_version"
TAGS = "tags"


def people_of(sheet: Sheet) -> dict[str, tuple[int, dict[str, str]]]:
    """Place and values of each person. Of two rows with one address the first is the person; the other is left alone."""
    found: dict[str, tuple[int, dict[str, str]]] = {}
    for place, row in sheet.rows(EMAIL):
        found.setdefault(canonical_email(row[EMAIL]), (place, row))
    return found


def several(text: str) -> list[str]:
    """The tags in a cell."""
    return [tag.strip() for tag in text.replace("؛", ";").split(";") if tag.strip()]


def take_in(memory: Memory, sheet: Sheet, at: datetime) -> None:
    """Remember what people changed, as edits; put back what they undid by saving a copy that was older than our writes.

    Each row says by its version on which of our writes a copy is based. `at` is when the file was saved.
    """
    lines = memory.lines(PEOPLE)
    first = not memory.left(PEOPLE)
    there = people_of(sheet)
    looked: dict[str, Line] = {}
    for email, (place, row) in there.items():
        line, version = lines.get(email), row.pop(VERSION, "")
        row.pop(EMAIL)
        if line is None:
            looked[email] = Line(row)
            if not first:
                _edited(memory, email, {name: value for name, value in row.items() if value}, {}, at)
            continue
        based = int(version or 0) if not version or (version.isdecimal() and version.isascii()) else line.version
        if based > line.version:  # our own write, whose memory was lost when the machine died
            looked[email] = Line({**line.cells, **row}, based, line.added, line.put_back)
            continue
        looked[email] = _merged(memory, sheet, (email, place, row), line, based, at)
    memory.keep(PEOPLE, looked)
    put_back(memory, PEOPLE, sheet, {email: line for email, line in lines.items() if email not in there}, lines)


def _merged(memory: Memory, sheet: Sheet, found: tuple[str, int, dict[str, str]], line: Line, based: int, at: datetime) -> Line:
    email, place, row = found
    before = memory.at_version(email, line, based)
    changed = {name: value for name, value in row.items() if value not in (before.get(name, ""), line.cells.get(name, ""))}
    _edited(memory, email, changed, before, at)
    ours = {name: value for name, value in line.cells.items() if name not in changed and value != before.get(name, "")}
    undone = {name: value for name, value in ours.items() if row.get(name) != value}
    if undone or based != line.version:
        sheet.set(place, {**undone, VERSION: str(line.version)})
    return Line({**line.cells, **row, **undone}, line.version, line.added, line.put_back)


def _edited(memory: Memory, email: str, changed: Mapping[str, str], before: Mapping[str, str], at: datetime) -> None:
    if not changed:
        return
    values: dict[str, object] = {**changed, **({TAGS: several(changed[TAGS])} if TAGS in changed else {})}
    memory.edit(email, values, at)
    memory.say(email, changed, at, "people")
    gone = set(several(before.get(TAGS, ""))) - set(several(changed[TAGS])) if TAGS in changed else set()
    memory.say(email, {f"{TAGS} {tag}" for tag in gone}, at, "people")


def put_back(memory: Memory, name: str, sheet: Sheet, missing: Mapping[str, Line], lines: Mapping[str, Line]) -> None:
    """Add rows of ours again that are missing together with all that we added later: an old copy was saved. Once for each row."""
    ours = sorted((line.added, key) for key, line in lines.items() if line.added is not None)
    tail: dict[str, Line] = {}
    while ours and ours[-1][1] in missing:
        _, key = ours.pop()
        if not missing[key].put_back:
            tail[key] = missing[key]
    for key, line in reversed(tail.items()):
        sheet.add({**line.cells, **({EMAIL: key, VERSION: str(line.version)} if name == PEOPLE else {})})
        line.put_back = True
    memory.keep(name, tail)
