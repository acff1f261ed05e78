"""SendGrid: who gets which letter, what is said of a call that fails, and what the doctor sees."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.email.sendgrid import Sendgrid, SendgridSettings
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.entry import shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import make_letter, make_permit
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.fakes.sendgrid import KEY, FakeSendgrid
from tests.connectors.openapi import spec_of


@contextmanager
def sendgrid_at(fake: FakeSendgrid, key: str = KEY, **settings: Any) -> Iterator[tuple[Sendgrid, ScriptedHttpServer]]:
    with ScriptedHttpServer(answer=fake.answer) as server:
        connector = Sendgrid(SendgridSettings(base_url=server.url, api_key=SecretStr(key), deadline=20, **settings))
        yield connector, server
        connector.close()


def orders_for(*letters: Letter) -> list[Order[Letter]]:
    keys = [f"e{number}\x1fconfirm\x1f1\x1fsend:confirm" for number in range(len(letters))]
    ids = [replace(letter, message_id=f"<e{number}@example.org>") for number, letter in enumerate(letters)]
    return [Order(make_permit(key, recipient=letter.to), letter) for key, letter in zip(keys, ids, strict=True)]


def letter_to(name: str, **over: str) -> Letter:
    told = {"text": f"Dear {name},\nwelcome.\n", "html": f"<p>Dear {name}</p>\n<p>Welcome.</p>\n", "subject": f"For {name}"}
    return make_letter(to=f"{name}@example.com", to_name=name, **{**told, **over})


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        fake = FakeSendgrid()
        with sendgrid_at(fake) as (connector, _):
            yield OtherSide(connector, fake.held)


def test_many_letters_go_in_one_call_and_everybody_gets_their_own() -> None:
    fake = FakeSendgrid()
    orders = orders_for(*(letter_to(name) for name in ("mona", "sara", "adam")))
    with sendgrid_at(fake) as (connector, _):
        receipts = list(connector.perform(orders))
    assert [(receipt.outcome, receipt.reference) for receipt in receipts] == [(Outcome.PERFORMED, "m1")] * 3
    assert len(fake.calls) == 1
    for order, message in zip(orders, fake.sent, strict=True):
        letter = order.payload
        assert message["content"] == {"text/plain": letter.text, "text/html": letter.html}
        assert (message["subject"], message["to"][0]["email"]) == (letter.subject, letter.to)
        assert message["headers"]["Message-ID"] == letter.message_id
        assert message["headers"]["List-Unsubscribe"] == f"<{letter.unsubscribe}>"
        assert message["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["custom_args"] == {"send_once_key": shown(order.permit.key)}


def test_every_request_fits_the_document_of_sendgrid() -> None:
    spec = spec_of("sendgrid_mail_v3.json")
    letters = [letter_to("mona"), letter_to("sara", reply_to="help@example.org"), letter_to("adam", html="", unsubscribe="")]
    with sendgrid_at(FakeSendgrid()) as (connector, server):
        assert {receipt.outcome for receipt in connector.perform(orders_for(*letters))} == {Outcome.PERFORMED}
        for asked in server.asked:
            spec.check(asked)
        broken = server.asked[0]
    with pytest.raises(AssertionError, match="from"):
        spec.check(replace(broken, body=broken.body.replace(b'"from"', b'"form"')))


def test_letters_that_differ_in_more_than_their_words_go_in_calls_of_their_own_and_keep_their_order() -> None:
    others = [letter_to("sara", sender="b@example.org"), letter_to("adam"), letter_to("noor", language="ar"), letter_to("mona")]
    orders = orders_for(letter_to("mona"), *others)
    fake = FakeSendgrid()
    with sendgrid_at(fake) as (connector, _):
        receipts = list(connector.perform(orders))
    assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
    people = [[one["to"][0]["email"] for one in call["personalizations"]] for call in fake.calls]
    assert people == [["mona@example.com", "adam@example.com"], ["sara@example.com"], ["noor@example.com"], ["mona@example.com"]]


@pytest.mark.parametrize("text", ["long " * 2_001, "a -offswitch.text.0- b"])
def test_what_does_not_fit_beside_others_goes_alone_as_it_is(text: str) -> None:
    fake = FakeSendgrid()
    orders = orders_for(letter_to("mona", text=text), letter_to("sara", text="short"))
    with sendgrid_at(fake) as (connector, _):
        assert [receipt.outcome for receipt in connector.perform(orders)] == [Outcome.PERFORMED] * 2
    assert len(fake.calls) == 2
    assert fake.sent[0]["content"]["text/plain"] == text
    assert "substitutions" not in fake.calls[0]["personalizations"][0]


def test_a_refused_address_does_not_hold_back_the_others() -> None:
    orders = orders_for(*(letter_to(name) for name in ("mona", "sara", "adam", "noor")))
    bad = replace(orders[2].payload, to="منى@example.com")
    orders[2] = Order(make_permit("bad", recipient=bad.to), bad)
    with sendgrid_at(FakeSendgrid()) as (connector, _):
        outcomes = [receipt.outcome for receipt in connector.perform(orders)]
    assert outcomes == [Outcome.PERFORMED, Outcome.PERFORMED, Outcome.REJECTED, Outcome.PERFORMED]


def test_a_refused_sender_is_nobodys_fault_among_the_recipients() -> None:
    with sendgrid_at(FakeSendgrid()) as (connector, server):
        receipts = list(connector.perform(orders_for(*(letter_to(name, sender="teäm@example.org") for name in ("mona", "sara")))))
    assert [receipt.outcome for receipt in receipts] == [Outcome.BROKEN] * 2
    assert len(server.asked) == 1


def test_a_letter_that_is_too_large_is_refused_and_the_rest_of_its_call_is_not() -> None:
    fake = FakeSendgrid()
    fake.largest = 6_000
    with sendgrid_at(fake) as (connector, _):
        receipts = list(connector.perform(orders_for(letter_to("mona", text="x" * 6_000), letter_to("sara", text="y"))))
    assert [receipt.outcome for receipt in receipts] == [Outcome.REJECTED, Outcome.PERFORMED]


def test_a_used_up_limit_holds_the_call_until_the_instant_that_sendgrid_names() -> None:
    fake = FakeSendgrid()
    fake.limit = 0
    began = datetime.now(UTC)
    with sendgrid_at(fake) as (connector, server):
        receipts = list(connector.perform(make_orders("email", 2)))
    assert [receipt.outcome for receipt in receipts] == [Outcome.RETRY] * 2
    assert all(receipt.retry_at and timedelta(0) <= receipt.retry_at - began <= timedelta(seconds=61) for receipt in receipts)
    assert len(server.asked) == 1


def test_a_used_up_plan_holds_the_letters_though_it_looks_like_a_wrong_key() -> None:
    fake = FakeSendgrid()
    fake.credits = 0
    began = datetime.now(UTC)
    with sendgrid_at(fake) as (connector, _):
        receipts = list(connector.perform(make_orders("email", 2)))
    assert [receipt.outcome for receipt in receipts] == [Outcome.RETRY] * 2
    assert all(receipt.retry_at and receipt.retry_at - began >= timedelta(minutes=59) for receipt in receipts)


def test_a_sender_that_nobody_verified_breaks_the_connector_and_not_the_people() -> None:
    fake = FakeSendgrid()
    fake.verified = {"domain_verified": False, "sender_verified": False}
    with sendgrid_at(fake) as (connector, _):
        assert {receipt.outcome for receipt in connector.perform(make_orders("email", 2))} == {Outcome.BROKEN}


def test_sendgrid_adds_nothing_to_a_letter_unless_it_is_asked_to() -> None:
    fake = FakeSendgrid()
    with sendgrid_at(fake) as (connector, _), sendgrid_at(fake, track_clicks=True, track_opens=True) as (tracking, _):
        list(connector.perform(make_orders("email", 1)))
        list(tracking.perform(make_orders("email", 1)))
    plain, tracked = ({name: each["enable"] for name, each in call["tracking_settings"].items()} for call in fake.calls)
    assert plain == dict.fromkeys(("click_tracking", "open_tracking", "subscription_tracking", "ganalytics"), False)
    assert tracked == plain | {"click_tracking": True, "open_tracking": True}


def test_the_official_library_finds_the_fake_to_be_sendgrid() -> None:
    fake = FakeSendgrid()
    official: Any = importlib.import_module("sendgrid")  # has no types of its own
    told = official.Mail("team@example.org", "mona@example.com", "Hi", plain_text_content="Hello")
    with ScriptedHttpServer(answer=fake.answer) as server:
        client = official.SendGridAPIClient(KEY, host=server.url)
        assert client.send(told).status_code == 202
        assert "mail.send" in client.client.scopes.get().to_dict["scopes"]
        told.from_email = "nobody"
        with pytest.raises(Exception, match="400") as refused:
            client.send(told)
    assert getattr(refused.value, "to_dict", {})["errors"][0]["field"] == "from"
    assert len(fake.sent) == 1


def levels(fake: FakeSendgrid, key: str = KEY) -> list[Level]:
    with sendgrid_at(fake, key) as (connector, server):
        found = list(connector.diagnose())
        assert all(asked.method == "GET" for asked in server.asked)
    assert not any(key in str(finding) for finding in found)
    return [finding.level for finding in found]


def test_the_doctor_sees_a_good_key_a_verified_sender_and_the_limit() -> None:
    assert levels(FakeSendgrid()) == [Level.FINE] * 3


def test_the_doctor_sees_a_wrong_key_a_key_that_may_not_send_and_a_sender_that_nobody_verified() -> None:
    fake = FakeSendgrid()
    assert levels(fake, "wrong") == [Level.TROUBLE]
    fake.scopes = []
    fake.verified = {"domain_verified": False, "sender_verified": True}
    assert levels(fake) == [Level.TROUBLE, Level.FINE, Level.ADVICE]
    fake.verified = {"domain_verified": False, "sender_verified": False}
    assert levels(fake)[-1] is Level.TROUBLE


def test_the_fake_refuses_what_sendgrid_refuses() -> None:
    fake = FakeSendgrid()
    bare = Asked(0, "POST", "/v3/mail/send", {}, b"{}", whole=True)
    assert b" 401 " in fake.answer(bare)
    signed = replace(bare, headers={"authorization": f"Bearer {KEY}"})
    assert b" 400 " in fake.answer(signed)
    assert b" 404 " in fake.answer(replace(signed, path="/v3/mail"))
    assert fake.sent == []
