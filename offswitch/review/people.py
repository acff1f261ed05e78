"""Everybody whom a plan concerns, as a table for a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

from offswitch.messages.values import clean
from offswitch.model.cells import safe_cell
from offswitch.review.roll import COLUMNS, Roll


def write_people(path: Path, roll: Roll) -> None:
    """One line per decision, all or nothing; no cell can act as a formula or turn the direction of a line."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows([safe_cell(clean(cell)) if isinstance(cell, str) else cell for cell in row] for row in roll.everybody())
    draft.replace(path)
