"""Statements for many rows: what they write is what SQLAlchemy itself would have written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text, bindparam, create_engine, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.columns import Json, Moment, Span
from offswitch.ledger.rows import Rows, _ready

things = Table("things", MetaData(), Column("id", Text, primary_key=True), Column("at", Moment), Column("wait", Span), Column("data", Json))
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"id": "a", "at": NOON, "wait": timedelta(hours=1), "data": {"name": "منى", "n": [1]}},
    {"id": "b", "at": None, "wait": None, "data": {}},
]


def upsert(dialect: ModuleType) -> ClauseElement:
    adding = dialect.insert(things).values({column.name: bindparam(column.name) for column in things.c})
    made: ClauseElement = adding.on_conflict_do_update(index_elements=["id"], set_={"at": adding.excluded.at})
    return made


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        things.metadata.create_all(opened)
        yield opened
    engine.dispose()


def kept(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(things).order_by(things.c.id))]


def test_values_are_kept_as_sqlalchemy_keeps_them(connection: Connection) -> None:
    assert Rows(upsert).run(connection, ROWS) == 2
    mine = connection.exec_driver_sql("SELECT * FROM things ORDER BY id").fetchall()
    connection.exec_driver_sql("DELETE FROM things")
    connection.execute(insert(things), ROWS)
    assert connection.exec_driver_sql("SELECT * FROM things ORDER BY id").fetchall() == mine
    assert kept(connection) == [tuple(row.values()) for row in ROWS]


def test_an_upsert_changes_what_it_names_and_nothing_else(connection: Connection) -> None:
    statement = Rows(upsert)
    statement.run(connection, ROWS)
    statement.run(connection, [{"id": "a", "at": NOON + timedelta(1), "wait": None, "data": {}}])
    assert kept(connection)[0] == ("a", NOON + timedelta(1), timedelta(hours=1), {"name": "منى", "n": [1]})


def test_no_rows_write_nothing(connection: Connection) -> None:
    assert Rows(upsert).run(connection, []) == 0


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Rows(upsert).run(connection, [{**ROWS[0], "at": datetime(2026, 11, 1)}])  # noqa: DTZ001 - that is the fault
    assert kept(connection) == []


def test_a_driver_that_takes_names_gets_names() -> None:
    sql, values = _ready(upsert(postgresql), postgresql.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
    assert "%(wait)s" in sql
    assert values(ROWS[0])["wait"] == 3_600_000_000
