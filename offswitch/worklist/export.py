"""The worklist as a file that people can open, whatever else is dead."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from offswitch.model.cells import safe_cell
from offswitch.model.work import WorkItem
from offswitch.worklist.commands import answers, command

RESULTS = ("outcome", "done_by", "done_at", "took_minutes", "remarks")  # for people to fill in
COLUMNS = (
    "id", "due", "overdue", "flow", "kind", "name", "reach", "channel", "title", "why", "subject", "text", "changes", "outcomes",
    *RESULTS,
    "minutes", "team", "taken_by", "follows", "only_if", "commands", "runbook", "step", "entry_id",
)  # fmt: skip


def as_csv(items: Sequence[WorkItem], now: datetime) -> str:
    """One line per item, with the draft ready to copy; no cell can act as a formula. Times are in the zone of `now`."""
    out = io.StringIO()
    csv.writer(out).writerow(COLUMNS)
    csv.writer(out).writerows(csv_rows(items, now))
    return out.getvalue()


def csv_rows(items: Iterable[WorkItem], now: datetime) -> Iterator[list[str]]:
    """The same, line by line, without the head."""
    for item in items:
        row = _row(item, now)
        yield [safe_cell(row[column]) for column in COLUMNS]


def as_json(items: Sequence[WorkItem], now: datetime) -> dict[str, Any]:
    """Schema `offswitch.worklist/1`, described in docs/worklist.md. Plain JSON values; times in ISO 8601, UTC."""
    return {"schema": "offswitch.worklist/1", "items": [_json(item, now) for item in items]}


def _json(item: WorkItem, now: datetime) -> dict[str, Any]:
    late = max(0, int((now - item.due).total_seconds()) // 60)
    commands = {answer: command(item, answer) for answer in answers(item)}
    return {**asdict(item), "due": item.due.isoformat(), "overdue": item.late(now), "late_minutes": late, "commands": commands}


def _row(item: WorkItem, now: datetime) -> dict[str, str]:
    row = {name: str(getattr(item, name, "")) for name in COLUMNS}
    row["due"] = item.due.astimezone(now.tzinfo).isoformat(timespec="minutes")
    row["overdue"] = "yes" if item.late(now) else ""
    row["kind"] = item.kind.value
    row["subject"] = " | ".join(draft.subject for draft in item.drafts)
    row["text"] = "\n\n".join(draft.text for draft in item.drafts)
    row["changes"] = "; ".join(item.changes)
    row["outcomes"] = ", ".join(item.outcomes)
    row["only_if"] = " or ".join(item.only_if)
    row["commands"] = "\n".join(command(item, answer) for answer in answers(item))
    return row
