"""Facts for a whole batch, before any step runs: from the ledger, and from connectors for what a journey needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from offswitch.act.decide import Visit, visit_of
from offswitch.act.ports import Needs
from offswitch.journey.code import names
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.contact import Contact
from offswitch.model.engagement import Engagement, engagement
from offswitch.model.entry import Entry
from offswitch.model.event import Happened
from offswitch.model.facts import Facts, Known
from offswitch.policy.fact_rules import FactRules

_NOBODY: frozenset[tuple[str, str]] = frozenset()
_NO_RULES = FactRules()


def gather(
    book: Book, journey: Journey, entries: Sequence[Entry], now: datetime, needs: Needs, rules: FactRules = _NO_RULES
) -> list[Visit]:
    """A decided visit for each entry, in their order. `rules`: what the policy asks about these people."""
    people = list({entry.contact_id for entry in entries})
    contacts = book.contacts.get(people)
    consent = book.consent.of(people)
    events = book.events.of_contacts(people)
    effects = book.effects.at_steps([entry.id for entry in entries], {entry.step for entry in entries})
    known: Mapping[str, Mapping[str, Known]] = needs.find(journey.needs, contacts, events, now)
    asked = rules.about_messages or names(journey, "engaged", "ignored")
    messages = book.effects.messages(people) if asked else {}
    visits = []
    for entry in entries:
        facts = Facts(
            now=now,
            contact=contacts.get(entry.contact_id) or Contact(entry.contact_id),
            consent=consent.get(entry.contact_id, _NOBODY),
            events=events.get(entry.contact_id, ()),
            trigger=entry.event_id,
            known=known.get(entry.contact_id, {}),
            visit=entry.visit,
            about=journey.about,
            subject=entry.subject,
            engagement=_engagement(journey, messages, events, entry.contact_id) if asked else None,
        )
        visits.append(visit_of(journey, entry, facts, effects.get(entry.id, [])))
    return visits


def _engagement(
    journey: Journey, messages: Mapping[str, Sequence[tuple[datetime, str]]], events: Mapping[str, Sequence[Happened]], who: str
) -> Engagement:
    return engagement(journey.name, messages.get(who, ()), events.get(who, ()))
