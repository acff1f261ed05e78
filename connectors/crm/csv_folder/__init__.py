"""A customer register in a folder of CSV files, which people open in a spreadsheet whenever they like.

`people.csv`, `notes.csv` and `tasks.csv`; what stood there last lies beside, by which edits are known.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from connectors.crm.csv_folder.file import Overtaken
from connectors.crm.csv_folder.folder import People, Sheets, values_of
from connectors.crm.csv_folder.memory import Memory
from connectors.crm.csv_folder.merge import EMAIL
from connectors.crm.csv_folder.sheet import Damaged
from connectors.register.unfit import unfit
from offswitch.act.ports import Change, Edit, Edits, Order
from offswitch.errors import Lapsed, Retryable
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

T = TypeVar("T")
_ATTEMPTS = 5  # how often somebody may save the file while we write it
_PAGE = 500


def connect() -> CsvFolder:
    """The folder OFFSWITCH_CRM_CSV_FOLDER, by default `crm` in OFFSWITCH_HOME (`.offswitch`)."""
    home = Path(os.environ.get("OFFSWITCH_HOME") or ".offswitch")
    return CsvFolder(Path(os.environ.get("OFFSWITCH_CRM_CSV_FOLDER") or home / "crm"))


class CsvFolder:
    """People by e-mail address, one row each. Each field keeps the newest value, as far as a file can tell.

    A saved file tells when it was saved, and each row on which of our writes it is based: a copy that was open for a while
    undoes nothing of ours, and nothing of people's is written over. Who edited it, a file doesn't tell.
    """

    name = "csv_folder"
    guarantee = Guarantee.NATURAL_UPSERT
    limits = "none: files on this machine, one writer at a time; made for some thousand people"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = Memory(folder / ".offswitch.sqlite")

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order; the first receipt comes when everything is on the disk."""
        if not orders:
            return
        try:
            receipts = self._while_mine(lambda sheets: [_receipt(sheets, order) for order in orders])
        except (OSError, Retryable, sqlite3.OperationalError) as error:
            receipts = [Receipt(order.permit.key, Outcome.RETRY, _why(error)) for order in orders]
        except sqlite3.DatabaseError as error:
            receipts = [Receipt(order.permit.key, Outcome.BROKEN, _why(error)) for order in orders]
        for order, receipt in zip(orders, receipts, strict=True):
            if receipt.outcome is Outcome.PERFORMED:
                order.permit.accepted()
        yield from receipts

    def look_up(self, key: str) -> Receipt | None:
        """Did this key arrive?"""
        with self._memory.alone():
            found = self._memory.written(shown(key))
        return Receipt(key, Outcome.PERFORMED if found else Outcome.RETRY, reference=shown(key))

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """`stage`, `tags`, `name`, `language` and every other column that is filled in. Raises Retryable, OSError."""
        people = People(self._folder, self._memory)
        return {email: values_of(row) for email in emails if (row := people.of(email)) is not None}

    def edits(self, cursor: str) -> Edits:
        """What people changed in `people.csv`."""
        return self._while_mine(lambda sheets: _edits(sheets.memory, cursor))

    def diagnose(self) -> Iterator[Finding]:
        """Can the files be read and written, and is everybody there once?"""
        about = f"the folder {self._folder.name}"
        try:
            self._while_mine(lambda sheets: sheets.people())
            people = People(self._folder, self._memory)
        except (OSError, Retryable, sqlite3.DatabaseError) as error:
            yield Finding(
                about, Level.TROUBLE, _why(error), "mend or close the file; if it is lost, its last state is `.people.csv.before`"
            )
            return
        yield Finding(about, Level.FINE, f"holds {len(people):,} people")
        if people.twice:
            yield Finding(
                about, Level.ADVICE, f"{people.twice:,} rows repeat an address", f"keep one row for each {EMAIL}; the first counts"
            )

    def close(self) -> None:
        """Let go of the folder."""
        self._memory.close()

    def _while_mine(self, work: Callable[[Sheets], T]) -> T:
        """Do it with the newest files and save them; anew when somebody saves one meanwhile. Raises Retryable, OSError, sqlite3.Error."""
        for _ in range(_ATTEMPTS):
            try:
                with self._memory.alone():  # what people changed is kept for good before our own write can fail half-way
                    Sheets(self._folder, self._memory).save()
                with self._memory.alone():
                    sheets = Sheets(self._folder, self._memory)
                    result = work(sheets)
                    sheets.save()
                    return result
            except Overtaken:
                continue
        raise Retryable("somebody saves the files all the time")


def _receipt(sheets: Sheets, order: Order[Change]) -> Receipt:
    key, change = order.permit.key, order.payload
    wrong = unfit(order)
    if wrong is not None:
        return wrong
    try:
        order.permit.begin()
    except Lapsed as lapse:
        return Receipt(key, Outcome.LAPSED, str(lapse))
    sheets.write(change, datetime.now(UTC))
    return Receipt(key, Outcome.PERFORMED, reference=change.external_id)


def _edits(memory: Memory, cursor: str) -> Edits:
    name = memory.id
    if not cursor:
        return Edits((), f"{name}:{memory.newest_edit}")
    of, _, last = cursor.partition(":")
    after = int(last) if of == name else 0  # another memory: all that it knows is new
    rows = memory.edits(after, _PAGE)
    found = [Edit(f"{name}-{n}", email, at, changed) for n, email, changed, at in rows]
    return Edits(found, f"{name}:{rows[-1][0] if rows else after}", more=len(rows) == _PAGE)


def _why(error: Exception) -> str:
    """Without the path, which may name a person's machine."""
    if isinstance(error, sqlite3.Error):
        return f"the register's memory can't be used: {error}"
    if isinstance(error, Damaged):
        return str(error)
    return f"the register can't be written now: {error.strerror}" if isinstance(error, OSError) else str(error)
