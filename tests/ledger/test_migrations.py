"""The schema: made from nothing, the same as the tables say, made once, and never older than what wrote it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from offswitch.errors import Refused
from offswitch.ledger.migrate import configuration, upgrade
from offswitch.ledger.open import HEAD, open_ledger
from offswitch.ledger.tables import metadata

ROOT = Path(__file__).parents[2]


def schema(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("select type, name, sql from sqlite_master order by type, name").fetchall()
    connection.close()
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "ledger.sqlite"


def test_a_ledger_is_made_from_nothing(path: Path) -> None:
    open_ledger(f"sqlite:///{path}").close()
    names = {row[1] for row in schema(path) if row[0] == "table"}
    assert set(metadata.tables) <= names


def test_a_second_upgrade_changes_nothing(path: Path) -> None:
    upgrade(f"sqlite:///{path}")
    before = schema(path)
    upgrade(f"sqlite:///{path}")
    assert schema(path) == before


def test_migrations_and_tables_say_the_same(path: Path) -> None:
    upgrade(f"sqlite:///{path}")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_migrated_indexes_are_those_of_the_tables(path: Path, tmp_path: Path) -> None:
    """Alembic doesn't compare conditions of partial indexes, and one of them keeps entries unique."""
    upgrade(f"sqlite:///{path}")
    other = tmp_path / "other.sqlite"
    engine = create_engine(f"sqlite:///{other}")
    metadata.create_all(engine)
    engine.dispose()

    def indexes(file: Path) -> dict[str, str]:
        return {row[1]: " ".join(row[2].split()) for row in schema(file) if row[0] == "index" and row[2]}

    assert indexes(path) == indexes(other)


def test_the_number_that_opening_looks_for_is_the_newest() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_a_newer_ledger_is_refused_and_left_alone(path: Path) -> None:
    upgrade(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match="newer Offswitch"):
        open_ledger(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_two_processes_may_make_the_ledger_at_once(path: Path) -> None:
    code = "import sys; from offswitch.ledger.open import open_ledger; open_ledger(sys.argv[1]).close()"
    command = [sys.executable, "-W", "error", "-c", code, f"sqlite:///{path}"]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    results = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], results


def test_a_path_with_a_percent_sign_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "50%" / "ledger.sqlite"
    open_ledger(f"sqlite:///{path}").close()
    assert path.is_file()
