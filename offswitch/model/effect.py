"""What was done, is being done or may have been done: one row per send-once key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """planned ▸ reserved ▸ performed | failed | unknown; or skipped, which settles without an effect."""

    PLANNED = "planned"
    RESERVED = "reserved"
    PERFORMED = "performed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


SETTLED = (Stage.PERFORMED, Stage.FAILED, Stage.SKIPPED)
MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Effect:
    """`actor` is "machine" or the person who did it. `plan` pins the decision of the visit, `body` a queued CRM write."""

    key: str
    entry_id: str
    flow: str
    step: str
    visit: int
    action: str
    contact_id: str
    at: datetime
    state: Stage
    channel: str = ""
    connector: str = ""
    counts: bool = False
    actor: str = MACHINE
    rule: str = ""
    reason: str = ""
    token: int | None = None
    slot: int | None = None
    tries: int = 0
    revision: str = ""
    digest: str = ""
    reference: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
