from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.site import Site, project_in, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(project_in(tmp_path)) as site:
        assert site.client.get("/healthz").status_code == 200  # makes the ledger
        yield site
