"""The worklist is the pending work, and each item can be done by somebody who knows nothing of the tool."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import timedelta

from offswitch.drill.look import Look, Violation
from offswitch.drill.stand import Stand, Where
from offswitch.model.plan import HandOver, Plan
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem
from offswitch.worklist.kept import folder_of
from offswitch.worklist.query import HORIZON

_EDGE = timedelta(hours=2)  # around the end of the list's horizon


def listed(look: Look, items: Sequence[WorkItem], *, handed_over: bool) -> Iterator[Violation]:
    """`handed_over`: the whole flow is off, so everything that is due within the horizon must be on the list."""
    by_place = {(item.entry_id, item.step, item.visit): item for item in items}
    if len(by_place) != len(items):
        yield Violation("listed", "one piece of work is on the list twice")
    for entry, stand in look.stands.items():
        if _must(look, stand, handed_over=handed_over) and (entry, stand.step, stand.visit) not in by_place:
            wish = "a question" if not stand.open else ", ".join(stand.open)
            what = f"{look.name(stand.who)} waits at {stand.step} for {wish}, and is not on the worklist"
            yield Violation("listed", what, stand.who, stand.due)
    for item in items:
        yield from _item(look, item)


def in_the_files(look: Look, *, handed_over: bool) -> Iterator[Violation]:
    """The table that is kept for the day when nothing works has the same pending work."""
    stage = look.course.stage
    path = folder_of(stage.settings.home) / f"{stage.journey.name}.csv"
    if not path.is_file():
        yield Violation("listed", "there is no list for the day when nothing works")
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        there = {(row["entry_id"], row["step"]) for row in csv.DictReader(file)}
    for entry, stand in look.stands.items():
        if _must(look, stand, handed_over=handed_over) and (entry, stand.step) not in there:
            yield Violation("listed", f"{look.name(stand.who)} waits at {stand.step}, and is not in {path.name}", stand.who, stand.due)


def _must(look: Look, stand: Stand, *, handed_over: bool) -> bool:
    if stand.where is not Where.HERE or stand.due is None:
        return False
    if stand.doubt:
        return True
    begun = any(at >= stand.due for at in look.world.passes.get(look.truth.journey.name, ()))
    if isinstance(stand.wish, HandOver):
        return (stand.due <= look.now and begun) or (handed_over and stand.due <= look.now + HORIZON - _EDGE)
    return handed_over and bool(stand.open) and stand.due <= look.now + HORIZON - _EDGE


def _item(look: Look, item: WorkItem) -> Iterator[Violation]:
    stand = look.stands.get(item.entry_id)
    who = stand.who if stand else 0
    lacking = [name for name in ("name", "reach", "title", "why", "outcomes", "team", "runbook") if not getattr(item, name)]
    if lacking:
        yield Violation("listed", f"the item for {item.reach or item.contact_id} says nothing about {', '.join(lacking)}", who, item.due)
    if stand is None or stand.where is Where.LOOSE:
        return
    if stand.where is Where.OVER:
        yield Violation("listed", f"{look.name(who)} is over ({stand.reason}) and still on the worklist", who, item.due)
        return
    if (item.step, item.visit) != (stand.step, stand.visit):
        yield Violation("listed", f"{look.name(who)} is at {stand.step}, but the worklist says {item.step}", who, item.due)
    yield from _drafts(look, item, stand)


def _drafts(look: Look, item: WorkItem, stand: Stand) -> Iterator[Violation]:
    name = look.name(stand.who)
    if look.truth.suppressed(stand.who, look.now) and item.drafts:
        yield Violation("listed", f"{name} bounced or complained, and the list still shows a draft to them", stand.who, item.due)
    if isinstance(stand.wish, Plan) and item.kind not in (Work.UNKNOWN, Work.TRIAGE) and len(item.drafts) != len(stand.open):
        what = f"the item for {name} shows {len(item.drafts)} drafts; to send are {', '.join(stand.open) or 'none'}"
        yield Violation("listed", what, stand.who, item.due)
    for draft in item.drafts:
        if draft.to.lower() != look.world.person(stand.who).email.lower() or not (draft.subject and draft.text and draft.html):
            yield Violation("listed", f"the draft for {name} is not finished, or goes to {draft.to}", stand.who, item.due)
