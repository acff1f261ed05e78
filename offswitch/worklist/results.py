"""What people noted in a list while nothing worked, entered as deeds: each row once, however often the file is read."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from offswitch.act.desk import Desk
from offswitch.errors import Refused
from offswitch.ledger.base import Book
from offswitch.model.cells import plain_cell
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.entry import OVER
from offswitch.model.work import item_id
from offswitch.policy.schema import CompanyPolicy
from offswitch.worklist.hand import Deed, do, knows, roles_of

NEEDED = ("id", "outcome", "done_by", "done_at")
Said: TypeAlias = tuple[str, str, datetime | None]  # an answer, by whom, when
_VERBS = ("done", "skip", "approve", "got-it", "did-not", "retry")
_BECAME = ENTERED, ALREADY, BLANK, REFUSED = "entered", "already there", "not filled in", "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file as people left it. `number` is the spreadsheet's."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def blank(self) -> bool:
        """Has nobody noted anything here?"""
        return not any(self[name] for name in NEEDED[1:])


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row, and why where it was refused."""

    row: int
    item: str
    became: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Desks:
    """The flows that rows may be about, and by what the rows are read. `by` is who enters them; times without a zone are those of `now`.

    `company` None: company.yaml can't be read, and everybody is believed.
    """

    desks: Sequence[Desk]
    company: CompanyPolicy | None
    now: datetime
    by: str

    def enter(self, rows: Sequence[Row]) -> list[Told]:
        """Every row, in the order in which things were done; told in the order of the file."""
        told: list[Told] = []
        noted: list[tuple[Row, Deed]] = []
        for row in rows:
            if row.blank:
                told.append(Told(row.number, row["id"], BLANK))
                continue
            try:
                noted.append((row, self._deed(row)))
            except Refused as refusal:
                told.append(Told(row.number, row["id"], REFUSED, str(refusal)))
        noted.sort(key=lambda one: (one[1].at or self.now, one[0].number))
        known = self._known()
        for place, (row, deed) in enumerate(noted):
            later = [_said(other) for one, other in noted[place:] if one["id"] == row["id"]]
            told.append(Told(row.number, row["id"], ALREADY) if known.get(row["id"]) in later else self._enter(row, deed, known))
        return sorted(told, key=lambda one: one.row)

    def _enter(self, row: Row, deed: Deed, known: dict[str, Said]) -> Told:
        try:
            desk = self._desk(row)
            try:
                do(desk, row["id"], deed)
            except Refused as refusal:
                raise Refused(_because(desk, row, known) or str(refusal)) from refusal
        except Refused as refusal:
            return Told(row.number, row["id"], REFUSED, str(refusal))
        known[row["id"]] = _said(deed)
        return Told(row.number, row["id"], ENTERED)

    def _deed(self, row: Row) -> Deed:
        for name in NEEDED:
            if not row[name]:
                raise Refused(f"{name} is empty")
        who = self._person(row["done_by"])
        at = _moment(row["done_at"], self.now)
        minutes = row["took_minutes"]
        if minutes and not (minutes.isascii() and minutes.isdecimal() and int(minutes) < 100_000):
            raise Refused(f"took_minutes is {minutes!r}: write a whole number")
        note = "; ".join(filter(None, (row["remarks"], f"entered by {self.by}" if self.by != who else "")))
        if row["outcome"].lower() == "skip" and not row["remarks"]:
            raise Refused("say in remarks why it was skipped")
        outcome = row["outcome"].lower().replace(" ", "-")
        outcome = outcome if outcome in _VERBS else row["outcome"]
        roles = roles_of(self.company, who, outcome)
        return Deed(who, outcome, note, int(minutes) if minutes else None, (), roles, at, row["entry_id"])

    def _person(self, words: str) -> str:
        """A colleague by address or by name."""
        if self.company is None:
            return words
        people = {address.lower(): address for address in self.company.people}
        names = {colleague.name.lower(): address for address, colleague in self.company.people.items()}
        found = people.get(words.lower()) or names.get(words.lower())
        if found is None:
            near = get_close_matches(words.lower(), [*people, *names], 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(people)}"
            raise Refused(f"done_by {words!r} is not among the people of company.yaml{hint}")
        return found

    def _desk(self, row: Row) -> Desk:
        for desk in self.desks:
            if row["flow"]:
                if desk.journey.name == row["flow"]:
                    return desk
                continue
            if knows(desk, row["id"]):
                return desk
        raise Refused(f"there is no flow called {row['flow']!r}" if row["flow"] else f"there is no open item {row['id']!r}")

    def _known(self) -> dict[str, Said]:
        """What people have answered before, by item."""
        with self.desks[0].ledger.read() as book:
            return {
                item_id(row.entry_id, row.step, row.visit): (row.outcome, row.done_by, row.done_at)
                for row in book.work.all()
                if row.outcome
            }


def counted(told: Sequence[Told]) -> dict[str, Any]:
    """How much became of the rows, and each that was refused: plain JSON values."""
    counts = Counter(one.became for one in told)
    problems = [{"row": one.row, "item": one.item, "why": one.why} for one in told if one.became == REFUSED]
    return {**{name.replace(" ", "_"): counts[name] for name in _BECAME}, "problems": problems}


def as_text(told: Sequence[Told]) -> str:
    """The same in words."""
    counts = Counter(one.became for one in told)
    lines = [f"  row {one.row}, {one.item or 'no item'}: {one.why}" for one in told if one.became == REFUSED]
    return "\n".join([", ".join(f"{counts[name]} {name}" for name in _BECAME), *lines])


def rows_of(path: Path) -> list[Row]:
    """The rows of a CSV file as spreadsheets save it, whatever stands between the cells. Raises Refused for one that can't be read."""
    text = _text(path)
    head = text.partition("\n")[0]
    between = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error as error:
        raise Refused(f"{path} is not a CSV file: {error}") from error
    columns = [cell.strip().lower() for cell in lines[0]] if lines else []
    if missing := [name for name in NEEDED if name not in columns]:
        raise Refused(f"{path}: the first line must name the columns {', '.join(NEEDED)}; missing: {', '.join(missing)}")
    return [
        Row(number, {name: plain_cell(cell.strip()) for name, cell in zip(columns, cells, strict=False)})
        for number, cells in enumerate(lines[1:], 2)
        if any(cells)
    ]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} can't be read: {error.strerror}") from error
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8: in the spreadsheet, save it as “CSV UTF-8”") from error


def _moment(text: str, now: datetime) -> datetime:
    """A date with a time; without an offset it is the clock on the company's wall."""
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise Refused(f"done_at is {text!r}: write date and time such as {now:%Y-%m-%d %H:%M}") from error
    if len(text) <= len("2026-11-22"):
        raise Refused(f"done_at is {text!r}: the time is missing, such as {now:%Y-%m-%d %H:%M}")
    at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    if at > now:
        raise Refused(f"done_at is {text}: that is in the future")
    return at


def _said(deed: Deed) -> Said:
    return deed.outcome, deed.by, deed.at


def _because(desk: Desk, row: Row, known: Mapping[str, Said]) -> str:
    """Why an item is not open any more, or "" where it is."""
    if knows(desk, row["id"]):
        return ""
    with desk.ledger.read() as book:
        return _by_machine(book, row) or _by_others(row, known) or _not_yet(row) or _over(book, row)


def _by_machine(book: Book, row: Row) -> str:
    effects = book.effects.of_entries([row["entry_id"]]).get(row["entry_id"], []) if row["entry_id"] else []
    for effect in effects:
        mine = item_id(effect.entry_id, effect.step, effect.visit) == row["id"]
        if mine and effect.counts and effect.actor == MACHINE and effect.state in (Stage.PERFORMED, Stage.RESERVED):
            return f"the machine sent this itself on {effect.at:%Y-%m-%d %H:%M} UTC: this customer may have it twice"
    return ""


def _by_others(row: Row, known: Mapping[str, Said]) -> str:
    outcome, by, at = known.get(row["id"], ("", "", None))
    return f"{by} has answered this already: {outcome}, {at:%Y-%m-%d %H:%M} UTC" if at else ""


def _not_yet(row: Row) -> str:
    return f"it comes after {row['follows']}, which is not entered, or led elsewhere" if row["follows"] else ""


def _over(book: Book, row: Row) -> str:
    entry = book.entries.get([row["entry_id"]]).get(row["entry_id"]) if row["entry_id"] else None
    return f"this person's journey is over: {entry.reason}" if entry is not None and entry.state in OVER else ""
