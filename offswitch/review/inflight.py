"""Whom an edit touches who is inside already: where people of removed steps go, whose wait changes, who gets the new text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from offswitch.journey.graph import Graph
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.entry import Entry
from offswitch.policy.schema import Effective, Removed
from offswitch.review.words import Language, say


@dataclass(frozen=True, slots=True)
class StepEdit:
    """What an edit does to those at one step.

    `people` stand here, `leading` wait elsewhere for an event that leads here; `versions` counts them by the code that
    looked at them last, `old_code` says whether that is not today's. Of a `removed` step `goes` is what the policy says,
    None when it says nothing that can be done, and `again` counts who would get a message once more there. `moved` due
    times change, to between `first` and `last`; `sooner` of them come sooner than they were set. `new_text`: whatever is
    not in a colleague's hands is sent with today's text; `taken` items keep what was seen.
    """

    step: str
    people: int
    leading: int = 0
    versions: Mapping[str, int] = field(default_factory=dict)
    old_code: bool = False
    removed: bool = False
    goes: Removed | None = None
    again: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0
    first: datetime | None = None
    last: datetime | None = None
    sooner: int = 0
    new_text: bool = False
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Stranded:
    """Removed steps about which the policy says nothing: how many stand there, how many an event would lead there; `lines` mend it."""

    flow: str
    standing: Mapping[str, int]
    leading: Mapping[str, int]
    lines: str

    def __str__(self) -> str:
        told = [f"{_people(count, 'stands', 'stand')} on `{step}`, which is gone" for step, count in self.standing.items()]
        told += [
            f"{_people(count, 'waits', 'wait')} for an event that leads to `{step}`, which is gone" for step, count in self.leading.items()
        ]
        return f"{'; '.join(told)}: say where they go, in policies/{self.flow}.yaml:\n\n{self.lines}"


@dataclass(slots=True)
class Waits:
    """Whose wait at a step an edit changes: so many, due between `first` and `last`, so many of them sooner than before."""

    moved: int = 0
    first: datetime | None = None
    last: datetime | None = None
    sooner: int = 0

    def count(self, before: Entry, after: Entry) -> None:
        """One more."""
        self.moved += 1
        self.first = min(self.first or after.due, after.due)
        self.last = max(self.last or after.due, after.due)
        self.sooner += after.due < before.due


@dataclass(slots=True)
class Here:
    """Who stands at one step: how many, by the code that looked at them last, and how many of them somebody has taken."""

    people: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """`here` are those inside, by step; `waits` whose wait the edits change.

    `version` names today's code; `new_text`: the texts are not those of the last approval.
    """

    journey: Journey
    graph: Graph
    policy: Effective
    here: Mapping[str, Here]
    waits: Mapping[str, Waits]
    version: str
    new_text: bool

    def edits(self, book: Book) -> tuple[StepEdit, ...]:
        """One for each step where somebody stands or is led to, and to whom something happens."""
        leading = book.entries.leading_to(self.journey.name)
        gone = [step for step in dict.fromkeys((*self.here, *leading)) if step not in self.journey.steps]
        removed = [self._removed(book, step, leading.get(step, 0)) for step in gone]
        return (*removed, *self._kept())

    def _removed(self, book: Book, step: str, leading: int) -> StepEdit:
        goes, here = mapping(self.journey, self.policy, step), self.here.get(step, Here())
        sends = self.graph.nodes[goes.step].sends if goes and goes.step else ()
        had = {message: book.effects.had(self.journey.name, step, f"send:{message}") for message in sends}
        again = {message: count for message, count in had.items() if count}
        return StepEdit(step, here.people, leading, _versions(here), removed=True, goes=goes, again=again, taken=here.taken)

    def _kept(self) -> Iterator[StepEdit]:
        for step, here in ((name, self.here[name]) for name in self.journey.steps if name in self.here):
            waits = self.waits.get(step, Waits())
            edit = StepEdit(
                step,
                here.people,
                versions=_versions(here),
                old_code=any(version not in ("", self.version) for version in here.versions),
                moved=waits.moved,
                first=waits.first,
                last=waits.last,
                sooner=waits.sooner,
                new_text=self.new_text and bool(self.graph.nodes[step].sends),
                taken=here.taken,
            )
            if edit.moved or edit.old_code or edit.new_text:
                yield edit


def stranded(book: Book, journey: Journey, policy: Effective) -> Stranded | None:
    """Whom nothing says where to go, as the ledger stands now; None when there is nobody."""

    def gone(found: Mapping[str, int]) -> dict[str, int]:
        return {step: n for step, n in found.items() if step not in journey.steps and mapping(journey, policy, step) is None}

    standing, leading = gone(book.entries.by_step(journey.name)), gone(book.entries.leading_to(journey.name))
    if not standing and not leading:
        return None
    guesses = [f"  {step}: {_guess(step, journey)}" for step in dict.fromkeys((*standing, *leading))]
    return Stranded(journey.name, standing, leading, "\n".join(["removed_steps:   # to a step, to a person, or out", *guesses]))


def mapping(journey: Journey, policy: Effective, step: str) -> Removed | None:
    """What the policy says of a removed step; None also when that leads to no step either."""
    where = policy.removed_steps.get(step)
    return None if where is None or (where.step and where.step not in journey.steps) else where


def in_words(language: Language, edit: StepEdit, policy: Effective) -> Iterator[str]:
    """What happens to them, in sentences."""
    if edit.removed:
        where = edit.goes
        yield _told(language, f"edit {where.to}", step=where.step) if where else _told(language, "edit unmapped")
    for message, count in edit.again.items():
        yield _told(language, "edit again", n=count, message=message)
    if edit.moved:
        yield _told(language, "edit moved", n=edit.moved, first=f"{edit.first:%Y-%m-%d %H:%M}", last=f"{edit.last:%Y-%m-%d %H:%M}")
    if edit.sooner:
        yield _told(language, "edit sooner", n=edit.sooner, release=str(policy.release))
    if edit.old_code and edit.moved < edit.people:
        yield _told(language, "edit due stays")
    if edit.new_text:
        yield _told(language, "edit new text")
    if edit.taken:
        yield _told(language, "edit taken", n=edit.taken)
    if edit.leading:
        yield _told(language, "edit leading", n=edit.leading)


def _told(language: Language, word: str, **values: object) -> str:
    """A sentence whose names and times keep their own direction within Arabic."""
    if language == "ar":
        values = {name: f"\N{LEFT-TO-RIGHT ISOLATE}{value}\N{POP DIRECTIONAL ISOLATE}" for name, value in values.items()}
    return say(language, word, **values)


def _people(count: int, one: str, many: str) -> str:
    return f"1 person {one}" if count == 1 else f"{count:,} people {many}"


def _versions(here: Here) -> dict[str, int]:
    return {version: count for version, count in here.versions.most_common() if version}


def _guess(step: str, journey: Journey) -> str:
    """The likeliest word: a step of nearly the same name, else a person."""
    near = get_close_matches(step, journey.steps, n=1, cutoff=0.6)
    return f"{{move_to: {near[0]}}}   # or: hand_over, exit" if near else "hand_over   # or: {move_to: STEP}, exit"
