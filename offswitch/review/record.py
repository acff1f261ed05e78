"""Which plans were made, who asked for them, and which drafts they showed: what `approve` goes by."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from offswitch.errors import ConfigError, Problem
from offswitch.policy.approvals import Subject

KEPT = 20  # plans of one flow


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """One subject that was planned. `requested_by` are all who asked for exactly this; none of them may approve it.

    `audience` is for how many people it is, `messages` how many would go out at once.
    """

    subject: Subject
    at: str
    requested_by: tuple[str, ...]
    samples: tuple[str, ...]
    audience: int = 0
    messages: int = 0


def load_records(home: Path, flow: str) -> tuple[PlanRecord, ...]:
    """The plans made here, oldest first. Raises ConfigError for a file that can't be read."""
    path = path_of(home, flow)
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["plans"]
        return tuple(_record(row) for row in rows)
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(Problem(str(path), 0, 0, "can't be read as a record of plans", "take it away and plan again")) from error


def keep_record(
    home: Path, flow: str, subject: Subject, *, at: datetime, by: str, samples: Sequence[str], counts: tuple[int, int] = (0, 0)
) -> PlanRecord:
    """Write down that this was planned, `counts` its audience and messages. Who asked before for the same stays among those who asked."""
    records = load_records(home, flow)
    asked = next((one.requested_by for one in records if one.subject.digest == subject.digest), ())
    fresh = PlanRecord(subject, at.isoformat(), asked if not by or by in asked else (*asked, by), tuple(samples), *counts)
    kept = [*(one for one in records if one.subject.digest != subject.digest), fresh][-KEPT:]
    path = path_of(home, flow)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    rows = [asdict(replace(one, subject=replace(one.subject, policy=dict(one.subject.policy)))) for one in kept]
    draft.write_text(json.dumps({"schema": "offswitch.plans/1", "plans": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)
    return fresh


def path_of(home: Path, flow: str) -> Path:
    """Where the plans of a flow are written down."""
    return home / "plans" / f"{flow}.json"


def _record(row: dict[str, Any]) -> PlanRecord:
    subject = Subject(row["subject"]["code"], row["subject"]["texts"], row["subject"]["policy"])
    return PlanRecord(subject, row["at"], tuple(row["requested_by"]), tuple(row["samples"]), row.get("audience", 0), row.get("messages", 0))
