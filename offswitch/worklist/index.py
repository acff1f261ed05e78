"""The first page of the snapshots: every flow's list, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from offswitch.gate.reasons import Language
from offswitch.worklist.kept import Snapshot
from offswitch.worklist.page import Wall, template, words

LANGUAGES: tuple[Language, ...] = ("en", "ar")


def as_index(snapshots: Iterable[Snapshot], now: datetime) -> str:
    """The page. Times are shown in the zone of `now`."""
    flows = sorted(snapshots, key=lambda one: one.flow)
    return template("index.html").render(
        spoken=[(language, words(language), Wall(now, language)) for language in LANGUAGES],
        flows=flows,
        items=sum(one.items for one in flows),
        **words("en"),
    )
