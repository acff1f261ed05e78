"""Runs cases in turns and keeps every figure, so that a case and its bound met the same noise."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure. `once` does it and returns a figure in `unit`; `bound` names the bare case beside it."""

    name: str
    unit: str
    once: Callable[[], float]
    bound: str = ""
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Every figure of one case. `of_bound`: how much of its bound it reaches, 1 being all; None without one.

    `at_most` is a promise, not a speed: a figure above it is wrong on every machine.
    """

    name: str
    unit: str
    figures: tuple[float, ...]
    of_bound: float | None = None
    aim: str = ""
    at_most: float | None = None

    @property
    def median(self) -> float:
        """The middle figure."""
        return median(self.figures)


def turns(cases: Sequence[Case], times: int) -> list[Row]:
    """Every case once, then every case again: `times` figures each."""
    figures: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(times):
        for case in cases:
            gc.collect()
            figures[case.name].append(case.once())
    return [_row(case, figures) for case in cases]


def share(unit: str, mine: Iterable[float], bare: Iterable[float]) -> float:
    """How much of the bare figures these reach: the median of what each turn says by itself. Less time is more."""
    pairs = zip(mine, bare, strict=True)
    return median(one / other if unit.endswith("/s") else other / one for one, other in pairs)


def percentile(figures: Iterable[float], percent: float) -> float:
    """The smallest figure that so many percent do not exceed."""
    ordered = sorted(figures)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def _row(case: Case, figures: dict[str, list[float]]) -> Row:
    mine = figures[case.name]
    of_bound = share(case.unit, mine, figures[case.bound]) if case.bound else None
    return Row(case.name, case.unit, tuple(mine), of_bound, case.aim)


def peak_memory() -> float:
    """The most memory that this process has had, in MB. Not `ru_maxrss`: that one is inherited from whoever started it."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
