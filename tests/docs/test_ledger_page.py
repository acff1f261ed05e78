"""docs/ledger.md names every field of the export, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Table

from offswitch.ledger import tables

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
ROWS = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize(
    ("sort", "table"),
    [
        ("event", tables.events),
        ("admission", tables.admissions),
        ("entry", tables.entries),
        ("effect", tables.effects),
        ("work", tables.work),
    ],
)
def test_the_page_names_every_field(sort: str, table: Table) -> None:
    assert sorted(ROWS[sort]) == sorted(column.name for column in table.columns)
