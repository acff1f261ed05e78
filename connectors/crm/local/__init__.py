"""A customer register in one SQLite file: for small teams, demos and drills. The same write twice is one.

People may change the file with any SQLite tool at any time: triggers note what they do, and when.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.crm.local.tables import TABLES
from connectors.register.unfit import unfit
from offswitch.act.ports import Change, Edit, Edits, Order
from offswitch.errors import Lapsed
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

_COLUMNS = ("name", "stage", "language")
_PAGE = 500
_TICK = timedelta(milliseconds=1)  # the triggers' clock; what happened in the same tick is taken for later, so that people win


def connect() -> LocalCrm:
    """The register at OFFSWITCH_CRM_LOCAL_PATH, by default `crm.sqlite` in OFFSWITCH_HOME (`.offswitch`)."""
    home = Path(os.environ.get("OFFSWITCH_HOME") or ".offswitch")
    return LocalCrm(Path(os.environ.get("OFFSWITCH_CRM_LOCAL_PATH") or home / "crm.sqlite"))


class LocalCrm:
    """People by e-mail address, with stage, tags, fields, notes and tasks. The file is made at the first use.

    Each field keeps the newest value, by when it was decided or edited. Tags are added; one that somebody takes away after
    a change was decided is not put back by it.
    """

    name = "local"
    guarantee = Guarantee.NATURAL_UPSERT
    limits = "none: one file on this machine, one writer at a time"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: sqlite3.Connection | None = None

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order, all in one transaction: the first receipt comes when everything is on the disk."""
        try:
            receipts = self._write_all(orders)
        except sqlite3.OperationalError as error:
            receipts = [Receipt(order.permit.key, Outcome.RETRY, f"the register can't be written now: {error}") for order in orders]
        except (sqlite3.DatabaseError, OSError) as error:
            receipts = [Receipt(order.permit.key, Outcome.BROKEN, f"the register can't be opened: {error}") for order in orders]
        yield from receipts

    def look_up(self, key: str) -> Receipt | None:
        """Did this key arrive? The file always knows."""
        found = self._open().execute("select 1 from writes where external_id = ?", (shown(key),)).fetchone()
        return Receipt(key, Outcome.PERFORMED if found else Outcome.RETRY, reference=shown(key))

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """`stage`, `tags`, `name`, `language` and the person's own fields, by the addresses as they were asked for."""
        asked: dict[str, list[str]] = {}
        for email in emails:
            asked.setdefault(canonical_email(email), []).append(email)
        rows = self._open().execute(
            "select email, name, stage, language, fields, (select json_group_array(tag) from tags where person = people.id)"
            " from people where email in (select value from json_each(?))",
            (json.dumps(list(asked)),),
        )
        known = {
            address: {**_own(own), "name": name, "stage": stage, "language": language, "tags": sorted(json.loads(tags))}
            for address, name, stage, language, own, tags in rows
        }
        return {email: facts for address, facts in known.items() for email in asked[address]}

    def edits(self, cursor: str) -> Edits:
        """What was changed with another program than Offswitch. Who did it, SQLite doesn't know."""
        if not cursor and not self._path.exists():
            return Edits((), ":0")  # everything in a file that is yet to be made
        file = self._open()
        name = str(file.execute("select id from file").fetchone()[0])
        if not cursor:
            newest = file.execute("select coalesce(max(id), 0) from edits").fetchone()[0]
            return Edits((), f"{name}:{newest}")
        of, _, last = cursor.partition(":")
        after = int(last) if of in (name, "") else 0  # another file: all that was done in it is new
        rows = file.execute("select id, email, before, after, at from edits where id > ? order by id limit ?", (after, _PAGE)).fetchall()
        found = [
            Edit(f"{name}-{n}", email, datetime.fromisoformat(at), changed)
            for n, email, before, then, at in rows
            if (changed := _difference(before, then))
        ]
        return Edits(found, f"{name}:{rows[-1][0] if rows else after}", more=len(rows) == _PAGE)

    def diagnose(self) -> Iterator[Finding]:
        """Can the file be opened and read, and is it whole?"""
        about = f"the register {self._path.name}"
        try:
            file = self._open()
            (trouble,) = file.execute("pragma quick_check(1)").fetchone()
            (people,) = file.execute("select count(*) from people").fetchone()
        except (sqlite3.DatabaseError, OSError) as error:
            yield Finding(about, Level.TROUBLE, f"can't be read: {error}", "look at the file; put a backup in its place if it is damaged")
            return
        if trouble != "ok":
            yield Finding(about, Level.TROUBLE, "is damaged", "put a backup in its place, or mend it with `sqlite3 FILE .recover`")
        elif not os.access(self._path, os.W_OK):
            yield Finding(about, Level.TROUBLE, "can't be written", "let the user who runs offswitch write the file and its folder")
        else:
            yield Finding(about, Level.FINE, f"holds {people:,} people")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
            file.execute("pragma journal_mode = wal")
            file.executescript(f"begin immediate;{TABLES}commit;")
            self._file = file
        return self._file

    def _write_all(self, orders: Sequence[Order[Change]]) -> list[Receipt]:
        file = self._open()
        file.execute("begin immediate")
        with file:
            file.execute("insert into ours values (1)")
            receipts = [_receipt(file, order) for order in orders]
            file.execute("delete from ours")
        for order in orders:
            order.permit.accepted()
        return receipts


def _receipt(file: sqlite3.Connection, order: Order[Change]) -> Receipt:
    key, change = order.permit.key, order.payload
    wrong = unfit(order)
    if wrong is not None:
        return wrong
    try:
        order.permit.begin()
    except Lapsed as lapse:
        return Receipt(key, Outcome.LAPSED, str(lapse))
    _write(file, change, datetime.now(UTC))
    return Receipt(key, Outcome.PERFORMED, reference=change.external_id)


def _write(file: sqlite3.Connection, change: Change, now: datetime) -> None:
    at = now.isoformat()
    person = _person(file, change.contact, at)
    match change.kind:
        case Kind.NOTE:
            file.execute("insert or ignore into notes values (?, ?, ?, ?)", (change.external_id, person, str(change.values["text"]), at))
        case Kind.TASK:
            details = {name: value for name, value in change.values.items() if name not in ("title", "due")}
            task = (change.external_id, person, str(change.values["title"]), str(change.values.get("due", "")), _json(details))
            file.execute("insert or ignore into tasks (external_id, person, title, due, details) values (?, ?, ?, ?, ?)", task)
        case _:
            _update(file, person, change, now)
    file.execute("insert or ignore into writes values (?, ?)", (change.external_id, at))


def _person(file: sqlite3.Connection, contact: Contact, at: str) -> int:
    """The row of a person, new where needed; what the register already knows stays."""
    found = file.execute(
        "insert into people (email, name, language, updated_at) values (?, ?, ?, ?) on conflict (email) do update set"
        " name = iif(name = '', excluded.name, name), language = iif(language = '', excluded.language, language) returning id",
        (canonical_email(contact.email), contact.name, contact.language, at),
    ).fetchone()
    return int(found[0])


def _update(file: sqlite3.Connection, person: int, change: Change, now: datetime) -> None:
    row = file.execute("select name, stage, language, fields from people where id = ?", (person,)).fetchone()
    known = {**_own(row[3]), **dict(zip(_COLUMNS, row, strict=False))}
    edited, gone = _edited(file, change)
    tags = [str(tag) for tag in _several(change.values.get("tags", ())) if str(tag) not in gone]
    if "tags" not in change.yielding or not file.execute("select 1 from tags where person = ?", (person,)).fetchone():
        file.executemany("insert or ignore into tags values (?, ?)", [(person, tag) for tag in tags])
    at = (change.decided or now).astimezone(UTC).isoformat(timespec="microseconds")
    newer = {name for (name,) in file.execute("select field from said where person = ? and at > ?", (person, at))}
    values = {
        name: value
        for name, value in change.values.items()
        if name != "tags" and name not in newer and change.wins(name, known.get(name), edited.get(name))
    }
    file.executemany("insert or replace into said values (?, ?, ?)", [(person, name, at) for name in values])
    known |= {name: str(value) if name in _COLUMNS else value for name, value in values.items()}
    own = {name: value for name, value in known.items() if name not in _COLUMNS}
    file.execute(
        "update people set name = ?, stage = ?, language = ?, fields = ?, updated_at = ? where id = ?",
        (*(known[name] for name in _COLUMNS), _json(own), now.isoformat(), person),
    )


def _edited(file: sqlite3.Connection, change: Change) -> tuple[dict[str, datetime], set[str]]:
    """When others have last set each field since this was decided, and which tags they have taken away."""
    if change.decided is None:
        return {}, set()
    since = change.decided.astimezone(UTC).isoformat(timespec="milliseconds")[:23]
    rows = file.execute(
        "select before, after, at from edits where email = ? and at >= ? order by id", (canonical_email(change.contact.email), since)
    )
    edited: dict[str, datetime] = {}
    gone: set[str] = set()
    for before, after, at in rows:
        edited |= dict.fromkeys(_difference(before, after), datetime.fromisoformat(at) + _TICK)
        gone |= {json.loads(before).get("gone", "")}
        gone -= set(json.loads(after).get("tags", ()))
    return edited, gone


def _difference(before: str, after: str) -> dict[str, Any]:
    """What has another value now; None for what is gone."""
    old, new = _flat(before), _flat(after)
    return {name: new.get(name) for name in {**old, **new} if name != "gone" and old.get(name, "") != new.get(name, "")}


def _flat(text: str) -> dict[str, Any]:
    found = json.loads(text)
    return {**(own if isinstance(own := found.pop("fields", {}), dict) else {}), **found}


def _own(text: str) -> dict[str, Any]:
    """A person's own fields; nothing where somebody has written no object there."""
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _several(tags: Any) -> Sequence[Any]:
    return [tags] if isinstance(tags, str) else tags


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
