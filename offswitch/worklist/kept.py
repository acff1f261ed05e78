"""Where the lists for the day without us lie, and how old they are. Loads nothing, because `status` looks here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = "offswitch.snapshot/1"
STALE = timedelta(minutes=30)  # older than this while workers live is worth an alert


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is kept of one flow. `took` is how many seconds it took to write; `pages` how many there are in each language."""

    flow: str
    team: str
    made: datetime
    until: datetime
    items: int
    people: int
    overdue: int
    minutes: int
    pages: int
    took: float

    def age(self, now: datetime) -> timedelta:
        """How long ago it was made."""
        return now - self.made

    def to_json(self) -> dict[str, Any]:
        """A document that `kept` reads back."""
        return {"schema": SCHEMA, **asdict(self), "made": self.made.isoformat(), "until": self.until.isoformat()}


def folder_of(home: Path) -> Path:
    """Where they lie, under the project's home."""
    return home / "snapshot"


def kept(folder: Path) -> dict[str, Snapshot]:
    """What there is, by flow. A file that can't be read counts as none."""
    found = (_read(path) for path in sorted(folder.glob("*.json"))) if folder.is_dir() else ()
    return {one.flow: one for one in found if one is not None}


def kept_of(folder: Path, flow: str) -> Snapshot | None:
    """What there is of one flow."""
    return _read(folder / f"{flow}.json")


def _read(path: Path) -> Snapshot | None:
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _from_json(data: Mapping[str, Any]) -> Snapshot:
    values = {name: data[name] for name in Snapshot.__slots__}
    moments = {name: datetime.fromisoformat(values[name]) for name in ("made", "until")}
    return Snapshot(**{**values, **moments})
