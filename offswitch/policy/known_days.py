"""Whether a calendar knows the days of every occasion. Looked at by `offswitch check` alone: the list of holidays is slow to load."""

from __future__ import annotations

from pathlib import Path

from offswitch.errors import Problem
from offswitch.policy.days import today
from offswitch.policy.load import COMPANY, load_company
from offswitch.policy.occasions import Occasion, proposed
from offswitch.policy.strict import read
from offswitch.policy.translate import problem_at


def check_days(folder: Path) -> list[Problem]:
    """Countries in whose calendar an occasion has no day this year or next, and nobody has written one. Raises ConfigError."""
    path = folder / f"{COMPANY}.yaml"
    unknown = [(place, where) for place, one in enumerate(load_company(folder).occasions) for where in _unknown(one)]
    if not unknown:
        return []
    node, fix = read(path), "write its days in `dates`, or take the country out"
    lacks = "whose calendar doesn't know this occasion"
    return [problem_at(node, ("occasions", place, "countries"), str(path), f"has {where}, {lacks}", fix) for place, where in unknown]


def _unknown(one: Occasion) -> list[str]:
    years = (today().year, today().year + 1)
    if one.lunar or set(years) <= one.dates.keys():
        return []
    return [where for where in one.countries if not any(proposed(one.name, where, year) for year in years)]
