"""The difference between two plans, in the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from textwrap import wrap
from typing import Any

from offswitch.review.difference import AT_HAND, Difference, Reach, StepChange, TextChange
from offswitch.review.kept import KeptPlan, Text
from offswitch.review.since import Since
from offswitch.review.words import key_in, say

SCHEMA = "offswitch.diff/1"
COLUMNS = 80
FEW = 5  # people by name on a terminal
NONE = Text("", "", "")


def as_text(one: Difference) -> str:
    """At most 80 columns wide, except in code."""
    return "\n".join(_lines(one))


def _lines(one: Difference) -> Iterator[str]:
    yield f"DIFFERENCE IN {one.now.flow}"
    yield f"  from {_named(one.before)}"
    yield f"  to   {_named(one.now)}"
    if one.empty:
        yield ""
        yield "Nothing is different."
        return
    yield from ("", "WHO IS REACHED", *reached(one))
    if one.keys:
        yield from ("", "WHAT THE POLICY SAYS")
    for key in one.keys:
        if key.key not in ("code", "texts"):
            verdict = say("en", "voids" if key.voids else "stricter")
            yield from _wrapped(f"- {key_in('en', key.key)}: {key.before} -> {key.now} ({verdict})", "  ")
    yield from content(one)


def content(one: Difference) -> Iterator[str]:
    """What texts and steps were and are."""
    if one.texts:
        yield from ("", "WHAT PEOPLE READ (with made-up values)")
    for text in one.texts:
        yield from _text(text)
    if one.steps or one.elsewhere:
        yield from ("", "WHAT THE STEPS DO")
    if one.elsewhere:
        yield from _wrapped("The code has changed, but in none of the steps themselves: in what they use.", "  ")
    for step in one.steps:
        yield from _step(step)
    if one.warnings:
        yield from ("", "NEW WARNINGS")
    for warning in one.warnings:
        yield from _wrapped(f"- {warning}", "  ")


def reached(one: Difference, known: Since | None = None) -> Iterator[str]:
    """How many people are reached by one of the plans only; `known`: what the ledger knows of them."""
    yield f"  {one.newly.count:,} newly reached, {one.gone.count:,} no longer reached"
    if known and known.came:
        yield f"  {known.came:,}{_of(one.newly)} of the new ones came since that plan was made"
    if known and known.went:
        yield f"  {known.went:,}{_of(one.gone)} of the others have gone on since, or are done"
    for message, (before, now) in sorted(one.messages.items()):
        if before != now:
            yield f"  {message}: {before:,} -> {now:,}"
    for sign, reach in (("+", one.newly), ("-", one.gone)):
        yield from _few(sign, reach, known or Since())


def _of(reach: Reach) -> str:
    return f" of the first {AT_HAND:,}" if reach.count > AT_HAND else ""


def _few(sign: str, reach: Reach, known: Since) -> Iterator[str]:
    for contact in reach.first[:FEW]:
        who = known.names.get(contact)
        line = f"{who.name} <{who.email}>" if who else contact
        yield f"  {sign} {''.join(letter for letter in line if letter.isprintable())}"[:COLUMNS]
    if reach.count > FEW:
        yield f"  {sign} and {reach.count - FEW:,} more"


def _text(change: TextChange) -> Iterator[str]:
    before, now = change.before or NONE, change.now or NONE
    what = "is new" if change.before is None else "is gone" if change.now is None else "has changed"
    yield f"  {change.name} {what}"
    old, new = (f"Subject: {text.subject}\n{text.text}" for text in (before, now))
    for line in _changed_lines(old if change.before else "", new if change.now else ""):
        yield from (f"    {part}" for part in wrap(line, COLUMNS - 4, subsequent_indent="  ") or [line])


def _step(change: StepChange) -> Iterator[str]:
    what = "is new" if not change.before else "is gone" if not change.now else "has changed"
    yield f"  {change.name} {what}"
    yield from (f"    {line}" for line in _changed_lines(change.before, change.now))


def _changed_lines(before: str, now: str) -> Iterator[str]:
    """The lines that differ, with one line around them."""
    for line in list(unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=1))[2:]:
        yield "…" if line.startswith("@@") else "".join(letter for letter in line if letter.isprintable())


def as_json(one: Difference) -> dict[str, Any]:
    """One document for other tools."""
    return {
        "schema": SCHEMA,
        "flow": one.now.flow,
        "before": {"digest": one.before.digest, "made": one.before.made},
        "now": {"digest": one.now.digest, "made": one.now.made},
        "same": one.empty,
        "newly_reached": {"count": one.newly.count, "first": one.newly.first},
        "no_longer_reached": {"count": one.gone.count, "first": one.gone.first},
        "messages": {message: {"before": before, "now": now} for message, (before, now) in sorted(one.messages.items())},
        "keys": [{"key": key.key, "before": key.before, "now": key.now, "voids": key.voids} for key in one.keys],
        "texts": [{"text": text.name, "before": _whole(text.before), "now": _whole(text.now)} for text in one.texts],
        "steps": [{"step": step.name, "before": step.before or None, "now": step.now or None} for step in one.steps],
        "code_elsewhere": one.elsewhere,
        "new_warnings": list(one.warnings),
        "needs_approval": one.voids,
        "unapproved": one.unapproved,
    }


def _whole(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"subject": text.subject, "text": text.text, "purpose": text.purpose}


def _named(plan: KeptPlan) -> str:
    return f"{plan.digest} ({plan.made[:16].replace('T', ' ')} UTC)"


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, COLUMNS, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
