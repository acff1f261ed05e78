"""The worklist as a file that people can open, whatever else is dead."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TextIO

from offswitch.model.cells import safe_cell
from offswitch.model.work import WorkItem
from offswitch.worklist.commands import answers, command

RESULTS = ("outcome", "done_by", "done_at", "took_minutes", "remarks")  # for people to fill in
COLUMNS = (
    "id", "due", "overdue", "flow", "kind", "name", "reach", "channel", "title", "why", "subject", "text", "changes", "outcomes",
    *RESULTS,
    "minutes", "team", "taken_by", "follows", "only_if", "commands", "runbook", "step", "entry_id", "decision", "deciders",
)  # fmt: skip


def write_csv(file: TextIO, items: Iterable[WorkItem], now: datetime) -> None:
    """One line per item, with the draft ready to copy; no cell can act as a formula. Times are in the zone of `now`."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    table.writerows(csv_rows(items, now))


def csv_rows(items: Iterable[WorkItem], now: datetime) -> Iterator[list[str]]:
    """The same, line by line, without the head."""
    for item in items:
        row = _row(item, now)
        yield [safe_cell(row.get(column, "")) for column in COLUMNS]


def as_json(items: Sequence[WorkItem], now: datetime) -> dict[str, Any]:
    """Schema `offswitch.worklist/1`, described in docs/worklist.md. Plain JSON values; times in ISO 8601, UTC."""
    return {"schema": "offswitch.worklist/1", "items": [_json(item, now) for item in items]}


def _json(item: WorkItem, now: datetime) -> dict[str, Any]:
    late = max(0, int((now - item.due).total_seconds()) // 60)
    commands = {answer: command(item, answer) for answer in answers(item)}
    return {**asdict(item), "due": item.due.isoformat(), "overdue": item.late(now), "late_minutes": late, "commands": commands}


def _row(item: WorkItem, now: datetime) -> dict[str, str]:
    return {
        "id": item.id,
        "due": item.due.astimezone(now.tzinfo).isoformat(timespec="minutes"),
        "overdue": "yes" if item.late(now) else "",
        "flow": item.flow,
        "kind": item.kind.value,
        "name": item.name,
        "reach": item.reach,
        "channel": item.channel,
        "title": item.title,
        "why": item.why,
        "subject": " | ".join([draft.subject for draft in item.drafts]),
        "text": "\n\n".join([draft.text for draft in item.drafts]),
        "changes": "; ".join(item.changes),
        "outcomes": ", ".join(item.outcomes),
        "minutes": str(item.minutes),
        "team": item.team,
        "taken_by": item.taken_by,
        "follows": item.follows,
        "only_if": " or ".join(item.only_if),
        "commands": "\n".join([command(item, answer) for answer in answers(item)]),
        "runbook": item.runbook,
        "step": item.step,
        "entry_id": item.entry_id,
        "decision": item.decision,
        "deciders": item.deciders,
    }
