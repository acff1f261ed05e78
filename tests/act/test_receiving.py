"""What comes in is kept, whatever clock and order the other side has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offswitch import days
from offswitch.intake.receive import Received
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import YES


def test_a_clock_that_is_ahead_does_not_outlive_a_later_opt_out(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona", at=rig.clock.now() + days(3650))
    rig.clock.advance(days(1))
    rig.submit("out", kind="contact.unsubscribed", who="mona", consent=())
    with rig.ledger.read() as book:
        assert book.consent.of([rig.person("mona")]) == {rig.person("mona"): frozenset()}


def test_the_same_submission_is_known_and_another_under_its_id_is_refused(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    assert [rig.submit("mona"), rig.submit("mona")] == [Received.NEW, Received.KNOWN]
    rig.submit_all("mona")  # the same id with another digest
    with rig.ledger.read() as book:
        assert len(list(book.events.all())) == 1


@pytest.mark.parametrize("kind", ["message.bounced", "message.complained", "contact.unsubscribed"])
def test_opt_outs_and_bounces_hold_while_everything_is_off_and_broken(rig_of: MakeRig, kind: str) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.save(rig.policy_path(tour), "switch: [")
    rig.company(switch="off")
    rig.submit("out", kind=kind, who="mona", consent=())
    person = rig.person("mona")
    with rig.ledger.read() as book:
        gone = not book.consent.of([person])[person] or book.consent.suppressed([person]).get(person) == frozenset({"email"})
    assert gone


@pytest.mark.parametrize("channel", [None, "", "Email", " E-mail ", "newsletter"])
def test_a_no_on_a_channel_that_nobody_knows_is_one_to_mail(rig_of: MakeRig, channel: str | None) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.clock.advance(timedelta(minutes=1))
    rig.submit("out", kind="contact.unsubscribed", who="mona", consent=(), channel=channel)
    person = rig.person("mona")
    with rig.ledger.read() as book:
        assert not book.consent.of([person])[person]


def test_a_soft_bounce_suppresses_nobody(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.submit("soft", kind="message.bounced", who="mona", consent=(), hard=False)
    with rig.ledger.read() as book:
        assert book.consent.suppressed([rig.person("mona")]) == {}


def test_a_later_yes_after_a_no_counts_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.clock.advance(timedelta(minutes=1))
    rig.submit("out", kind="contact.unsubscribed", who="mona", consent=())
    rig.clock.advance(timedelta(minutes=1))
    rig.submit("again", who="mona", consent=YES)
    with rig.ledger.read() as book:
        assert book.consent.of([rig.person("mona")])[rig.person("mona")] == {("marketing", "email")}
