"""A comparison for the terminal, 80 columns wide, and as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from textwrap import wrap
from typing import Any

from offswitch.messages.values import clean
from offswitch.model.contact import Contact
from offswitch.model.effect import Stage
from offswitch.shadow.compare import Comparison
from offswitch.shadow.match import Compared, Match

SCHEMA = "offswitch.shadow/1"
REASONS = 5  # of each kind
_WORDS = {
    Match.BOTH_SENT: "both sent it",
    Match.NEITHER: "neither sent it",
    Match.SKIPPED: "the machine would have sent it, people skipped it",
    Match.ONLY_PEOPLE: "people sent it, the machine would not have",
    Match.OTHER: "people chose another way than the machine",
    Match.ASKED: "the machine would have asked people, and they answered",
    Match.OPEN: "the machine would have sent it, nobody has done it yet",
    Match.ENDED: "the machine would have sent it, the journey went on first",
    Match.AHEAD: "people sent it before the machine had come so far",
}
_SHORT = {
    Match.BOTH_SENT: "BOTH", Match.NEITHER: "NEITHER", Match.SKIPPED: "SKIPPED", Match.ONLY_PEOPLE: "ONLY PEOPLE", Match.OTHER: "OTHER",
    Match.ASKED: "ASKED", Match.OPEN: "OPEN", Match.ENDED: "ENDED", Match.AHEAD: "AHEAD",
}  # fmt: skip


def as_text(found: Comparison, contacts: Mapping[str, Contact], *, running: bool) -> str:
    """What both did, the reasons where they differ, and some people by name."""
    if not found.decisions:
        how = "It decides with the next pass." if running else "Write `switch: dry-run` into its policy, and let it run for some days."
        return f"{found.flow}: nothing was decided in shadow. {how}"
    return "\n".join([*_head(found, running), "", *_steps(found), "", *_kinds(found, contacts)])


def as_json(found: Comparison, contacts: Mapping[str, Contact], *, running: bool, at: datetime, since: datetime) -> dict[str, Any]:
    """Documented in docs/shadow.md."""
    later = sorted(found.later)
    behind = {"middle": found.middle.total_seconds(), "earliest": later[0], "latest": later[-1]} if found.middle is not None else None
    return {
        "schema": SCHEMA,
        "flow": found.flow,
        "at": at,
        "since": max(since, found.first) if found.first else since,
        "running": running,
        "decisions": found.decisions,
        "people": found.people,
        "days": len(found.days),
        "agreement": found.agreement,
        "agreed": found.agreed,
        "different": found.different,
        "counts": {match.value: found.count(match) for match in Match},
        "people_later_seconds": behind,
        "steps": [{"step": step, **{match.value: found.steps[step, match] for match in Match}} for step in _step_names(found)],
        "reasons": {match.value: dict(reasons) for match in Match if (reasons := _reasons(found, match))},
        "examples": {match.value: [_example(one, contacts) for one in some] for match, some in found.examples.items()},
    }


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit."""
    seconds = abs(length.total_seconds())
    for unit, size in (("days", 172_800), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / (86_400 if unit == 'days' else size):.0f} {unit}"
    return "less than a minute"


def _head(found: Comparison, running: bool) -> Iterator[str]:
    total = found.agreed + found.different
    people, days = _counted(found.people, "person", "people"), _counted(len(found.days), "day", "days")
    how = "in a dry run" if running else "the dry run is over"
    yield f"{found.flow}: {how}; {_counted(found.decisions, 'decision', 'decisions')} about {people} on {days}"
    if found.agreement is None:
        yield "nothing to compare yet: people have not done anything that it decided about"
        return
    yield f"agreement: {found.agreement:.0%} of {_counted(total, 'message or answer', 'messages and answers')} that both came to"
    if found.middle is not None:
        yield f"where both sent it, people were {span(found.middle)} {'earlier' if found.middle < timedelta(0) else 'later'} in the middle"


def _steps(found: Comparison) -> Iterator[str]:
    """A table with the columns that have something in them."""
    kinds = [match for match in Match if found.count(match)]
    rows = [["STEP", *(_SHORT[kind] for kind in kinds)]]
    rows += [[step or "(entering)", *(str(found.steps[step, kind] or "-") for kind in kinds)] for step in _step_names(found)]
    wide = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  ".join([row[0].ljust(wide[0]), *(cell.rjust(size) for cell, size in zip(row[1:], wide[1:], strict=True))]).rstrip()


def _kinds(found: Comparison, contacts: Mapping[str, Contact]) -> Iterator[str]:
    for match in Match:
        if not found.count(match):
            continue
        yield f"{_SHORT[match]} {found.count(match):,}: {_WORDS[match]}"
        for why, count in _reasons(found, match)[:REASONS]:
            yield from _folded(f"{count:,} x {clean(why)}")
        for one in found.examples.get(match, ()):
            yield from _folded(_named(one, contacts))


def _folded(line: str) -> Iterator[str]:
    yield from wrap(line, 80, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _named(one: Compared, contacts: Mapping[str, Contact]) -> str:
    who = contacts.get(one.contact_id) or Contact(one.contact_id)
    parts = []
    if one.would is not None:
        parts.append(f"{one.would.what.value} {one.would.at:%d %b %H:%M}")
    if one.did is not None:
        skipped = "skipped by " if one.did.state is Stage.SKIPPED else ""
        parts.append(f"{skipped}{one.did.actor} {one.did.at:%d %b %H:%M}")
    return f"{clean(who.name) or clean(who.email) or who.id}, {one.message or one.step}: {'; '.join(parts)} UTC"


def _example(one: Compared, contacts: Mapping[str, Contact]) -> dict[str, Any]:
    who, would, did = contacts.get(one.contact_id) or Contact(one.contact_id), one.would, one.did
    named = ("what", "at", "rule", "reason", "subject")
    shadow = {name: getattr(would, name) for name in named} if would else None
    people = {"what": did.state.value, "at": did.at, "by": did.actor, "reason": did.reason} if did else None
    said = {"contact_id": one.contact_id, "name": clean(who.name), "step": one.step, "message": one.message, "why": one.why}
    return {**said, "shadow": shadow, "people": people}


def _reasons(found: Comparison, match: Match) -> list[tuple[str, int]]:
    """The most frequent first."""
    theirs = [(why, count) for (kind, why), count in found.reasons.items() if kind is match]
    return sorted(theirs, key=lambda pair: (-pair[1], pair[0]))


def _step_names(found: Comparison) -> list[str]:
    return sorted({step for step, _ in found.steps})


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
