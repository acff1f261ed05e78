"""May a flow go live? What people answered, the drill and the work done by hand, weighed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from offswitch.policy.drilled import Drilled
from offswitch.policy.readiness import CUSTOMER, DRILL, FOUR, OPERATORS, PROCESS, Answered, Asked, Heard, Reply

ENOUGH_TO_JUDGE = 5  # manual runs; fewer say nothing about the path
PILOT_PPM, PILOT_CONTACTS = 50_000, 50  # what the machine takes at most in a pilot, whatever the step of the rollout
WARNING = timedelta(days=7)  # so long before something runs out, people are told
SHEET, RUNBOOK, RUNS, STABILITY = "runbook_on_one_sheet", "runbook_known", "manual_runs", "stability"


class Grade(StrEnum):
    """What the machine may do."""

    ELIGIBLE = "eligible"
    PILOT = "pilot only"
    BLOCKED = "blocked"


class Reading(StrEnum):
    """What the four questions say together."""

    MOSTLY_NO = "mostly no"
    WAVERING = "wavering"
    MOSTLY_YES = "mostly yes"


class State(StrEnum):
    """Where one item stands. YES, WAIVED and TOO_FEW are in nobody's way."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    MISSING = "missing"
    EXPIRED = "expired"
    CHANGED = "changed"  # it was about something that has changed since
    WAIVED = "waived"
    TOO_FEW = "too few"  # nothing to judge yet
    UNPRACTISED = "unpractised"  # a drill that nobody of the team has made
    QUICK = "quick"  # a drill of the main cases alone: enough for a pilot


_FINE = (State.YES, State.WAIVED, State.TOO_FEW)
_PROVEN = (State.YES, State.QUICK)  # of the four questions


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked. `until` is the last day on which it counts. `have` of `need`: runs, people, per cent."""

    name: str
    state: State
    by: tuple[str, ...] = ()
    on: date | None = None
    until: date | None = None
    answer: str = ""
    evidence: str = ""
    have: int = 0
    need: int = 0

    @property
    def fine(self) -> bool:
        """Is it in nobody's way?"""
        return self.state in _FINE


@dataclass(frozen=True, slots=True)
class Known:
    """What no file says: the drill, and whether it was of what is there now; the paths of what people finished by hand."""

    today: date
    drill: Drilled | None = None
    covered: bool = False
    paths: Sequence[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """The verdict, with every item that led to it, in the order in which people should look at them."""

    grade: Grade
    reading: Reading
    items: tuple[Item, ...]
    today: date

    @property
    def open(self) -> tuple[Item, ...]:
        """What is in the way."""
        return tuple(item for item in self.items if not item.fine)

    @property
    def ending(self) -> tuple[Item, ...]:
        """What still counts, and runs out within a week, the first one first."""
        soon = [item for item in self.items if item.fine and item.until is not None and item.until - self.today <= WARNING]
        return tuple(sorted(soon, key=lambda item: (item.until or date.max, item.name)))


def weigh(asked: Asked, known: Known) -> Weighed:
    """Blocked, pilot only or eligible."""
    four = (*(_answered(name, asked, known.today) for name in PROCESS), _drilled(asked, known))
    rest = (
        *(_answered(name, asked, known.today) for name in CUSTOMER),
        _sheet(asked),
        _runbook(asked, known.today),
        _runs(asked, known),
        _stability(asked, known.paths),
    )
    states = [item.state for item in four]
    return Weighed(grade(states, all(item.fine for item in rest)), reading(states), (*four, *rest), known.today)


def grade(four: Sequence[State], rest: bool) -> Grade:
    """By the four questions, the drill's last; `rest` is whether everything else is fine. What is not yes is not yes."""
    if not rest or four[FOUR.index(DRILL)] not in _PROVEN or reading(four) is Reading.MOSTLY_NO:
        return Grade.BLOCKED
    return Grade.ELIGIBLE if reading(four) is Reading.MOSTLY_YES else Grade.PILOT


def reading(four: Iterable[State]) -> Reading:
    """One yes at most: automation before the system. Two or three: wavering. Four: conscious."""
    found = list(four)
    if sum(state in _PROVEN for state in found) <= 1:
        return Reading.MOSTLY_NO
    return Reading.MOSTLY_YES if all(state is State.YES for state in found) else Reading.WAVERING


def _answered(name: str, asked: Asked, today: date) -> Item:
    said: Answered | Heard | None = getattr(asked.said, name)
    if said is None or _not_yet(said.on, today):
        return Item(name, State.MISSING)
    until = said.on + asked.expires
    state = State.YES if isinstance(said, Heard) else State(said.answer.value)
    state = State.EXPIRED if until < today else state
    text = said.answer.value if isinstance(said.answer, Reply) else said.answer
    return Item(name, state, (said.by,), said.on, until, text, said.evidence)


def _not_yet(on: date, today: date) -> bool:
    """A day of the future; in the far east it is tomorrow already."""
    return on > today + timedelta(days=1)


def _drilled(asked: Asked, known: Known) -> Item:
    drill = known.drill
    if drill is None:
        return Item(DRILL, State.MISSING)
    on = drill.at.date()
    until = on + asked.drill_max_age
    if not drill.passed:
        state = State.NO
    elif not known.covered:
        state = State.CHANGED
    elif until < known.today or _not_yet(on, known.today):
        state = State.EXPIRED
    elif drill.by not in asked.team:
        state = State.UNPRACTISED
    else:
        state = State.QUICK if drill.quick else State.YES
    by = (drill.by,) if drill.by else ()
    return Item(DRILL, state, by, on, until, evidence=drill.again)


def _sheet(asked: Asked) -> Item:
    """`answer` names what the runbook lacks."""
    return Item(SHEET, State.NO if asked.lacks else State.YES, answer=", ".join(asked.lacks))


def _runbook(asked: Asked, today: date) -> Item:
    """Two different people of the team, on the runbook as it is."""
    ours = [one for one in asked.said.runbook_known if one.by in asked.team and not _not_yet(one.on, today)]
    counting = [one for one in ours if one.runbook == asked.runbook and one.on + asked.expires >= today]
    people = tuple(dict.fromkeys(one.by for one in counting))
    state = State.YES
    if len(people) < OPERATORS:
        same = any(one.runbook == asked.runbook for one in ours)
        state = State.MISSING if not ours or counting else State.EXPIRED if same else State.CHANGED
    newest = sorted((max(one.on for one in counting if one.by == person) for person in people), reverse=True)
    until = newest[OPERATORS - 1] + asked.expires if len(newest) >= OPERATORS else None
    return Item(RUNBOOK, state, people, max(newest, default=None), until, have=len(people), need=OPERATORS)


def _runs(asked: Asked, known: Known) -> Item:
    have, need, waiver = len(known.paths), asked.manual_runs, asked.waiver
    if have >= need:
        return Item(RUNS, State.YES, have=have, need=need)
    if waiver is None:
        return Item(RUNS, State.MISSING, have=have, need=need)
    holds = known.today <= waiver.until <= known.today + WARNING + timedelta(days=1)
    state = State.WAIVED if holds else State.EXPIRED
    return Item(RUNS, state, waiver.waived_by, None, waiver.until, waiver.why, have=have, need=need)


def _stability(asked: Asked, paths: Sequence[tuple[str, ...]]) -> Item:
    need = asked.stability.ppm // 10_000
    if len(paths) < ENOUGH_TO_JUDGE:
        return Item(STABILITY, State.TOO_FEW, need=need)
    most = Counter(paths).most_common(1)[0][1]
    state = State.YES if most * 1_000_000 >= asked.stability.ppm * len(paths) else State.NO
    return Item(STABILITY, state, have=most * 100 // len(paths), need=need)
