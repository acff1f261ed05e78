"""The worklist in a terminal, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap

from offswitch.model.work import WorkItem
from offswitch.worklist.commands import answers, command
from offswitch.worklist.labels import CHANNELS, KINDS, answer_in, label

COLUMNS = 80
_NAME = 24  # columns of a name in the list
_INDENT = 12


def rows(items: Sequence[WorkItem], now: datetime) -> list[tuple[str, str, str, str, str]]:
    """For a table: item, due, flow, who, what."""
    return [(item.id, when(item.due, now), item.flow, _who(item), item.title) for item in items]


def when(due: datetime, now: datetime) -> str:
    """How late it is, or in how long it is due."""
    seconds = (now - due).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            amount = f"{abs(seconds) / length:.0f} {unit}"
            return f"{amount} late" if seconds > 0 else f"in {amount}"
    return "now"


def summary(items: Sequence[WorkItem], now: datetime) -> str:
    """How many, how late, and how to go on."""
    late = sum(1 for item in items if item.late(now))
    minutes = sum(item.minutes for item in items)
    overdue = f"{late:,} overdue, " if late else ""
    many = f"{len(items):,} {'item' if len(items) == 1 else 'items'}"
    head, tail = f"{many}, {overdue}about {minutes:,} minutes.", "`offswitch worklist show ITEM` has the draft."
    return f"{head} {tail}" if len(head) + len(tail) < COLUMNS else f"{head}\n{tail}"


def shown(item: WorkItem, now: datetime) -> str:
    """One item with all that it takes to do it. Times are in the zone of `now`."""
    due = f"{item.due.astimezone(now.tzinfo):%a %d %b %Y, %H:%M} ({now.tzinfo}): {when(item.due, now)}"
    told = [f"{name}: {said}" for event in item.facts.values() for name, said in event.items() if said not in ("", None)]
    lines = [
        f"{item.title}: {item.name}",
        *_field("item", f"{item.id}, {KINDS[item.kind][0].lower()}"),
        *_field("reach", item.reach or "nobody knows how"),
        *_field("by", CHANNELS.get(item.channel, (item.channel,))[0]),
        *_field("why", item.why),
        *(_field("decide", item.decision) if item.decision else []),
        *(_field("who may", item.deciders) if item.decision else []),
        *_field("due", due),
        *_field("takes", f"about {item.minutes} minutes"),
        *_field("flow", f"{item.flow}, step {item.step}" + (f", team {item.team}" if item.team else "")),
        *(_field("taken by", item.taken_by) if item.taken_by else []),
        *(line for said in told for line in _field("told us", said)),
        *(line for change in item.changes for line in _field("enter", change)),
    ]
    for draft in item.drafts:
        lines += ["", f"From: {draft.sender}", f"To: {draft.to}", f"Subject: {draft.subject}", "", draft.text.rstrip()]
    lines += ["", "Your answer (your own address for YOU)"]
    for answer in answers(item):
        words = label("en", answer) if answer in ("take", "give-back") else answer_in("en", answer)
        lines += [f"  {command(item, answer)}", *wrap(words, COLUMNS, initial_indent=" " * 6, subsequent_indent=" " * 6)]
    return "\n".join([*lines, "", "Runbook", item.runbook.rstrip() or label("en", "no runbook")])


def _field(name: str, text: str) -> list[str]:
    """A name and its value, broken where the line ends."""
    lines = wrap(" ".join(text.split()), COLUMNS - _INDENT, break_on_hyphens=False) or [""]
    return [f"  {name:<{_INDENT - 2}}{lines[0]}", *(" " * _INDENT + line for line in lines[1:])]


def _who(item: WorkItem) -> str:
    """The name, short enough to leave room for what is to do."""
    name = item.name if len(item.name) <= _NAME else f"{item.name[: _NAME - 1]}…"
    return f"{name} [{item.taken_by.partition('@')[0]}]" if item.taken_by else name
