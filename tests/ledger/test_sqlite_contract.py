"""The SQLite ledger does what every ledger must do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.ledger.open import open_ledger
from offswitch.ledger.sqlite import SqliteLedger
from offswitch.testing.ledger_contract import *  # noqa: F403 - the suite


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty ledger's file, made once."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    open_ledger(f"sqlite:///{path}").close()
    return path.read_bytes()


@pytest.fixture
def ledger(tmp_path: Path, fresh: bytes) -> Iterator[SqliteLedger]:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(fresh)
    opened = SqliteLedger(f"sqlite:///{path}")
    yield opened
    opened.close()
