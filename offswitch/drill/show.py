"""A drill's result as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from offswitch.drill.look import Violation
from offswitch.drill.people import START
from offswitch.drill.result import Found
from offswitch.drill.words import invariant_in

_WIDTH = 80


def as_text(found: Found) -> str:
    """The verdict, the invariants with their counts, what went wrong first, and the line that repeats it."""
    return "\n".join(_lines(found))


def _lines(found: Found) -> Iterator[str]:
    covered = found.boundaries - len(found.missed)
    yield f"{found.flow}: {'passed' if found.passed else 'FAILED'}"
    yield f"  {found.runs} runs of 30 virtual days, {found.deaths} kills, {found.letters:,} messages"
    yield f"  seed {found.seed}, {found.seconds:.0f} s"
    yield f"  boundaries covered: {covered} of {found.boundaries}"
    yield f"  switched off in {len(found.ways)} ways"
    yield ""
    yield f"  {'INVARIANT':<22}{'CHECKS':>8}{'BROKEN':>8}"
    for name in found.checked:
        yield f"  {invariant_in('en', name)[0]:<22}{found.checks[name]:>8,}{found.broken[name] or '-':>8}"
    if found.violations:
        yield ""
        yield from _first(found.violations[0])
        if len(found.violations) > 1:
            yield f"  and {len(found.violations) - 1} more: see --json or --html"
    if found.missed:
        yield ""
        yield "  never reached, so nothing is proven there:"
        yield from (f"    {place}" for place in found.missed)
    for note in found.said:
        yield ""
        yield from textwrap.wrap(f"note: {note}", _WIDTH, initial_indent="  ", subsequent_indent="        ")
    yield ""
    yield "  the same again:"
    yield f"    {found.again}"


def _first(one: Violation) -> Iterator[str]:
    name, promise = invariant_in("en", one.invariant)
    yield f"  what went wrong first: {name}"
    yield from textwrap.wrap(promise, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    when = f"{moment(one)}: " if one.at else ""
    yield from textwrap.wrap(f"{when}{one.what}", _WIDTH, initial_indent="    ", subsequent_indent="    ")


def moment(one: Violation) -> str:
    """When it happened, in days of the drill."""
    return "" if one.at is None else f"day {(one.at - START).days + 1}, {one.at:%H:%M} UTC"
