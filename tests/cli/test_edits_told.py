"""`offswitch status` says when people last changed something in the CRM."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from click.testing import Result

from tests.cli.conftest import Shop


def test_the_newest_edit_and_changes_about_strangers_are_told(shop: Shop, call: Callable[..., Result]) -> None:
    now = datetime.now(UTC)
    assert json.loads(call("status", "--json").stdout)["crm"] is None
    with shop.project.ledger.write() as book:
        book.registers.begin("local", now)
        book.registers.take("local", ("", "7"), now - timedelta(hours=2), 3)
    assert "edits in local, the newest: 2 h ago; 3 changes about people whom nobody here knows" in call("status").stdout
    assert json.loads(call("status", "--json").stdout)["crm"]["strangers"] == 3
