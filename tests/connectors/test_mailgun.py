"""Mailgun: our own messages arrive as they are, doubts are looked up, and what the doctor sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.email.mailgun import Mailgun, MailgunSettings
from offswitch.act.ports import Order
from offswitch.messages.compose import message_id
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes
from offswitch.model.entry import shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import make_letter, make_permit
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.fakes.mailgun import DOMAIN, KEY, FakeMailgun, form
from tests.connectors.openapi import spec_of

SENT = "e0\x1fconfirm\x1f1\x1fsend:confirm"


@contextmanager
def mailgun_at(
    fake: FakeMailgun, script: dict[int, Fault] | None = None, key: str = KEY, **settings: Any
) -> Iterator[tuple[Mailgun, ScriptedHttpServer]]:
    with ScriptedHttpServer(script, answer=fake.answer) as server:
        told: dict[str, Any] = {"base_url": server.url, "api_key": SecretStr(key), "domain": DOMAIN, "sender_domain": "example.org"}
        connector = Mailgun(MailgunSettings(**{"deadline": 20, **told, **settings}))
        yield connector, server
        connector.close()


def order_for(letter: Letter, key: str = SENT) -> Order[Letter]:
    named = replace(letter, message_id=message_id(key, "example.org"))
    return Order(make_permit(key, recipient=letter.to), named)


def saying(status: int, body: dict[str, Any]) -> FakeMailgun:
    """A Mailgun that always says the same."""
    fake = FakeMailgun()
    setattr(fake, "answer", lambda _: reply(status, body))  # noqa: B010 - mypy lets nobody assign a method
    return fake


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        fake = FakeMailgun()
        with mailgun_at(fake) as (connector, _):
            yield OtherSide(connector, fake.held)


def test_the_message_is_ours_byte_for_byte_with_the_key_beside_it() -> None:
    order = order_for(make_letter(subject="مرحبا", text="a\n.b\n--c\nمنى\n"))
    with mailgun_at(FakeMailgun()) as (connector, server):
        [receipt] = connector.perform([order])
        told = form(server.taken[0])
    assert (receipt.outcome, receipt.reference) == (Outcome.PERFORMED, order.payload.message_id)
    message = told.pop("message").encode("latin-1").split(b"\r\n")
    ours = to_bytes(order.payload, date=datetime.now(UTC)).split(b"\r\n")
    assert [line for line in message if not line.startswith(b"Date")] == [line for line in ours if not line.startswith(b"Date")]
    assert told == {"to": "mona@example.com", "v:send-once-key": shown(SENT), "o:tag": "send:confirm", "o:tracking": "no"}


def test_every_request_fits_the_document_of_mailgun() -> None:
    paths = "/v3/{domain_name}/messages.mime", "/v3/{domain_name}/events", "/v4/domains/{name}"
    spec = spec_of("mailgun.yaml", *paths, "/v3/domains/{name}/sending_queues", "/v3/domains/{name}/tracking")
    with mailgun_at(FakeMailgun()) as (connector, server):
        assert [receipt.outcome for receipt in connector.perform(make_orders("email", 1))] == [Outcome.PERFORMED]
        connector.look_up(SENT)
        assert list(connector.diagnose())
        for asked in server.asked:
            spec.check(asked)
        broken = server.asked[0]
    with pytest.raises(AssertionError, match="message"):
        spec.check(replace(broken, body=broken.body.replace(b'name="message"', b'name="massage"')))


def test_a_letter_in_doubt_is_found_in_the_log_and_one_that_is_not_there_stays_in_doubt() -> None:
    fake = FakeMailgun()
    lost = Fault(At.BODY, end="cut", kept=True)
    with mailgun_at(fake, {0: lost}) as (connector, server):
        assert [receipt.outcome for receipt in connector.perform([order_for(make_letter())])] == [Outcome.UNKNOWN]
        assert connector.look_up(SENT) is None
        fake.answer(server.taken[0])
        fake.logged = False
        assert connector.look_up(SENT) is None
        fake.logged = True
        found = connector.look_up(SENT)
        assert found is not None
        assert (found.key, found.outcome) == (SENT, Outcome.PERFORMED)


def test_a_log_that_says_rejected_ends_the_doubt_the_other_way() -> None:
    ours = {"event": "rejected", "message": {"headers": {"message-id": message_id(SENT, "example.org").strip("<>")}}}
    with mailgun_at(saying(200, {"items": [ours]})) as (connector, _):
        found = connector.look_up(SENT)
        assert found is not None
        assert found.outcome is Outcome.REJECTED


@pytest.mark.parametrize(("limits", "seconds"), [({"limit": 0}, 120), ({"hourly": 0}, 3600)])
def test_a_limit_that_mailgun_tells_in_words_is_kept_and_nobody_asks_meanwhile(limits: dict[str, int], seconds: int) -> None:
    fake = FakeMailgun()
    vars(fake).update(limits)
    began = datetime.now(UTC)
    with mailgun_at(fake) as (connector, server):
        receipts = list(connector.perform(make_orders("email", 8)))
    assert {receipt.outcome for receipt in receipts} == {Outcome.RETRY}
    assert all(receipt.retry_at and receipt.retry_at - began >= timedelta(seconds=seconds - 1) for receipt in receipts)
    assert len(server.asked) == 1


def test_a_bad_address_is_its_owners_and_a_bad_message_everybodys() -> None:
    with mailgun_at(FakeMailgun()) as (connector, _):
        [receipt] = connector.perform([order_for(make_letter(to="منى@example.com"))])
        assert receipt.outcome is Outcome.REJECTED
    with mailgun_at(saying(400, {"message": "from parameter is missing"})) as (connector, _):
        [receipt] = connector.perform([order_for(make_letter())])
        assert receipt.outcome is Outcome.BROKEN


def test_an_answer_without_the_messages_name_is_a_doubt() -> None:
    with mailgun_at(saying(200, {})) as (connector, _):
        assert [receipt.outcome for receipt in connector.perform(make_orders("email", 1))] == [Outcome.UNKNOWN]


def test_a_log_that_answers_with_somebody_elses_message_settles_nothing() -> None:
    other = {"event": "delivered", "message": {"headers": {"message-id": "other@example.org"}}}
    with mailgun_at(saying(200, {"items": [other, {"event": "rejected"}]})) as (connector, _):
        assert connector.look_up(SENT) is None


def test_several_calls_are_under_way_at_once_and_receipts_stand_in_order() -> None:
    fake = FakeMailgun()
    orders = make_orders("email", 30)
    with mailgun_at(fake, connections=5) as (connector, server):
        receipts = list(connector.perform(orders))
        assert 1 < server.connections <= 5
    assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
    assert len(fake.sent) == 30


def levels(fake: FakeMailgun, key: str = KEY) -> list[Level]:
    with mailgun_at(fake, key=key) as (connector, _):
        found = list(connector.diagnose())
    assert not any(key in str(finding) for finding in found)
    return [finding.level for finding in found]


def test_the_doctor_sees_a_domain_in_order_and_what_is_wrong_with_one() -> None:
    fake = FakeMailgun()
    assert levels(fake) == [Level.FINE] * 2
    assert levels(fake, "wrong") == [Level.TROUBLE]
    fake.records[0]["valid"] = "unknown"
    fake.domain["state"] = "unverified"
    fake.full = fake.unsubscribe = True
    assert levels(fake) == [Level.TROUBLE, Level.TROUBLE, Level.TROUBLE, Level.ADVICE]
    fake.domain["is_disabled"] = True
    assert levels(fake)[0] is Level.TROUBLE
