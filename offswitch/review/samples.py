"""Which drafts a reviewer gets to see: every message in every language, and the data that looks worst in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from unicodedata import bidirectional

from offswitch.messages.letter import Letter
from offswitch.messages.library import MARK, named
from offswitch.messages.words import direction
from offswitch.model.cells import safe_cell
from offswitch.model.contact import Contact
from offswitch.review.plan import Sample

ENOUGH = 5  # so many at least, where there are that many
DUE, LATER, MADE_UP = "due", "later", "made up"
LONGEST, NAMELESS = "longest name", "no name"

Draft = tuple[str, str]  # message and language


@dataclass(slots=True)
class Pool:
    """Keeps of all letters that come by only those worth showing, so that a large population costs no memory."""

    plain: dict[Draft, dict[str, Sample]] = field(default_factory=dict)
    worst: dict[str, Sample] = field(default_factory=dict)

    def offer(self, contact: Contact, message: str, step: str, letter: Letter, origin: str) -> None:
        """Keep it where there are few of its message and language, or where it is the worst of a sort."""
        seen, message = traits(contact, letter), named(message, letter.variant)
        sample = Sample(sample_id(contact, message, letter), message, letter.language, step, origin, seen, contact, letter)
        few = self.plain.setdefault((message, letter.language), {})
        if len(few) < ENOUGH or (origin == DUE and not any(one.origin == DUE for one in few.values())):
            few.setdefault(sample.id, sample)
        for trait in seen:
            if trait not in self.worst or _worse(sample, self.worst[trait], trait):
                self.worst[trait] = sample

    def lacks(self, message: str, language: str) -> bool:
        """Is there no draft of this message in this language yet?"""
        return (message, language) not in self.plain

    def chosen(self, order: Sequence[str]) -> tuple[Sample, ...]:
        """One per message and language, the worst of each sort, and at least `ENOUGH` where there are that many.

        `order` is that of the messages in the journey.
        """
        best = [sorted(few.values(), key=lambda one: one.origin != DUE) for few in self.plain.values()]
        picked = {one.id: one for one in (*(few[0] for few in best), *self.worst.values())}
        for one in (one for few in best for one in few):
            if len(picked) < ENOUGH:
                picked.setdefault(one.id, one)
        shown = (replace(one, letter=harmless(one.letter), traits=self._telling(one)) for one in picked.values())
        place = {message: at for at, message in enumerate(order)}

        def in_order(one: Sample) -> tuple[int, str, str, bool, str]:
            return place.get(one.message.partition(MARK)[0], len(place)), one.message, one.language, one.origin != DUE, one.id

        return tuple(sorted(shown, key=in_order))

    def _telling(self, sample: Sample) -> tuple[str, ...]:
        """The longest name is a trait of one person only."""
        return tuple(trait for trait in sample.traits if trait != LONGEST or self.worst[trait].id == sample.id)


def traits(contact: Contact, letter: Letter) -> tuple[str, ...]:
    """What could look wrong with this person's data in this letter."""
    name, rtl = contact.name.strip(), direction(letter.language) == "rtl"
    found = {
        NAMELESS: not name,
        "name left out": bool(name) and not letter.to_name,
        LONGEST: bool(letter.to_name),
        "name in the other script": bool(name) and _rtl(name) != rtl,
        "address as name": "@" in name,
        "markup in name": any(sign in name for sign in ("<", "{{", "{%")),
        "formula in name": safe_cell(name) != name,
        "hidden letters": any(not letter.isprintable() for letter in name),
        "fields missing": not (contact.country or contact.zone) or not contact.language,
        "right to left": rtl,
    }
    return tuple(trait for trait, there in found.items() if there)


def sample_id(contact: Contact, message: str, letter: Letter) -> str:
    """The same as long as person, message and text are the same."""
    return sha256(f"{contact.id}\x1f{message}\x1f{letter.language}\x1f{letter.digest}".encode()).hexdigest()[:8]


def harmless(letter: Letter) -> Letter:
    """The letter without its unsubscribe link: who only looks at a draft must not unsubscribe a customer."""
    if not letter.unsubscribe:
        return letter
    text, html = (part.replace(letter.unsubscribe, "#") for part in (letter.text, letter.html))
    return replace(letter, text=text, html=html, unsubscribe="")


def _worse(sample: Sample, known: Sample, trait: str) -> bool:
    """Longer where length is the trait; else one that goes out now says more than one that does not."""
    if trait == LONGEST and sample.origin != MADE_UP:
        return len(sample.contact.name) > len(known.contact.name)
    return sample.origin == DUE and known.origin != DUE


def _rtl(text: str) -> bool:
    return next((bidirectional(letter) in ("R", "AL") for letter in text if bidirectional(letter) in ("L", "R", "AL")), False)
