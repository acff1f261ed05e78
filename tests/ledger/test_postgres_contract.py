"""The PostgreSQL ledger does what every ledger must do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from offswitch.ledger.postgres import PostgresLedger
from offswitch.ledger.tables import metadata
from offswitch.testing.ledger_contract import *  # noqa: F403 - the suite
from offswitch.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def opened(postgres: PostgresServer) -> Iterator[PostgresLedger]:
    """One for all of them: to empty it is cheaper than to make another."""
    ledger = PostgresLedger(postgres.ledger())
    yield ledger
    ledger.close()


@pytest.fixture
def ledger(opened: PostgresLedger) -> PostgresLedger:
    with opened.write() as book:
        book.connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in metadata.tables))
    return opened
