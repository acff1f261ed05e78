"""Whom an edit touches who is inside already: where people of removed steps go, whose wait changes, who gets the new text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from offswitch.journey.graph import Graph
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.entry import OVERDUE, Entry
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


@dataclass(frozen=True, slots=True)
class Inside:
    """`entries` are those inside; `changed` whom the edits move, or whose wait they change, before and after.

    `version` names today's code; `new_text`: the texts are not those of the last approval.
    """

    journey: Journey
    graph: Graph
    policy: Effective
    entries: Sequence[Entry]
    changed: Mapping[str, tuple[Entry, Entry]]
    version: str
    new_text: bool

    def edits(self, book: Book) -> tuple[StepEdit, ...]:
        """One for each step where somebody stands or is led to, and to whom something happens."""
        here: dict[str, list[Entry]] = {}
        for entry in self.entries:
            here.setdefault(entry.step, []).append(entry)
        leading = Counter(step for entry in self.entries for step in _led_to(entry))
        gone = [step for step in dict.fromkeys((*here, *leading)) if step not in self.journey.steps]
        removed = [self._removed(book, step, here.get(step, []), leading[step]) for step in gone]
        return (*removed, *self._kept(here))

    def _removed(self, book: Book, step: str, here: Sequence[Entry], leading: int) -> StepEdit:
        goes = mapping(self.journey, self.policy, step)
        sends = self.graph.nodes[goes.step].sends if goes and goes.step else ()
        had = {message: book.effects.had(self.journey.name, step, f"send:{message}") for message in sends}
        again = {message: count for message, count in had.items() if count}
        return StepEdit(step, len(here), leading, _versions(here), removed=True, goes=goes, again=again, taken=_taken(here))

    def _kept(self, here: Mapping[str, Sequence[Entry]]) -> Iterator[StepEdit]:
        waits: dict[str, list[tuple[Entry, Entry]]] = {}
        for before, after in self.changed.values():
            if after.step == before.step and after.wait != before.wait:
                waits.setdefault(after.step, []).append((before, after))
        for step in (name for name in self.journey.steps if here.get(name)):
            due = [after.due for _, after in waits.get(step, [])]
            edit = StepEdit(
                step,
                len(here[step]),
                versions=_versions(here[step]),
                old_code=any(entry.version not in ("", self.version) for entry in here[step]),
                moved=len(due),
                first=min(due, default=None),
                last=max(due, default=None),
                sooner=sum(after.due < before.due for before, after in waits.get(step, [])),
                new_text=self.new_text and bool(self.graph.nodes[step].sends),
                taken=_taken(here[step]),
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


def _led_to(entry: Entry) -> set[str]:
    return {step for kind, step in entry.or_when.items() if kind != OVERDUE}


def _versions(entries: Iterable[Entry]) -> dict[str, int]:
    return dict(Counter(entry.version for entry in entries if entry.version).most_common())


def _taken(entries: Iterable[Entry]) -> int:
    return sum(bool(entry.taken_by) for entry in entries)


def _guess(step: str, journey: Journey) -> str:
    """The likeliest word: a step of nearly the same name, else a person."""
    near = get_close_matches(step, journey.steps, n=1, cutoff=0.6)
    return f"{{move_to: {near[0]}}}   # or: hand_over, exit" if near else "hand_over   # or: {move_to: STEP}, exit"
