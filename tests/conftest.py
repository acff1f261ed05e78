from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from offswitch.testing.postgres_server import PostgresServer

settings.register_profile("offswitch", deadline=None, print_blob=True)  # a shared machine is slow at times
settings.load_profile("offswitch")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for everything that asks for it; it starts in a second."""
    from offswitch.testing.postgres_server import running

    with running() as server:
        yield server
