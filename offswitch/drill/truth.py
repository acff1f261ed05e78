"""What the world knows of one person at a time: what happened to them, what they agreed to, and so what a step would see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from offswitch.drill.stage import Stage
from offswitch.drill.world import World, WorldCrm
from offswitch.events import DiagnosticCompleted, MailBounced, MailComplained, Unsubscribed
from offswitch.journey.graph import Graph, graph_of, reachable_messages
from offswitch.journey.journey import Journey
from offswitch.messages.library import Library
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.facts import Facts, Known
from offswitch.policy.facts import Person
from offswitch.policy.schema import Effective
from offswitch.policy.scoring import score
from offswitch.policy.sorting import Sorting

_YES = frozenset({("marketing", "email")})


@dataclass(frozen=True)
class Truth:
    """Reads the world and the files; never the ledger."""

    stage: Stage
    world: World
    crm: WorldCrm
    journey: Journey

    @cached_property
    def graph(self) -> Graph:
        """The steps as the source shows them."""
        return graph_of(self.journey)

    @cached_property
    def purposes(self) -> Mapping[str, str]:
        """What each message is for, by the head of its file."""
        library = Library(self.stage.settings.messages)
        return {name: library.front(self.journey.name, name).purpose for name in library.messages(self.journey.name)}

    @cached_property
    def decides(self) -> frozenset[str]:
        """The messages that a person has to approve."""
        library = Library(self.stage.settings.messages)
        return frozenset(name for name in self.purposes if library.front(self.journey.name, name).decides)

    @cached_property
    def policy(self) -> Effective:
        """The policy of the copy, as it was approved."""
        return self.stage.approved_policy

    @cached_property
    def sorting(self) -> Sorting:
        """The scoring table, the segments and the funnel of the copy."""
        return self.stage.sorting()

    @cached_property
    def asks(self) -> Mapping[str, int]:
        """How much each message asks."""
        library = Library(self.stage.settings.messages)
        return {name: library.front(self.journey.name, name).ask for name in self.purposes}

    def events(self, who: int) -> list[tuple[datetime, Happened]]:
        """All that this person did, with when we heard of it, in the order in which we heard."""
        name = contact_id(self.world, who)
        return [
            (heard, Happened(f"drill:{one.id}", one.kind, one.said, name, one.data, "drill", heard))
            for heard, one in self.world.told_by.get(who, ())
        ]

    def agreed(self, who: int, at: datetime) -> bool:
        """May this person get marketing mail now? The last word counts, and at the same instant the no."""
        words: list[tuple[datetime, bool]] = []
        for heard, one in self.world.told_by.get(who, ()):
            if heard > at:
                break
            if one.kind == Unsubscribed.kind and one.data.get("channel", "email") == "email":
                words.append((one.said, False))
            if one.consent and (one.dated or not any(not yes for _, yes in words)):
                words.append((min(one.said, heard), True))
        return bool(words) and max(words, key=lambda word: (word[0], not word[1]))[1]

    def suppressed(self, who: int, at: datetime) -> bool:
        """Did their address bounce for good, or did they complain?"""
        kinds = [one for heard, one in self.world.told_by.get(who, ()) if heard <= at]
        return any(one.kind == MailComplained.kind or (one.kind == MailBounced.kind and bool(one.data.get("hard", True))) for one in kinds)

    def barred(self, who: int, message: str, at: datetime) -> bool:
        """May this message not go to them at all, by whomever?"""
        return self.suppressed(who, at) or (self.purposes.get(message) != "service" and not self.agreed(who, at))

    def nothing_left(self, who: int, step: str, at: datetime) -> bool:
        """Is there no message from this step on that they may still get?"""
        return all(self.barred(who, message, at) for message in reachable_messages(self.graph, step))

    def facts(self, who: int, at: datetime, trigger: str, visit: int) -> Facts:
        """What the step sees at this moment."""
        person = self.world.person(who)
        heard = sorted((one for when, one in self.events(who) if when <= at), key=lambda one: one.at)
        contact = Contact(
            contact_id(self.world, who), person.email, person.name, person.language, person.country, person.zone, fields=person.fields
        )
        begun = next((one for one in heard if one.id == trigger), None)
        subject = str(begun.data.get(self.journey.about, "")) if begun and self.journey.about else ""
        consent = _YES if self.agreed(who, at) else frozenset()
        known = self._known(contact, heard, at)
        return Facts(at, contact, consent, tuple(heard), trigger, known, visit, self.journey.about, subject)

    def turned_away(self, who: int, at: datetime) -> bool:
        """May the flow be for others than this person?"""
        facts = self.facts(who, at, "", 0)
        return not self.policy.facts.fits(Person(facts.contact, at, facts.events, facts.known)).yes

    def singled_out(self, who: int, at: datetime, trigger: str, place: tuple[str, int], messages: Collection[str]) -> bool:
        """Does the policy say something of its own about this person at this visit: an exception, a fact that is not known, a limit?"""
        rules, facts = self.policy.facts, self.facts(who, at, trigger, place[1])
        told = rules.tell(Person(facts.contact, at, facts.events, facts.known, *place))
        if told.exception or told.unsure or told.lacking:
            return True
        return bool(rules.max_ask) and any(self.asks[message] > rules.max_ask.get(told.stage, 0) for message in messages)

    def _known(self, contact: Contact, heard: list[Happened], at: datetime) -> dict[str, Known]:
        known: dict[str, Known] = {}
        table, sorting = self.sorting.scoring, self.sorting
        form = next((one for one in reversed(heard) if one.kind == DiagnosticCompleted.kind), None)
        if table is not None and form is not None:
            known["score"] = Known(score(form.data.get("answers") or {}, table), "scoring.yaml", form.at)
        for name, value in self._register(contact, at).items():
            if name in self._from_crm:
                known.setdefault(name, Known(value, self.crm.name, at))
        return sorting.sort(contact, tuple(heard), known, at)

    @property
    def _from_crm(self) -> set[str]:
        return {*self.journey.needs, *(["stage"] if self.sorting.funnel else [])} - {"score"}

    def _register(self, contact: Contact, at: datetime) -> Mapping[str, Any]:
        return self.crm.at(contact.email, at) if self._from_crm else {}


def contact_id(world: World, who: int) -> str:
    """The id that the ledger was given for this person."""
    first = next((one for _, one in world.told_by.get(who, ())), None)
    return f"{who:06x}{first.id.replace('-', '')}0" if first else ""
