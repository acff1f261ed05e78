"""Statements that are given rows by the window: compiled once, as compiling one costs more than the database's own work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.dialect import dialect_of

_Values = Callable[[Mapping[str, Any]], Any]


class Rows:
    """A statement of `build(dialect module)` whose parameters are all bound by name; constants in it are literal.

    SQLAlchemy doesn't keep a compiled upsert, and walks through every parameter of every row in Python. This hands the
    rows to the driver, each value converted by its column's type.
    """

    def __init__(self, build: Callable[[ModuleType], ClauseElement]) -> None:
        self._build = build
        self._ready: dict[str, tuple[str, _Values]] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute once for each row. Returns how many rows were written."""
        if not rows:
            return 0
        name = connection.dialect.name
        if name not in self._ready:
            self._ready[name] = _ready(self._build(dialect_of(name)), connection.dialect)
        sql, values = self._ready[name]
        return connection.exec_driver_sql(sql, [values(row) for row in rows]).rowcount


def _ready(statement: ClauseElement, dialect: Dialect) -> tuple[str, _Values]:
    compiled: Any = statement.compile(dialect=dialect)
    types = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    if compiled.positiontup is None:
        return compiled.string, lambda row: {name: _sent(change, row[name]) for name, change in types.items()}
    order = [(name, types[name]) for name in compiled.positiontup]
    return compiled.string, lambda row: tuple([row[name] if change is None else change(row[name]) for name, change in order])


def _sent(change: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if change is None else change(value)
