"""A customer register in one SQLite file: for small teams, demos and drills. The same write twice is one."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offswitch.act.ports import Change, Order
from offswitch.errors import Lapsed
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.entry import shown
from offswitch.model.receipt import Guarantee, Outcome, Receipt

_TABLES = """
create table if not exists people (
    id integer primary key, email text not null unique, name text not null default '', stage text not null default '',
    language text not null default '', fields text not null default '{}', updated_at text not null
) strict;
create table if not exists tags (person integer not null references people, tag text not null, primary key (person, tag)) strict;
create table if not exists notes (
    external_id text primary key, person integer not null references people, text text not null, at text not null
) strict;
create table if not exists tasks (
    external_id text primary key, person integer not null references people, title text not null, due text not null default '',
    details text not null default '{}', done integer not null default 0
) strict;
create table if not exists writes (external_id text primary key, at text not null) strict;
"""
_COLUMNS = ("name", "stage", "language")


def connect() -> LocalCrm:
    """The register at OFFSWITCH_CRM_LOCAL_PATH, by default `crm.sqlite` in OFFSWITCH_HOME (`.offswitch`)."""
    home = Path(os.environ.get("OFFSWITCH_HOME") or ".offswitch")
    return LocalCrm(Path(os.environ.get("OFFSWITCH_CRM_LOCAL_PATH") or home / "crm.sqlite"))


class LocalCrm:
    """People by e-mail address, with stage, tags, fields, notes and tasks. The file is made at the first use."""

    name = "local"
    guarantee = Guarantee.NATURAL_UPSERT

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
            address: {**json.loads(own), "name": name, "stage": stage, "language": language, "tags": sorted(json.loads(tags))}
            for address, name, stage, language, own, tags in rows
        }
        return {email: facts for address, facts in known.items() for email in asked[address]}

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
            file.executescript(_TABLES)
            self._file = file
        return self._file

    def _write_all(self, orders: Sequence[Order[Change]]) -> list[Receipt]:
        file = self._open()
        file.execute("begin immediate")
        with file:
            receipts = [_receipt(file, order) for order in orders]
        for order in orders:
            order.permit.accepted()
        return receipts


def _receipt(file: sqlite3.Connection, order: Order[Change]) -> Receipt:
    key, change = order.permit.key, order.payload
    if order.permit.recipient not in (change.contact.email, change.contact.id) or order.permit.digest != change.digest:
        return Receipt(key, Outcome.BROKEN, "the change is not the one that the permit was given for")
    if "@" not in change.contact.email:
        return Receipt(key, Outcome.REJECTED, "the register knows people by e-mail address, and this person has none")
    try:
        order.permit.begin()
    except Lapsed as lapse:
        return Receipt(key, Outcome.LAPSED, str(lapse))
    _write(file, change, datetime.now(UTC).isoformat())
    return Receipt(key, Outcome.PERFORMED, reference=change.external_id)


def _write(file: sqlite3.Connection, change: Change, at: str) -> None:
    person = _person(file, change.contact, at)
    match change.kind:
        case Kind.NOTE:
            file.execute("insert or ignore into notes values (?, ?, ?, ?)", (change.external_id, person, str(change.values["text"]), at))
        case Kind.TASK:
            details = {name: value for name, value in change.values.items() if name not in ("title", "due")}
            task = (change.external_id, person, str(change.values["title"]), str(change.values.get("due", "")), _json(details))
            file.execute("insert or ignore into tasks (external_id, person, title, due, details) values (?, ?, ?, ?, ?)", task)
        case _:
            _update(file, person, change.values, at)
    file.execute("insert or ignore into writes values (?, ?)", (change.external_id, at))


def _person(file: sqlite3.Connection, contact: Contact, at: str) -> int:
    """The row of a person, new where needed; what the register already knows stays."""
    found = file.execute(
        "insert into people (email, name, language, updated_at) values (?, ?, ?, ?) on conflict (email) do update set"
        " name = iif(name = '', excluded.name, name), language = iif(language = '', excluded.language, language) returning id",
        (canonical_email(contact.email), contact.name, contact.language, at),
    ).fetchone()
    return int(found[0])


def _update(file: sqlite3.Connection, person: int, values: Mapping[str, Any], at: str) -> None:
    tags = values.get("tags", ())
    rows = [(person, str(tag)) for tag in ([tags] if isinstance(tags, str) else tags)]
    file.executemany("insert or ignore into tags values (?, ?)", rows)
    columns = {name: str(values[name]) for name in _COLUMNS if name in values}
    own = {name: value for name, value in values.items() if name not in (*_COLUMNS, "tags")}
    known = json.loads(file.execute("select fields from people where id = ?", (person,)).fetchone()[0])
    file.execute(
        "update people set name = coalesce(?, name), stage = coalesce(?, stage), language = coalesce(?, language),"
        " fields = ?, updated_at = ? where id = ?",
        (*(columns.get(name) for name in _COLUMNS), _json({**known, **own}), at, person),
    )


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
