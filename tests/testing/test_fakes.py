"""The fakes keep the same promises as the real connectors, and their scripts say what happens."""

from datetime import timedelta

import pytest

from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import CrmContract, MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import NOON, Answer, ClosedGuard, FakeCrm, FakeMailer, FrozenClock


class TestFakeMailer(MailerContract):
    @pytest.fixture
    def other_side(self) -> OtherSide:
        mailer = FakeMailer()
        return OtherSide(mailer, lambda: [letter.message_id for _, letter in mailer.journal])


class TestFakeCrm(CrmContract):
    @pytest.fixture
    def other_side(self) -> OtherSide:
        crm = FakeCrm()
        return OtherSide(crm, lambda: list(crm.notes))


def test_scripted_answers_are_used_up_one_by_one() -> None:
    mailer = FakeMailer({"person0@example.com": [Outcome.RETRY, Answer(Outcome.UNKNOWN, kept=True)]})
    outcomes = [receipt.outcome for _ in range(3) for receipt in mailer.perform(make_orders("email", 1))]
    assert outcomes == [Outcome.RETRY, Outcome.UNKNOWN, Outcome.PERFORMED]
    assert len(mailer.journal) == 2


def test_a_guard_can_close_while_it_is_looked_at() -> None:
    outcomes = [receipt.outcome for receipt in FakeMailer().perform(make_orders("email", 4, guard=ClosedGuard(after=2)))]
    assert outcomes == [Outcome.PERFORMED] * 2 + [Outcome.LAPSED] * 2


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock()
    assert clock.now() == clock.now() == NOON
    assert clock.advance(timedelta(hours=2)) == clock.now() == NOON + timedelta(hours=2)
