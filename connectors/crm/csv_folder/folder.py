"""The three sheets of a folder: what a change writes into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.crm.csv_folder.file import Saved, digest, read_saved, replace
from connectors.crm.csv_folder.memory import Line, Memory
from connectors.crm.csv_folder.merge import EMAIL, PEOPLE, TAGS, VERSION, people_of, put_back, several, take_in
from connectors.crm.csv_folder.sheet import Damaged, Sheet, as_cell, read_sheet
from offswitch.act.ports import Change
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact

_KEYS = {PEOPLE: EMAIL, "notes": "id", "tasks": "id"}
_COLUMNS = {
    PEOPLE: (EMAIL, "name", "stage", "language", TAGS, VERSION),
    "notes": ("id", EMAIL, "at", "text"),
    "tasks": ("id", EMAIL, "title", "due", "details", "done"),
}
_TOLD = ("name", "stage", "language")


class People:
    """`people.csv` as it stands, for reading alone. Raises Damaged, OSError."""

    def __init__(self, folder: Path, memory: Memory) -> None:
        sheet = _read(read_saved(_path(folder, PEOPLE), memory.glance(PEOPLE)), PEOPLE)
        self._rows = {email: row for email, (_, row) in people_of(sheet).items()}
        self.twice = sum(1 for _ in sheet.rows(EMAIL)) - len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, email: str) -> dict[str, str] | None:
        """A person's row, by any spelling of the address."""
        return self._rows.get(canonical_email(email))


def values_of(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as flows know it."""
    own = {name: value for name, value in row.items() if value and name not in (EMAIL, VERSION)}
    return {**dict.fromkeys(_TOLD, ""), **own, TAGS: sorted(several(row.get(TAGS, "")))}


class Sheets:
    """The folder while its memory is held: each sheet is read when it is first needed, and saved at the end if it changed."""

    def __init__(self, folder: Path, memory: Memory) -> None:
        self.memory = memory
        self._folder = folder
        self._open: dict[str, tuple[Saved, Sheet]] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._lines: dict[str, dict[str, Line]] = {}
        self.people()

    def people(self) -> Sheet:
        """`people.csv`, with what people changed taken in. Raises Damaged, OSError."""
        return self._sheet(PEOPLE)

    def write(self, change: Change, now: datetime) -> None:
        """Do what the change says. The same one twice is one."""
        email = canonical_email(change.contact.email)
        match change.kind:
            case Kind.UPDATE:
                self._update(email, change, now)
            case _ if not self.memory.written(change.external_id):
                self._person(email, change.contact)
                self._add("notes" if change.kind is Kind.NOTE else "tasks", change, now)
            case _:
                pass
        self.memory.wrote(change.external_id)

    def save(self) -> None:
        """Put what changed on the disk. Raises Overtaken, OSError."""
        for name, (saved, sheet) in self._open.items():
            content = sheet.to_bytes() if sheet.changed else saved.content
            if sheet.changed:
                replace(saved, content)
            self.memory.keep(name, self._lines[name])
            self.memory.leave(name, digest(content))

    def _sheet(self, name: str) -> Sheet:
        if name not in self._open:
            left = self.memory.left(name)
            saved = read_saved(_path(self._folder, name), left)
            if left and not saved.content and name == PEOPLE and self.memory.lines(name) and saved.at:
                raise Damaged(f"{name}.csv is empty: is it still being saved?")
            sheet = _read(saved, name)
            if digest(saved.content) != left:
                self._look(name, sheet, datetime.fromtimestamp(saved.at, UTC))
            self._open[name] = saved, sheet
            self._lines[name] = self.memory.lines(name)
            found = sheet.rows(_KEYS[name])
            self._places[name] = {canonical_email(row[EMAIL]) if name == PEOPLE else row["id"]: at for at, row in reversed([*found])}
        return self._open[name][1]

    def _look(self, name: str, sheet: Sheet, at: datetime) -> None:
        if name == PEOPLE:
            take_in(self.memory, sheet, at)
            return
        lines = self.memory.lines(name)
        there = {row["id"] for _, row in sheet.rows("id")}
        put_back(self.memory, name, sheet, {key: line for key, line in lines.items() if key not in there}, lines)

    def _person(self, email: str, contact: Contact) -> Line:
        """The person's line, new where needed; of name and language, what is known already stays."""
        lines = self._lines[PEOPLE]
        if email not in self._places[PEOPLE]:
            self._places[PEOPLE][email] = self.people().add({EMAIL: email, VERSION: "0"})
            lines[email] = Line({}, lines[email].version if email in lines else 0, _next(lines))
        known = {"name": as_cell(contact.name), "language": as_cell(contact.language)}
        self._set(email, {name: value for name, value in known.items() if value and not lines[email].cells.get(name)})
        return lines[email]

    def _update(self, email: str, change: Change, now: datetime) -> None:
        line = self._person(email, change.contact)
        people, ours = self.memory.said(email, "people"), self.memory.said(email, "machine")
        decided = change.decided or now
        values = {
            name: as_cell(value)
            for name, value in change.values.items()
            if name not in (TAGS, EMAIL, VERSION)
            and not (name in ours and ours[name] > decided)
            and change.wins(name, line.cells.get(name), people.get(name))
        }
        self.memory.say(email, values, decided, "machine")
        held = several(line.cells.get(TAGS, ""))
        wished = change.values.get(TAGS, ())
        tags = [as_cell(tag) for tag in ([wished] if isinstance(wished, str) else wished)]
        new = [tag for tag in tags if tag not in held and change.wins(TAGS, held, people.get(f"{TAGS} {tag}"))]
        self._set(email, {**values, **({TAGS: "; ".join(dict.fromkeys([*held, *new]))} if new else {})})

    def _set(self, email: str, values: Mapping[str, str]) -> None:
        """A new version of the row, if anything is new in it."""
        line = self._lines[PEOPLE][email]
        new = {name: value for name, value in values.items() if line.cells.get(name, "") != value}
        if not new:
            return
        line.version += 1
        self.memory.replaced(email, line.version, {name: line.cells.get(name, "") for name in new})
        line.cells |= new
        self.people().set(self._places[PEOPLE][email], {**new, VERSION: str(line.version)})

    def _add(self, name: str, change: Change, now: datetime) -> None:
        sheet, values = self._sheet(name), change.values
        if change.external_id in self._places[name]:
            return
        row = {"id": change.external_id, EMAIL: canonical_email(change.contact.email)}
        if name == "notes":
            row |= {"at": now.isoformat(timespec="seconds"), "text": as_cell(values["text"])}
        else:
            more = {key: as_cell(value) for key, value in values.items() if key not in ("title", "due")}
            details = "; ".join(f"{key}: {value}" for key, value in more.items())
            row |= {"title": as_cell(values["title"]), "due": as_cell(values.get("due")), "details": details, "done": ""}
        lines = self._lines[name]
        lines[change.external_id] = Line(row, 0, _next(lines))
        self._places[name][change.external_id] = sheet.add(row)


def _next(lines: Mapping[str, Line]) -> int:
    return 1 + max((line.added for line in lines.values() if line.added is not None), default=0)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def _read(saved: Saved, name: str) -> Sheet:
    try:
        return read_sheet(saved.content, _KEYS[name], _COLUMNS[name])
    except Damaged as error:
        raise Damaged(f"{saved.path.name} {error}") from None
