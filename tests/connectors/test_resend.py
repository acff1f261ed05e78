"""Resend: many letters a call, one key a call, and what its errors mean; Resend's own library judges the stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import resend as official
from pydantic import SecretStr

from connectors.email.resend import SERVICE, Resend, ResendSettings
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.entry import shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import make_letter, make_permit
from offswitch.testing.fault_contract import FailingProvider
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.fakes.resend import KEY, FakeResend
from tests.connectors.openapi import spec_of


@pytest.fixture(autouse=True)
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.email.resend.SERVICE", replace(SERVICE, calls=1000))


@contextmanager
def resend_at(fake: FakeResend, key: str = KEY, **script: Any) -> Iterator[tuple[Resend, ScriptedHttpServer]]:
    with ScriptedHttpServer(answer=fake.answer, **script) as server:
        connector = Resend(ResendSettings(base_url=server.url, api_key=SecretStr(key), deadline=20, read_timeout=2))
        yield connector, server
        connector.close()


def sent_by(connector: Resend, *orders: Order[Letter]) -> list[Receipt]:
    return list(connector.perform(orders))


def order_to(to: str, number: int = 0, **over: Any) -> Order[Letter]:
    letter = make_letter(to=to, message_id=f"<e{number}@example.org>", **over)
    return Order(make_permit(f"e{number}\x1fconfirm\x1f1\x1fsend:confirm", recipient=to), letter)


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        fake = FakeResend()
        with resend_at(fake) as (connector, _):
            yield OtherSide(connector, fake.held)


def test_a_window_is_one_call_and_each_letter_shows_its_key() -> None:
    fake, orders = FakeResend(), make_orders("email", 50)
    with resend_at(fake) as (connector, server):
        receipts = sent_by(connector, *orders)
    assert len(server.asked) == 1
    assert [receipt.reference for receipt in receipts] == [one["id"] for one in fake.sent]
    for order, one in zip(orders, fake.sent, strict=True):
        (tag,) = one["tags"]
        assert unquote(tag["value"].replace("_", "%")) == shown(order.permit.key)
        assert one["headers"]["Message-ID"] == order.payload.message_id
        assert one["headers"]["List-Unsubscribe"] == f"<{order.payload.unsubscribe}>"
        assert one["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_more_than_a_hundred_letters_are_several_calls() -> None:
    fake = FakeResend()
    with resend_at(fake) as (connector, server):
        assert {receipt.outcome for receipt in sent_by(connector, *make_orders("email", 101))} == {Outcome.PERFORMED}
    assert [len(asked.json) for asked in server.asked] == [100, 1]


def test_every_request_fits_the_document_of_resend() -> None:
    spec = spec_of("resend.json", "/emails/batch", "/domains")
    with resend_at(FakeResend()) as (connector, server):
        sent_by(
            connector, order_to("mona@example.com", reply_to="help@example.org"), order_to("sara@example.com", 1, html="", unsubscribe="")
        )
        sent_by(connector, order_to("adam@example.com", 2))
        list(connector.diagnose())
    for asked in server.asked:
        spec.check(asked)
    with pytest.raises(AssertionError, match="Idempotency-Key"):
        spec.check(replace(server.asked[0], headers={**server.asked[0].headers, "idempotency-key": "k" * 257}))


@pytest.mark.usefixtures("at_once")
def test_a_lost_answer_is_asked_for_again_and_nothing_goes_out_twice() -> None:
    fake = FakeResend()
    with FailingProvider(fake, Fault(At.BODY, end="cut", kept=True), once=True) as server:
        connector = Resend(ResendSettings(base_url=server.url, api_key=SecretStr(KEY)))
        receipts = sent_by(connector, *make_orders("email", 2))
        connector.close()
    assert {receipt.outcome for receipt in receipts} == {Outcome.PERFORMED}
    assert [asked.headers["idempotency-key"] for asked in server.written] == [server.written[0].headers["idempotency-key"]] * 2
    assert len(fake.sent) == 2


def test_the_same_letters_in_another_order_are_the_same_call_and_one_alone_has_its_own_key() -> None:
    first, second = make_orders("email", 2)
    with resend_at(FakeResend()) as (connector, server):
        sent_by(connector, first, second)
        sent_by(connector, second, first)
        sent_by(connector, first)
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert keys[0] == keys[1] != keys[2]
    assert unquote(keys[2].replace("_", "%")) == shown(first.permit.key)


def test_a_letter_that_reads_otherwise_under_the_same_key_is_a_doubt_and_is_not_sent() -> None:
    fake = FakeResend()
    with resend_at(fake) as (connector, _):
        sent_by(connector, order_to("mona@example.com"))
        (receipt,) = sent_by(connector, order_to("mona@example.com", subject="Other words"))
    assert receipt.outcome is Outcome.UNKNOWN
    assert len(fake.sent) == 1


def test_after_a_day_resend_has_forgotten_the_key() -> None:
    fake = FakeResend()
    with resend_at(fake) as (connector, _):
        for hours in (0, 23, 1):
            fake.now += timedelta(hours=hours)
            sent_by(connector, order_to("mona@example.com"))
    assert len(fake.sent) == 2


def test_a_bad_address_is_refused_and_keeps_nobody_else_back() -> None:
    fake = FakeResend()
    people = ["mona@example.com", "مها@example.com", "sara@example.com"]
    with resend_at(fake) as (connector, server):
        receipts = sent_by(connector, *(order_to(who, number) for number, who in enumerate(people)))
    assert [receipt.outcome for receipt in receipts] == [Outcome.PERFORMED, Outcome.REJECTED, Outcome.PERFORMED]
    assert [receipt.address_refused for receipt in receipts] == [False, True, False]
    assert receipts[2].reference == fake.sent[1]["id"]
    assert len(server.asked) == 1


def test_a_sender_that_resend_does_not_know_is_a_fault_of_the_system() -> None:
    fake = FakeResend()
    fake.domains = {"example.org": "pending"}
    with resend_at(fake) as (connector, _):
        assert {receipt.outcome for receipt in sent_by(connector, *make_orders("email", 2))} == {Outcome.BROKEN}
        bad = order_to("mona@example.com", sender="اسم@example.org")
        assert [receipt.outcome for receipt in sent_by(connector, bad)] == [Outcome.BROKEN]


@pytest.mark.usefixtures("at_once")
def test_a_used_up_quota_holds_for_hours() -> None:
    fake = FakeResend()
    fake.trouble = (429, "daily_quota_exceeded")
    with resend_at(fake) as (connector, _):
        (receipt,) = sent_by(connector, *make_orders("email", 1))
    assert receipt.outcome is Outcome.RETRY
    assert receipt.retry_at is not None
    assert receipt.retry_at > datetime.now(UTC) + timedelta(hours=3, minutes=59)
    assert "limit" in receipt.reason


@pytest.mark.parametrize(
    "told",
    [
        {"data": [{"id": "1"}]},
        {"data": [{"id": "1"}], "errors": [{"index": 7, "message": "Invalid `to` field."}]},
        {"data": "yes"},
        ["1", "2"],
        {"data": [{"id": None}, {}]},
    ],
)
def test_an_answer_that_does_not_speak_of_each_letter_leaves_a_doubt(told: Any) -> None:
    with resend_at(FakeResend(), script={0: Fault(At.BODY, reply(200, told))}) as (connector, _):
        assert {receipt.outcome for receipt in sent_by(connector, *make_orders("email", 2))} == {Outcome.UNKNOWN}


@pytest.mark.parametrize(
    ("domains", "may_read", "key", "levels"),
    [
        ({"example.org": "verified"}, True, KEY, [Level.FINE, Level.FINE, Level.FINE]),
        ({"example.org": "verified", "b.example": "pending"}, True, KEY, [Level.FINE, Level.ADVICE, Level.FINE]),
        ({"example.org": "pending"}, True, KEY, [Level.FINE, Level.TROUBLE, Level.FINE]),
        ({}, False, KEY, [Level.FINE]),
        ({}, True, "re_wrong", [Level.TROUBLE]),
    ],
)
def test_the_doctor_sees_key_domains_and_limit(domains: dict[str, str], may_read: bool, key: str, levels: list[Level]) -> None:
    fake = FakeResend()
    fake.domains, fake.may_read = domains, may_read
    with resend_at(fake, key) as (connector, _):
        found = list(connector.diagnose())
    assert [each.level for each in found] == levels
    assert all(each.todo for each in found if each.level in (Level.TROUBLE, Level.ADVICE))


def test_the_doctor_sees_tracking_that_changes_letters() -> None:
    fake = FakeResend()
    fake.tracking = True
    with resend_at(fake) as (connector, _):
        assert [each.level for each in connector.diagnose()] == [Level.FINE, Level.ADVICE, Level.FINE]


def test_the_library_of_resend_takes_the_answers_and_its_keys_work_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeResend()
    letter: Any = {"from": "Bayan <team@example.org>", "to": ["mona@example.com"], "subject": "Hi", "text": "Hello"}
    with ScriptedHttpServer(answer=fake.answer) as server:
        monkeypatch.setattr(official, "api_url", server.url)
        monkeypatch.setattr(official, "api_key", KEY)
        once = [official.Emails.send(letter, {"idempotency_key": "welcome/1"})["id"] for _ in range(2)]
        bad: Any = letter | {"to": ["nobody"]}
        batch = official.Batch.send([letter, bad], {"idempotency_key": "b/1", "batch_validation": "permissive"})
        assert [each["index"] for each in batch["errors"]] == [1]
        assert official.Domains.list()["data"][0]["status"] == "verified"
        with pytest.raises(official.exceptions.ResendError):
            official.Emails.send(bad, {"idempotency_key": "welcome/1"})
    assert once[0] == once[1]
    assert len(fake.sent) == 2
