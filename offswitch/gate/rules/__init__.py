"""One file per rule. A rule takes a case and returns a verdict, or None when it has no objection."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from offswitch.gate.case import Case
from offswitch.gate.rules.ask import ask
from offswitch.gate.rules.calendar import calendar
from offswitch.gate.rules.cap import cap
from offswitch.gate.rules.connector import connector
from offswitch.gate.rules.consent import consent
from offswitch.gate.rules.exceptions import exceptions
from offswitch.gate.rules.facts import facts
from offswitch.gate.rules.group import group
from offswitch.gate.rules.lane import lane
from offswitch.gate.rules.late import late
from offswitch.gate.rules.mass import mass
from offswitch.gate.rules.person import person
from offswitch.gate.rules.priority import priority
from offswitch.gate.rules.quiet_hours import quiet_hours
from offswitch.gate.rules.rate import rate
from offswitch.gate.rules.silence import silence
from offswitch.gate.rules.stop import stop
from offswitch.gate.rules.suppression import suppression
from offswitch.gate.rules.ticket import ticket
from offswitch.model.verdict import Verdict

Rule = Callable[[Case], Verdict | None]

# What ends an action for good comes first, so that nobody is asked to do by hand what may not be done at all;
# then who does it; then when.
ORDER: tuple[Rule, ...] = (
    suppression,
    consent,
    exceptions,
    ask,
    facts,
    ticket,
    stop,
    lane,
    person,
    late,
    calendar,
    quiet_hours,
    silence,
    cap,
    group,
    priority,
    mass,
    rate,
    connector,
)


@lru_cache(maxsize=1024)
def asked(idle: frozenset[str]) -> tuple[Rule, ...]:
    """All rules in their order, but for the `idle` ones."""
    return tuple(rule for rule in ORDER if rule.__name__ not in idle)
