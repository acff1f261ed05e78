"""What a folder of CSV files looked like when Offswitch last left it: by that, what people have changed since is known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_TABLES = """
begin immediate;
create table if not exists folder (id text primary key) strict;
insert into folder select lower(hex(randomblob(8))) where not exists (select 1 from folder);
create table if not exists lines (
    sheet text not null, key text not null, cells text not null, version integer not null, added integer,
    put_back integer not null default 0, primary key (sheet, key)
) strict;
create table if not exists was (key text not null, version integer not null, field text not null, value text not null) strict;
create index if not exists was_of on was (key);
create table if not exists said (
    key text not null, field text not null, at text not null, by text not null, primary key (key, field, by)
) strict;
create table if not exists edits (
    id integer primary key autoincrement, email text not null, changed text not null, at text not null
) strict;
create table if not exists writes (external_id text primary key) strict;
create table if not exists left_there (sheet text primary key, digest text not null) strict;
commit;
"""
_REMEMBERED = 50  # versions of a row: how many of our writes an open spreadsheet may be behind


@dataclass
class Line:
    """One row as it was left. `added`: its place among the rows that we added, None for one of people's."""

    cells: dict[str, str]
    version: int = 0
    added: int | None = None
    put_back: bool = False


class Memory:
    """A small SQLite file beside the sheets. Who writes holds it alone: it is the lock of the folder as well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: sqlite3.Connection | None = None

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Nobody else writes in the folder; all that is remembered is kept when this ends without an error."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
            self._file.executescript(_TABLES)
        self._file.execute("begin immediate")
        with self._file:
            yield self._file

    def glance(self, sheet: str) -> str:
        """What `left` says, without holding the folder; "" where that is not known yet."""
        return self.left(sheet) if self._file is not None else ""

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            raise sqlite3.ProgrammingError("the memory is asked only while it is held")
        return self._file

    @property
    def id(self) -> str:
        """Names this memory."""
        return str(self._open.execute("select id from folder").fetchone()[0])

    def lines(self, sheet: str) -> dict[str, Line]:
        """Every row of a sheet as it was left, by key."""
        rows = self._open.execute("select key, cells, version, added, put_back from lines where sheet = ?", (sheet,))
        return {key: Line(json.loads(cells), version, added, bool(put_back)) for key, cells, version, added, put_back in rows}

    def keep(self, sheet: str, lines: Mapping[str, Line]) -> None:
        """This is how these rows are left."""
        values = [(sheet, key, _json(one.cells), one.version, one.added, one.put_back) for key, one in lines.items()]
        self._open.executemany("insert or replace into lines values (?, ?, ?, ?, ?, ?)", values)

    def replaced(self, key: str, version: int, old: Mapping[str, str]) -> None:
        """What our write with this version replaced."""
        self._open.executemany("insert into was values (?, ?, ?, ?)", [(key, version, name, value) for name, value in old.items()])
        self._open.execute("delete from was where key = ? and version <= ?", (key, version - _REMEMBERED))

    def at_version(self, key: str, line: Line, version: int) -> dict[str, str]:
        """How a row was when it had this version."""
        query = "select field, value from was where key = ? and version > ? order by version desc"
        return {**line.cells, **dict(self._open.execute(query, (key, version)))}

    def say(self, key: str, names: Mapping[str, object] | set[str], at: datetime, by: str) -> None:
        """Who set these fields last, and when."""
        stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
        self._open.executemany("insert or replace into said values (?, ?, ?, ?)", [(key, name, stamp, by) for name in names])

    def said(self, key: str, by: str) -> dict[str, datetime]:
        """When these last set each field."""
        rows = self._open.execute("select field, at from said where key = ? and by = ?", (key, by))
        return {name: datetime.fromisoformat(at) for name, at in rows}

    def edit(self, email: str, changed: Mapping[str, object], at: datetime) -> None:
        """People changed this."""
        row = (email, _json(changed), at.astimezone(UTC).isoformat(timespec="microseconds"))
        self._open.execute("insert into edits (email, changed, at) values (?, ?, ?)", row)

    def edits(self, after: int, limit: int) -> list[tuple[int, str, dict[str, object], datetime]]:
        """What people changed after this one."""
        rows = self._open.execute("select * from edits where id > ? order by id limit ?", (after, limit)).fetchall()
        return [(n, email, json.loads(changed), datetime.fromisoformat(at)) for n, email, changed, at in rows]

    @property
    def newest_edit(self) -> int:
        """The number of the newest one, 0 before there is one."""
        return int(self._open.execute("select coalesce(max(id), 0) from edits").fetchone()[0])

    def written(self, external_id: str) -> bool:
        """Has this effect arrived before?"""
        return self._open.execute("select 1 from writes where external_id = ?", (external_id,)).fetchone() is not None

    def wrote(self, external_id: str) -> None:
        """It has now."""
        self._open.execute("insert or ignore into writes values (?)", (external_id,))

    def left(self, sheet: str) -> str:
        """The digest of what stood in a file when we looked last, "" before we ever did."""
        found = self._open.execute("select digest from left_there where sheet = ?", (sheet,)).fetchone()
        return str(found[0]) if found else ""

    def leave(self, sheet: str, digest: str) -> None:
        """This stands there now."""
        self._open.execute("insert or replace into left_there values (?, ?)", (sheet, digest))


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
