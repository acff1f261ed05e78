"""A doubt ends as soon as the provider tells: by an event that shows our key, or when it can be asked."""

import pytest

from offswitch import days, hours
from offswitch.events import Clicked, MailBounced, MailDelivered
from offswitch.model.effect import Stage
from offswitch.model.entry import State, shown
from offswitch.model.event import Happened
from offswitch.model.receipt import Guarantee, Outcome, Receipt
from offswitch.model.verdict import Work
from offswitch.testing.fakes import Answer, FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo
from tests.act.rig import Rig


class AskedMailer(FakeMailer):
    guarantee = Guarantee.LOOK_UP
    knows: Receipt | None = None
    asked = 0

    def look_up(self, key: str) -> Receipt | None:
        self.asked += 1
        return self.knows


LOST = {"mona@example.com": [Answer(Outcome.UNKNOWN, "lost", kept=True)]}
NOT_KEPT = {"mona@example.com": [Answer(Outcome.UNKNOWN, "lost")]}


def in_doubt(rig_of: MakeRig, mailer: FakeMailer) -> Rig:
    rig = rig_of(echo, mailer=mailer)
    rig.submit("mona")
    rig.run(echo)
    assert rig.entry(echo).work is Work.UNKNOWN
    return rig


def told(rig: Rig, kind: str, message: str) -> None:
    now = rig.clock.now()
    with rig.project.ledger.write() as book:
        book.events.add(Happened("p:1", kind, now, rig.person("mona"), {"message": message, "hard": False}, "provider", now), "d")


@pytest.mark.parametrize("kind", [MailDelivered.kind, Clicked.kind, MailBounced.kind])
def test_whatever_became_of_a_message_it_was_sent(rig_of: MakeRig, kind: str) -> None:
    rig = in_doubt(rig_of, FakeMailer(LOST))
    (doubt,) = rig.effects(echo, Stage.UNKNOWN)
    told(rig, kind, shown(doubt.key))
    rig.run(echo, hours(1))
    assert (rig.sent(), rig.states(echo)) == (["mona"], ["finished"])
    assert [one.reason for one in rig.effects(echo)] == [f"provider told: {kind}"]


def test_an_event_of_another_message_tells_nothing(rig_of: MakeRig) -> None:
    rig = in_doubt(rig_of, FakeMailer(LOST))
    told(rig, MailDelivered.kind, "e1/other/1/send:other")
    rig.run(echo, hours(1))
    assert rig.entry(echo).state is State.WORKLIST


def test_a_provider_that_can_be_asked_is_asked_in_every_pass_of_a_day(rig_of: MakeRig) -> None:
    mailer = AskedMailer(LOST)
    rig = in_doubt(rig_of, mailer)
    rig.run(echo, hours(1))
    assert (mailer.asked, rig.entry(echo).state) == (1, State.WORKLIST)
    rig.run(echo, days(2))
    assert mailer.asked == 1


def test_what_it_knows_is_believed(rig_of: MakeRig) -> None:
    mailer = AskedMailer(LOST)
    rig = in_doubt(rig_of, mailer)
    mailer.knows = Receipt("", Outcome.PERFORMED)
    rig.run(echo, hours(1))
    assert (rig.sent(), rig.states(echo)) == (["mona"], ["finished"])


def test_what_the_provider_surely_does_not_have_goes_out_after_all(rig_of: MakeRig) -> None:
    mailer = AskedMailer(NOT_KEPT)
    rig = in_doubt(rig_of, mailer)
    mailer.knows = Receipt("", Outcome.RETRY, "never arrived")
    rig.run(echo, hours(1))
    assert (rig.sent(), rig.states(echo)) == (["mona"], ["finished"])
