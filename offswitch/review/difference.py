"""What is different between two plans of one flow: who, which texts, which steps, which keys, which warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge

from offswitch.review.changes import changes
from offswitch.review.kept import KeptPlan, Text
from offswitch.review.plan import Changed

AT_HAND = 1_000  # contacts of each kind that a difference holds


@dataclass(slots=True)
class Reach:
    """People who are reached by one of two plans only: how many, and the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, contact: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= AT_HAND:
            self.first.append(contact)


@dataclass(frozen=True, slots=True)
class TextChange:
    """A message in one language, before and now; None where there is none."""

    name: str
    before: Text | None
    now: Text | None


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step's source, before and now; "" where there is none."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`newly` get something by the later plan only, `gone` by the earlier only. `messages`: how many get each, before and now.

    `elsewhere`: the code has changed, but in none of the steps themselves.
    """

    before: KeptPlan
    now: KeptPlan
    newly: Reach
    gone: Reach
    messages: dict[str, tuple[int, int]]
    keys: tuple[Changed, ...]
    texts: tuple[TextChange, ...]
    steps: tuple[StepChange, ...]
    elsewhere: bool
    warnings: tuple[str, ...]

    @property
    def voids(self) -> bool:
        """Does something need an approval that the earlier plan's doesn't cover?"""
        return any(one.voids for one in self.keys)

    @property
    def unapproved(self) -> bool:
        """Does something need an approval, and has none yet?"""
        return self.voids and not self.now.approved

    @property
    def empty(self) -> bool:
        """Are they the same in everything that is compared?"""
        people = self.newly.count or self.gone.count or any(before != now for before, now in self.messages.values())
        return not (people or self.keys or self.texts or self.steps or self.warnings)


def difference(before: KeptPlan, now: KeptPlan) -> Difference:
    """Compare; whoever is reached is read from the files as it is needed."""
    newly, gone, messages = _people(before, now)
    keys = changes(before.subject, now.subject)
    steps = tuple(
        StepChange(name, before.steps.get(name, ""), now.steps.get(name, ""))
        for name in dict.fromkeys((*now.steps, *before.steps))
        if before.steps.get(name) != now.steps.get(name)
    )
    return Difference(
        before=before,
        now=now,
        newly=newly,
        gone=gone,
        messages=messages,
        keys=keys,
        texts=tuple(
            TextChange(name, before.texts.get(name), now.texts.get(name))
            for name in dict.fromkeys((*now.texts, *before.texts))
            if before.texts.get(name) != now.texts.get(name)
        ),
        steps=steps,
        elsewhere=not steps and before.subject.code != now.subject.code,
        warnings=tuple(one for one in now.warnings if one not in before.warnings),
    )


def _people(before: KeptPlan, now: KeptPlan) -> tuple[Reach, Reach, dict[str, tuple[int, int]]]:
    newly, gone = Reach(), Reach()
    messages: dict[str, list[int]] = {}
    for contact, sides in _by_contact(before, now):
        if len({side for side, _ in sides}) == 1:
            (newly if sides[0][0] else gone).add(contact)
        for side, message in sides:
            messages.setdefault(message, [0, 0])[side] += 1
    return newly, gone, {message: (was, is_now) for message, (was, is_now) in messages.items()}


def _by_contact(before: KeptPlan, now: KeptPlan) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each contact with (0 for before or 1 for now, message), read side by side in order, so that nothing is held."""
    both = merge(
        ((contact, 0, message) for contact, message in before.recipients()),
        ((contact, 1, message) for contact, message in now.recipients()),
    )
    here, sides = "", list[tuple[int, str]]()
    for contact, side, message in both:
        if contact != here and sides:
            yield here, sides
            sides = []
        here = contact
        sides.append((side, message))
    if sides:
        yield here, sides
