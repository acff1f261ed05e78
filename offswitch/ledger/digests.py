"""What the audit log covers, and the short digest of a row as it stands in its table."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
)

from offswitch.ledger.shadow_tables import shadow_entries
from offswitch.ledger.stop_tables import stops
from offswitch.ledger.tables import audit, entries, events, leases, registers, runs, suppressions, workers

Key = str | int | tuple[str, ...]
BETWEEN = "\x1f"  # joins the parts of a key
UNLOGGED = frozenset({audit.name, leases.name, workers.name})  # the log itself, and who is at work, which is over in a minute
LEFT_OUT = {
    **{name: frozenset({"token"}) for name in (entries.name, shadow_entries.name)},  # that is a lease, too
    registers.name: frozenset({"asked"}),  # every minute, mostly for nothing
}
_NAMED_BY = {events.name: ("id",)}  # else by the primary key
_WORTH = {runs.name: "report IS NOT NULL"}  # a pass that did nothing is not in the log
_UNNAMED = frozenset({suppressions.name})  # by addresses of people, which a log that forgets nothing must not hold: by their digest
_BETWEEN: ColumnElement[str] = literal_column(f"'{BETWEEN}'", Text)
_LISTED = func.json_each(bindparam("keys")).table_valued("value").c.value
_STREAM = {"yield_per": 2_000}
_BYTES = 8


@dataclass(frozen=True)
class Covered:
    """One table as the log sees it.

    A digest is of the row's values in the order of the table, without nulls at the end: a column that is added later stands
    last and may be null, so that rows written before it keep their digests.
    """

    table: Table

    @cached_property
    def key(self) -> list[Column[Any]]:
        """The columns that name a row."""
        names = _NAMED_BY.get(self.table.name) or [column.name for column in self.table.primary_key]
        return [self.table.c[name] for name in names]

    @cached_property
    def columns(self) -> list[Column[Any]]:
        """The columns whose change is a change."""
        return [column for column in self.table.c if column.name not in LEFT_OUT.get(self.table.name, ())]

    @cached_property
    def _row(self) -> dict[str, Select[Any]]:
        """Its name, and its values as JSON."""
        name: ColumnElement[str] = cast(self.key[0], Text)
        for column in self.key[1:]:
            name = name + _BETWEEN + cast(column, Text)
        ways = {"sqlite": func.json_array, "postgresql": func.json_build_array}
        return {dialect: select(name, cast(way(*self.columns), Text)) for dialect, way in ways.items()}

    @cached_property
    def _asking(self) -> dict[str, str]:
        """For each dialect the question for some rows: made once, as every writer asks it."""
        return {}

    def some(self, connection: Connection, keys: Collection[Key]) -> dict[str, str | None]:
        """The digests of these rows by key, None for those that are not there."""
        found: dict[str, str | None] = {self._called(_joined(key)): None for key in keys}
        name, first = connection.dialect.name, list({key[0] if isinstance(key, tuple) else key for key in keys})
        sql = self._asking.get(name) or self._asking.setdefault(name, self._question(connection))
        rows = connection.exec_driver_sql(sql, (json.dumps(first),) if name == "sqlite" else {"keys": first})
        found.update((key, digest) for key, digest in self._digests(rows) if key in found)
        return found

    def _question(self, connection: Connection) -> str:
        """Its one parameter holds all keys: a list of parameters would be written out anew each time."""
        name, first = connection.dialect.name, self.key[0]
        asked = first.in_(select(_LISTED)) if name == "sqlite" else first == any_(bindparam("keys", type_=ARRAY(first.type)))
        return str(self._row[name].where(asked).compile(dialect=connection.dialect))

    def every(self, connection: Connection) -> Iterator[tuple[str, str]]:
        """Key and digest of every row that the log speaks of, without holding them all."""
        rows = self._row[connection.dialect.name]
        if self.table.name in _WORTH:
            rows = rows.where(text(_WORTH[self.table.name]))
        return self._digests(connection.execute(rows, execution_options=_STREAM))

    def _digests(self, rows: Iterable[Any]) -> Iterator[tuple[str, str]]:
        return ((self._called(key), digest(values)) for key, values in rows)

    def _called(self, key: str) -> str:
        return digest(key) if self.table.name in _UNNAMED else key


COVERED = {table.name: Covered(table) for table in stops.metadata.sorted_tables if table.name not in UNLOGGED}


def digest(values: str) -> str:
    """Sixteen hexadecimal digits; of a JSON array without the nulls at its end."""
    while values.endswith("null]"):
        values = values[:-5].rstrip(", ") + "]"
    return blake2b(values.encode(), digest_size=_BYTES).hexdigest()


def _joined(key: Key) -> str:
    return BETWEEN.join(key) if isinstance(key, tuple) else str(key)
