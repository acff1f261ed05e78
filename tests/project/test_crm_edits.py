"""What people change in the CRM, taken in: each change once, learnt by the contact, and never against something newer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.act.ports import Edit, Edits
from offswitch.events import CrmChanged
from offswitch.intake.receive import receive
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.submission import Submission
from offswitch.project.crm_edits import Taken, take_edits
from offswitch.testing.fakes import NOON

MONA = "mona@example.com"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    form(opened, NOON, name="Mona", phone="+966500000000")
    yield opened
    opened.close()


def form(ledger: Ledger, at: datetime, **contact: Any) -> None:
    with ledger.write() as book:
        receive(book, Submission(f"f{at}", "form.submitted", at, "site", MONA, contact, (), {}, "d"), at)


def edit(id_: str = "e1", at: datetime = NOON + MINUTE, /, email: str = MONA, **values: Any) -> Edit:
    return Edit(id_, email, at, values, "Mariam")


def take(ledger: Ledger, *edits: Edit, now: datetime = NOON + 9 * MINUTE) -> Taken:
    with ledger.write() as book:
        return take_edits(book, "local", Edits(edits, "1"), now)


def mona(ledger: Ledger) -> Contact:
    with ledger.read() as book:
        return book.contacts.by_address([MONA])[MONA]


def events(ledger: Ledger) -> list[Happened]:
    with ledger.read() as book:
        return [one for one in book.events.of_contacts([mona(ledger).id])[mona(ledger).id] if one.kind == CrmChanged.kind]


def test_a_change_is_an_event_once_and_the_contact_learns_it(ledger: Ledger) -> None:
    change = edit(name="منى حداد", language="ar", country="SA", zone="Asia/Riyadh", phone="1", stage="trust", tags=["vip"], tier=2)
    assert [take(ledger, change).new for _ in range(3)] == [1, 0, 0]
    (event,) = events(ledger)
    assert (event.id, event.typed(CrmChanged).values, event.typed(CrmChanged).by) == ("crm:local:e1", dict(change.values), "Mariam")
    known = mona(ledger)
    assert (known.name, known.language, known.country, known.zone, known.phone) == ("منى حداد", "ar", "SA", "Asia/Riyadh", "1")
    assert known.fields == {"tier": 2}


def test_whom_nobody_knows_becomes_no_contact_and_is_counted(ledger: Ledger) -> None:
    assert take(ledger, edit(email="nobody@example.com", name="N"), edit("e2", name="M")) == Taken(1, 1, NOON + MINUTE)
    with ledger.read() as book:
        assert list(book.contacts.by_address(["nobody@example.com", MONA])) == [MONA]


def test_what_can_not_be_used_is_left_out_and_stays_in_the_event(ledger: Ledger) -> None:
    odd: dict[str, Any] = {"language": "Arabic!", "country": "Saudi", "zone": "Mars/Base", "name": "", "phone": None, "more": [1]}
    assert take(ledger, edit(**odd), Edit("e2", MONA, NOON, {"email": "x@example.com"})).new == 2
    known = mona(ledger)
    assert (known.email, known.name, known.language, known.country, known.zone) == (MONA, "Mona", "", "", "")
    assert known.fields == {}
    assert events(ledger)[1].data["values"] == odd


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_changes_the_newer_is_learnt_in_whatever_order_they_come(ledger: Ledger, order: tuple[int, int]) -> None:
    for n in order:
        take(ledger, edit(f"e{n}", NOON + n * MINUTE, name=f"name {n}"))
    assert mona(ledger).name == "name 2"
    assert len(events(ledger)) == 2


def test_a_change_that_comes_late_does_not_undo_what_the_person_wrote_since(ledger: Ledger) -> None:
    form(ledger, NOON + 5 * MINUTE, name="Mona Haddad")
    take(ledger, edit("e1", NOON + MINUTE, name="M.", country="SA"))
    assert (mona(ledger).name, mona(ledger).country) == ("Mona Haddad", "SA")


@pytest.mark.parametrize("kind", ["shipment.updated", "ticket.solved", "message.delivered"])
def test_what_others_do_for_a_person_meanwhile_outdoes_no_change(ledger: Ledger, kind: str) -> None:
    with ledger.write() as book:
        receive(book, Submission("s1", kind, NOON + 5 * MINUTE, "site", MONA, {}, (), {}, "d"), NOON + 5 * MINUTE)
    take(ledger, edit("e1", NOON + MINUTE, phone="+966511111111"))
    assert mona(ledger).phone == "+966511111111"


def test_a_clock_that_is_ahead_outlives_nothing(ledger: Ledger) -> None:
    take(ledger, edit("e1", NOON + timedelta(days=9), name="ahead"), now=NOON + MINUTE)
    take(ledger, edit("e2", NOON + 2 * MINUTE, name="later"), now=NOON + 2 * MINUTE)
    assert mona(ledger).name == "later"


def test_a_whole_record_teaches_only_what_changed_since_it_was_told_the_last_time(ledger: Ledger) -> None:
    form(ledger, NOON + MINUTE, city="Doha")
    take(ledger, replace(edit("w1", NOON + 2 * MINUTE, city="Riyadh", phone="+966511111111", tier="2"), whole=True))
    assert (mona(ledger).get("city"), mona(ledger).phone, mona(ledger).get("tier")) == ("Doha", "+966500000000", "2")
    take(ledger, replace(edit("w2", NOON + 3 * MINUTE, city="Riyadh", phone="+966522222222", tier="2"), whole=True))
    assert (mona(ledger).get("city"), mona(ledger).phone) == ("Doha", "+966522222222")
