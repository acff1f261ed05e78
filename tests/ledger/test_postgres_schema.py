"""The schema on PostgreSQL: the same tables and partial indexes, made once, and never older than what wrote it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import MetaData, make_url

from offswitch.errors import ConfigError, Refused
from offswitch.ledger import tables
from offswitch.ledger.migrate import upgrade
from offswitch.ledger.open import HEAD, open_ledger
from offswitch.ledger.postgres import PostgresLedger, engine_of
from offswitch.ledger.stop_tables import stops
from offswitch.testing.ledger_rows import entry_of, put_in
from offswitch.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
INDEXES = "SELECT indexname, regexp_replace(indexdef, ' ON [^ ]+', '') FROM pg_indexes WHERE schemaname = %s"


def answers(url: str, question: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(sql.SQL(question), values)
        return found.fetchall() if found.description else []


def test_a_ledger_is_made_from_nothing_and_a_second_look_changes_nothing(postgres: PostgresServer) -> None:
    url = postgres.database()
    open_ledger(url).close()
    before = answers(url, INDEXES, "public")
    upgrade(url)
    assert answers(url, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert answers(url, INDEXES, "public") == before


def test_migrations_and_tables_say_the_same(postgres: PostgresServer) -> None:
    engine = engine_of(postgres.ledger())
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), stops.metadata) == []
    engine.dispose()


def test_migrated_indexes_are_those_of_the_tables_with_their_conditions(postgres: PostgresServer) -> None:
    url = postgres.ledger()
    twin = MetaData(schema="twin")
    for table in tables.metadata.tables.values():
        for index in table.to_metadata(twin).indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    answers(url, "CREATE SCHEMA twin")
    engine = engine_of(url)
    twin.create_all(engine)
    engine.dispose()
    migrated = {row for row in answers(url, INDEXES, "public") if row[0] != "alembic_version_pkc"}
    assert migrated == set(answers(url, INDEXES, "twin"))
    assert any(" WHERE " in str(row[1]) for row in migrated)


def test_rows_of_the_first_schema_come_along(postgres: PostgresServer) -> None:
    url = postgres.database()
    upgrade(url, to="0001")
    answers(
        url, "INSERT INTO off_periods (flow, cause, reason, opened, closed, closed_by) VALUES ('welcome', 'flow welcome', '', 1, 2, '')"
    )
    ledger = open_ledger(url)
    put_in(ledger, entry_of("new"))
    ledger.close()
    assert answers(url, "SELECT opened, closed, released FROM off_periods") == [(1, 2, 2)]


def test_a_newer_ledger_is_refused(postgres: PostgresServer) -> None:
    url = postgres.ledger()
    answers(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer Offswitch"):
        open_ledger(url)


def test_processes_may_make_the_ledger_at_once(postgres: PostgresServer) -> None:
    code = "import sys; from offswitch.ledger.open import open_ledger; open_ledger(sys.argv[1]).close()"
    command = [sys.executable, "-W", "error", "-c", code, postgres.database()]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    results = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], results


def test_every_way_to_write_the_url_is_one(postgres: PostgresServer) -> None:
    url = postgres.ledger()
    for start in ("postgres://", "postgresql://", "postgresql+psycopg://", "postgresql+psycopg2://"):
        ledger = open_ledger(url.replace("postgresql://", start))
        assert isinstance(ledger, PostgresLedger)
        ledger.close()


def test_what_the_url_says_of_the_line_counts(postgres: PostgresServer) -> None:
    engine = engine_of(f"{postgres.ledger()}&application_name=shop&options=-c%20lock_timeout%3D7s")
    with engine.connect() as connection:
        said = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("application_name", "lock_timeout", "synchronous_commit")
        ]
    engine.dispose()
    assert said == ["shop", "7s", "on"]


def test_a_server_that_is_not_there_is_said_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"can't be reached.*OFFSWITCH_LEDGER") as refused:
        open_ledger(f"postgresql://mariam:hunter2@/ledger?host={tmp_path}")
    assert "hunter2" not in str(refused.value)


def test_a_database_that_cant_keep_every_language_is_refused(postgres: PostgresServer) -> None:
    url = make_url(postgres.database()).set(database="latin").render_as_string(hide_password=False)
    answers(postgres.url("postgres"), "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(Refused, match="ENCODING 'UTF8'"):
        open_ledger(url)


def test_commands_on_sqlite_load_nothing_of_postgresql(tmp_path: Path) -> None:
    code = "import sys; from offswitch.ledger.open import open_ledger; open_ledger(sys.argv[1]).close(); print(*sys.modules)"
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    upgrade(url)
    result = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [name for name in result.stdout.split() if name.startswith(("psycopg", "alembic", "sqlalchemy.dialects.postgresql"))]


def test_an_unknown_kind_of_ledger_says_which_there_are() -> None:
    with pytest.raises(ConfigError, match="postgresql://"):
        open_ledger("mysql://host/db")
