"""The worklist as a file that people can open, whatever else is dead."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from offswitch.model.cells import safe_cell
from offswitch.model.work import WorkItem

COLUMNS = (
    "id", "due", "flow", "kind", "name", "reach", "title", "why", "subject", "text", "changes", "outcomes", "minutes", "team", "taken_by",
)  # fmt: skip


def as_csv(items: Sequence[WorkItem]) -> str:
    """One line per item, with the draft ready to copy; no cell can act as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in items:
        row = _row(item)
        writer.writerow([safe_cell(str(row[column])) for column in COLUMNS])
    return out.getvalue()


def as_json(items: Sequence[WorkItem]) -> dict[str, Any]:
    """Schema `offswitch.worklist/1`, described in docs/worklist.md. Plain JSON values; times in ISO 8601, UTC."""
    return {"schema": "offswitch.worklist/1", "items": [{**asdict(item), "due": item.due.isoformat()} for item in items]}


def _row(item: WorkItem) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(item, name, "") for name in COLUMNS}
    row["due"] = item.due.isoformat(timespec="minutes")
    row["kind"] = item.kind.value
    row["subject"] = " | ".join(draft.subject for draft in item.drafts)
    row["text"] = "\n\n".join(draft.text for draft in item.drafts)
    row["changes"] = "; ".join(item.changes)
    row["outcomes"] = ", ".join(item.outcomes)
    return row
