"""What a step knows. Gathered before it runs; nothing in here reads a clock, a file or a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from offswitch.model.contact import Contact
from offswitch.model.engagement import Engagement
from offswitch.model.event import Event, Happened

E = TypeVar("E", bound=Event)


class Unknown(Exception):
    """A step asked for something that nobody knows. The entry becomes a triage item; no author needs to catch it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Known:
    """One value with where it came from and when."""

    value: Any
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """What `policies/scoring.yaml` makes of a diagnostic form. `missing` names the questions without an answer."""

    points: int
    tags: tuple[str, ...]
    segment: str
    stage: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a decision may depend on.

    `events` are this contact's, oldest first; `trigger` is the id of the one that began the entry, `subject` its
    subject where the journey is `about` a field. `engagement` is there where the flow asks for it.
    """

    now: datetime
    contact: Contact
    consent: frozenset[tuple[str, str]] = frozenset()
    events: tuple[Happened, ...] = ()
    trigger: str = ""
    known: Mapping[str, Known] = field(default_factory=dict)
    visit: int = 1
    about: str = ""
    subject: str = ""
    engagement: Engagement | None = None

    def may_get(self, purpose: str, channel: str) -> bool:
        """Has the person agreed to this purpose on this channel (and not taken it back)?"""
        return (purpose, channel) in self.consent

    def event(self, kind: type[E]) -> E:
        """The newest event of this kind that belongs to this entry. Unknown -> a triage item."""
        for happened in reversed(self.events):
            if happened.kind == kind.kind and self._mine(happened):
                try:
                    return happened.typed(kind)
                except ValueError as error:
                    raise Unknown(f"a readable {kind.kind} event") from error
        raise Unknown(f"a {kind.kind} event")

    def has(self, kind: type[Event]) -> bool:
        """Did this happen since the entry's trigger (which counts)?"""
        began = next((happened.at for happened in self.events if happened.id == self.trigger), None)
        return any(
            happened.kind == kind.kind and self._mine(happened) and (began is None or happened.at >= began) for happened in self.events
        )

    def count(self, kind: type[Event]) -> int:
        """How often this ever happened to this contact, whatever entry it belongs to."""
        return sum(1 for happened in self.events if happened.kind == kind.kind)

    @property
    def replied(self) -> bool:
        """Has the person written back since the entry began?"""
        from offswitch.events import Replied

        return self.has(Replied)

    @property
    def engaged(self) -> int:
        """How many of this flow's messages the person clicked, answered or opened themselves."""
        return self._engagement.engaged

    @property
    def ignored(self) -> int:
        """How many of this flow's messages came in a row since the person last gave a sign of life."""
        return self._engagement.ignored

    @property
    def _engagement(self) -> Engagement:
        if self.engagement is None:
            raise Unknown("what the person did with the messages")
        return self.engagement

    def value(self, name: str) -> Any:
        """A fact by name, from the contact or from what the journey `needs`. Unknown -> a triage item."""
        known = self.known.get(name)
        found = known.value if known is not None else self.contact.get(name)
        if found is None or found == "":
            raise Unknown(name)
        return found

    @property
    def score(self) -> Score:
        """What the scoring table makes of the diagnostic form. Unknown -> a triage item."""
        found: Score = self.value("score")
        return found

    def _mine(self, happened: Happened) -> bool:
        return not self.about or happened.id == self.trigger or str(happened.data.get(self.about, "")) == self.subject
