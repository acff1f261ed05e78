"""Postmark: an answer for each letter, two streams, and asking afterwards whether a letter arrived."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.email.postmark import Postmark, PostmarkSettings
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.entry import shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import make_letter, make_permit
from offswitch.testing.fault_contract import FailingProvider
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.fakes.postmark import TOKEN, FakePostmark


@contextmanager
def postmark_at(fake: FakePostmark, token: str = TOKEN, **script: Any) -> Iterator[tuple[Postmark, ScriptedHttpServer]]:
    with ScriptedHttpServer(answer=fake.answer, **script) as server:
        connector = Postmark(PostmarkSettings(base_url=server.url, token=SecretStr(token)))
        yield connector, server
        connector.close()


def order_to(to: str, number: int = 0, **over: Any) -> Order[Letter]:
    letter = make_letter(to=to, message_id=f"<e{number}@example.org>", **over)
    return Order(make_permit(f"e{number}\x1fconfirm\x1f1\x1fsend:confirm", recipient=to), letter)


def outcomes(fake: FakePostmark, *orders: Order[Letter]) -> list[tuple[Outcome, bool]]:
    with postmark_at(fake) as (connector, _):
        return [(receipt.outcome, receipt.address_refused) for receipt in connector.perform(orders)]


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        fake = FakePostmark()
        with postmark_at(fake) as (connector, _):
            yield OtherSide(connector, fake.held)


def test_a_window_is_one_call_and_each_letter_keeps_its_message_id_and_its_key() -> None:
    fake, orders = FakePostmark(), make_orders("email", 50)
    with postmark_at(fake) as (connector, server):
        receipts = list(connector.perform(orders))
    assert len(server.asked) == 1
    assert [receipt.reference for receipt in receipts] == [one["MessageID"] for one in fake.sent]
    for order, one in zip(orders, fake.sent, strict=True):
        headers = {header["Name"]: header["Value"] for header in one["Headers"]}
        assert (headers["Message-ID"], headers["X-PM-KeepID"]) == (order.payload.message_id, "true")
        assert headers["List-Unsubscribe"] == f"<{order.payload.unsubscribe}>"
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert one["Metadata"] == {"send_once_key": shown(order.permit.key)}
        assert (one["TrackOpens"], one["TrackLinks"]) == (False, "None")  # nothing in the letter is changed


def test_more_than_five_hundred_letters_are_several_calls() -> None:
    with postmark_at(FakePostmark()) as (connector, server):
        assert {receipt.outcome for receipt in connector.perform(make_orders("email", 501))} == {Outcome.PERFORMED}
    assert [len(asked.json) for asked in server.asked] == [500, 1]


def test_marketing_goes_through_the_broadcast_stream_and_all_else_does_not() -> None:
    fake = FakePostmark()
    outcomes(fake, order_to("mona@example.com"), order_to("sara@example.com", 1, unsubscribe="", html=""))
    assert [one["MessageStream"] for one in fake.sent] == ["broadcast", "outbound"]


def test_names_with_odd_letters_arrive_whole() -> None:
    fake = FakePostmark()
    outcomes(fake, order_to("mona@example.com", to_name='منى, "M"', sender_name="Bayan (team)", subject="أهلًا\ud800", text="\ud800"))
    (sent,) = fake.sent
    assert sent["To"] == '"منى, \\"M\\"" <mona@example.com>'
    assert sent["From"] == '"Bayan (team)" <team@example.org>'
    assert sent["Subject"] == "أهلًا?"


def test_each_letter_is_answered_for_by_itself() -> None:
    fake = FakePostmark()
    fake.inactive = {("outbound", "adam@example.com"), ("broadcast", "left@example.com")}
    found = outcomes(
        fake,
        order_to("mona@example.com"),
        order_to("مها@example.com", 1),
        order_to("adam@example.com", 2, unsubscribe=""),
        order_to("left@example.com", 3),
        order_to("sara@example.com", 4, sender="team@else.example"),
    )
    assert found == [
        (Outcome.PERFORMED, False),
        (Outcome.REJECTED, True),
        (Outcome.REJECTED, True),
        (Outcome.REJECTED, False),  # who left the newsletter may still want a receipt
        (Outcome.BROKEN, False),
    ]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (100, Outcome.RETRY),
        (429, Outcome.RETRY),
        (300, Outcome.BROKEN),
        (405, Outcome.BROKEN),
        (412, Outcome.BROKEN),
        (9999, Outcome.BROKEN),
    ],
)
def test_an_error_of_a_letter_is_held_or_tried_again(code: int, outcome: Outcome) -> None:
    fake = FakePostmark()
    fake.trouble = (code, "Something about mona@example.com")
    assert outcomes(fake, order_to("mona@example.com")) == [(outcome, False)]


@pytest.mark.parametrize("told", [[], {}, [{"ErrorCode": 0}] * 3, [{}, {"ErrorCode": "0"}]])
def test_an_answer_that_does_not_speak_of_each_letter_leaves_a_doubt(told: Any) -> None:
    with postmark_at(FakePostmark(), script={0: Fault(At.BODY, reply(200, told))}) as (connector, _):
        assert {receipt.outcome for receipt in connector.perform(make_orders("email", 2))} == {Outcome.UNKNOWN}


def test_what_a_lost_answer_left_in_doubt_is_found_again_in_either_stream() -> None:
    fake, orders = FakePostmark(), [order_to("mona@example.com"), order_to("sara@example.com", 1, unsubscribe="")]
    with FailingProvider(fake, Fault(At.BODY, end="cut", kept=True), once=True) as server:
        connector = Postmark(PostmarkSettings(base_url=server.url, token=SecretStr(TOKEN)))
        assert {receipt.outcome for receipt in connector.perform(orders)} == {Outcome.UNKNOWN}
        found = [connector.look_up(order.permit.key) for order in orders]
        nothing = connector.look_up("e9\x1fconfirm\x1f1\x1fsend:confirm")
        fake.shows = False
        not_yet = connector.look_up(orders[0].permit.key)
        connector.close()
    assert [each and (each.outcome, each.reference) for each in found] == [(Outcome.PERFORMED, one["MessageID"]) for one in fake.sent]
    assert (nothing, not_yet) == (None, None)


def test_a_search_that_answers_with_somebody_elses_letter_settles_nothing() -> None:
    other = {"MessageID": "m1", "Metadata": {"send_once_key": "e9/confirm/1/send:confirm"}}
    with postmark_at(FakePostmark(), always=Fault(At.BODY, reply(200, {"Messages": [other]}))) as (connector, _):
        assert connector.look_up("e0\x1fconfirm\x1f1\x1fsend:confirm") is None


def test_a_key_that_is_too_long_for_metadata_is_still_found() -> None:
    fake = FakePostmark()
    long = [f"e0\x1f{'s' * 90}\x1f1\x1fsend:{name}" for name in "ab"]
    with postmark_at(fake) as (connector, _):
        list(connector.perform([Order(make_permit(long[0]), make_letter())]))
        assert [connector.look_up(key) is not None for key in long] == [True, False]


FINE, ADVICE, TROUBLE, UNKNOWN = Level.FINE, Level.ADVICE, Level.TROUBLE, Level.UNKNOWN


@pytest.mark.parametrize(
    ("over", "token", "levels"),
    [
        ({}, TOKEN, [FINE, FINE, FINE, UNKNOWN]),
        ({"delivery": "Sandbox"}, TOKEN, [TROUBLE, FINE, FINE, UNKNOWN]),
        ({"handling": "Postmark"}, TOKEN, [FINE, ADVICE, ADVICE, UNKNOWN]),
        ({"streams": {"outbound": "Transactional"}}, TOKEN, [FINE, FINE, TROUBLE, UNKNOWN]),
        ({"streams": {"outbound": "Transactional", "broadcast": "Transactional"}}, TOKEN, [FINE, FINE, TROUBLE, UNKNOWN]),
        ({}, "wrong", [TROUBLE]),
    ],
)
def test_the_doctor_sees_token_server_and_streams(over: dict[str, Any], token: str, levels: list[Level]) -> None:
    fake = FakePostmark()
    vars(fake).update(over)
    with postmark_at(fake, token) as (connector, _):
        found = list(connector.diagnose())
    assert [each.level for each in found] == levels
    assert all(each.todo for each in found if each.level in (TROUBLE, ADVICE))
