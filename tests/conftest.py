from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from offswitch.testing.postgres_server import PostgresServer

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes: several times of what all tests leave behind

if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = str(MEMORY)  # a commit waits for the disk: these tests make hundreds of thousands
    tempfile.tempdir = None

settings.register_profile("offswitch", deadline=None, print_blob=True)  # a shared machine is slow at times
settings.load_profile("offswitch")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for everything that asks for it; it starts in a second."""
    from offswitch.testing.postgres_server import running

    with running() as server:
        yield server
