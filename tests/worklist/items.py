"""Made-up work items, with what the test cares about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offswitch.model.verdict import Work
from offswitch.model.work import Draft, WorkItem

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def draft(**over: Any) -> Draft:
    made = Draft(
        "mona@example.com", "Your form arrived", "Hello Mona,\n\nit arrived.\n", language="en", sender="Mariam <mariam@bayan.example>"
    )
    return replace(made, **over)


def item(**over: Any) -> WorkItem:
    made = WorkItem(
        id="a1b2c3d4",
        kind=Work.BY_HAND,
        flow="welcome",
        step="confirm",
        visit=1,
        entry_id="e1",
        contact_id="c1",
        name="Mona Haddad",
        reach="mona@example.com / +966501234567",
        title="send confirm",
        why="stop: flow welcome is off (welcome.yaml)",
        due=NOW - timedelta(hours=2),
        team="support",
        drafts=(draft(),),
        changes=("in the customer register: stage = awareness",),
        runbook="1. Read the draft.\n2. Send it.\n",
        minutes=3,
        facts={"form.submitted": {"message": "Where do I start?"}},
    )
    return replace(made, **over)
