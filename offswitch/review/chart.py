"""The pictures of a plan as numbers: what is how long, how high and where. The page draws them, and says the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from offswitch.policy.schema import Effective, Metric
from offswitch.review.guardrails import SIZES, limits
from offswitch.review.line import LATER, REFUSED, What
from offswitch.review.plan import PlanOfWork

WIDE, HIGH = 340, 150  # of a drawing, in its own units: a phone shows them one to one
SHORTEST = 1.2  # of 100, so that one person is still seen
PARTS: Mapping[str, tuple[What, ...]] = {
    "out": (What.SEND,),
    "hand": (What.HAND_OVER,),
    "later": LATER,
    "refused": REFUSED,
    "on": (What.WRITE, What.MOVE, What.FINISH),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, `x` and `width` of 100."""

    name: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What becomes of those at one step."""

    step: str
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(part.count for part in self.parts)


@dataclass(frozen=True, slots=True)
class Column:
    """A step of the rollout; `here` where it stands."""

    x: float
    height: float
    here: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """Where a guardrail stops: `points` in the drawing, `most` of each of `SIZES` sends; `end` is how high it ends."""

    metric: Metric
    points: str
    most: tuple[int, ...]
    end: float


def funnel(plan: PlanOfWork) -> list[Bar]:
    """One bar for each step where something is decided now, all to one scale, in the order of the journey."""
    counts: dict[str, dict[str, int]] = {}
    for group in plan.groups:
        name = next(name for name, kinds in PARTS.items() if group.what in kinds)
        here = counts.setdefault(group.step, {})
        here[name] = here.get(name, 0) + group.count
    most = max((sum(here.values()) for here in counts.values()), default=0)
    return [Bar(step, tuple(_parts(here, most))) for step, here in counts.items()]


def _parts(counts: Mapping[str, int], most: int) -> Iterator[Part]:
    shown = [(name, counts[name], max(100 * counts[name] / most, SHORTEST)) for name in PARTS if name in counts]
    scale, x = min(1, 100 / sum(width for _, _, width in shown)), 0.0
    for name, count, width in shown:
        yield Part(name, count, round(x, 2), round(width * scale, 2))
        x += width * scale


def ladder(policy: Effective, rung: int) -> list[Column]:
    """The steps of the rollout side by side; numbers of people are drawn low, because nobody knows of how many."""
    steps, gap = policy.rollout.steps, 8
    width = column_width(policy)
    return [Column(at * (width + gap), 8 if one.ppm is None else max(8, one.ppm / 10_000), at == rung) for at, one in enumerate(steps)]


def column_width(policy: Effective) -> float:
    """Of each step of the ladder."""
    steps = len(policy.rollout.steps)
    return min(80, (WIDE - 8 * (steps - 1)) / steps)


def curves(policy: Effective) -> list[Curve]:
    """Each guardrail from few to many sends, both on scales that grow tenfold."""
    table = limits(policy)
    top = max((most for row in table.values() for most in row), default=1)
    return [_curve(metric, row, top) for metric, row in table.items()]


def _curve(metric: Metric, row: Sequence[int], top: int) -> Curve:
    at = [(place(sends), round(HIGH * (1 - log(most) / log(top)), 1) if top > 1 else 0.0) for sends, most in zip(SIZES, row, strict=True)]
    return Curve(metric, " ".join(f"{x},{y}" for x, y in at), tuple(row), at[-1][1])


def place(sends: int) -> float:
    """Where so many sends stand in the drawing."""
    return round(WIDE * log(sends / SIZES[0]) / log(SIZES[-1] / SIZES[0]), 1)


def across(at: float, width: float, whole: float, rtl: bool) -> float:
    """Where a piece begins from the left, where readers begin at the right."""
    return round(whole - at - width if rtl else at, 2)
