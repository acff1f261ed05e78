"""Whom a flow is for, told once for everybody who would enter it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from offswitch.act.desk import Desk
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.model.contact import Contact
from offswitch.policy.conditions import Holds
from offswitch.policy.facts import Person


def fitting(desk: Desk, book: Book, standing: Standing, people: Collection[str]) -> Mapping[str, Holds]:
    """By contact id, for those who are asked about; nothing where the policy names no audience."""
    if standing.policy is None or standing.policy.facts.audience is None or not people:
        return {}
    rules, now = standing.policy.facts, desk.clock.now()
    contacts, events = book.contacts.get(people), book.events.of_contacts(people)
    known = desk.needs.find(desk.journey.needs, contacts, events, now)
    return {
        person: rules.fits(Person(contacts.get(person) or Contact(person), now, events.get(person, ()), known.get(person, {})))
        for person in people
    }
