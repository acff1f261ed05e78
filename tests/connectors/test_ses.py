"""Amazon SES: our own MIME, several letters at a time, errors by their names; AWS's own library judges both sides."""

import logging
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import botocore.session
import pytest

from connectors.email.ses import Ses, SesSettings, connect
from offswitch.act.ports import Order
from offswitch.errors import ConfigError
from offswitch.messages.letter import Letter
from offswitch.model.entry import shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import ClosedGuard, make_letter, make_permit
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.fakes.ses import ACCESS, REGION, SECRET, SESSION, FakeSes


@contextmanager
def ses_at(fake: FakeSes, **over: str) -> Iterator[tuple[Ses, ScriptedHttpServer]]:
    with ScriptedHttpServer(answer=fake.answer) as server:
        told = {name.removeprefix("OFFSWITCH_SES_").lower(): value for name, value in fake.environment(server.url).items()}
        connector = Ses(SesSettings.model_validate(told | over))
        yield connector, server
        connector.close()


def order_to(to: str, **over: Any) -> Order[Letter]:
    return Order(make_permit(recipient=to), make_letter(to=to, **over))


def only(fake: FakeSes, order: Order[Letter]) -> Any:
    with ses_at(fake) as (connector, _):
        (receipt,) = connector.perform([order])
    return receipt


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        fake = FakeSes()
        with ses_at(fake) as (connector, _):
            yield OtherSide(connector, fake.held)


def test_each_letter_is_our_own_message_with_the_key_as_a_tag() -> None:
    fake, orders = FakeSes(), make_orders("email", 50)
    with ses_at(fake) as (connector, server):
        receipts = list(connector.perform(orders))
    sent = {one["id"]: one for one in fake.sent}
    assert len(server.asked) == 50
    for order, receipt in zip(orders, receipts, strict=True):
        one = sent[receipt.reference]
        assert one["to"] == order.payload.to == one["message"]["To"].addresses[0].addr_spec
        assert unquote(one["tags"]["send_once_key"][0].replace("_", "%")) == shown(order.permit.key)
        assert one["message"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert one["message"]["Message-ID"] == order.payload.message_id


def test_several_letters_are_on_their_way_at_once_and_receipts_come_in_order() -> None:
    fake, orders, under_way, most = FakeSes(), make_orders("email", 9), set[int](), [0]

    def slow(asked: Asked) -> bytes:
        under_way.add(id(asked))
        most.append(len(under_way))
        time.sleep(0.02 * (1 + asked.body[-20] % 3))
        under_way.discard(id(asked))
        return fake.answer(asked)

    with ScriptedHttpServer(answer=slow) as server, ses_at(fake, base_url=server.url, connections="4") as (connector, _):
        receipts = list(connector.perform(orders))
    assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
    assert {receipt.outcome for receipt in receipts} == {Outcome.PERFORMED}
    assert 1 < max(most) <= 4


def test_a_stop_while_letters_are_on_their_way_holds_the_rest_back() -> None:
    guard = ClosedGuard(after=9)  # three looks a letter
    with ses_at(FakeSes(), connections="1") as (connector, server):
        outcomes = [receipt.outcome for receipt in connector.perform(make_orders("email", 6, guard=guard))]
    assert outcomes[-1] is Outcome.LAPSED
    assert outcomes.count(Outcome.PERFORMED) == len(server.asked) < 6


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[Any, FakeSes, list[Asked]]]:
    """AWS's own client, led to the stand-in."""
    fake = FakeSes()
    with ScriptedHttpServer(answer=fake.answer) as server:
        session = botocore.session.get_session()
        keys = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET, "aws_session_token": SESSION}
        client = session.create_client("sesv2", region_name=REGION, endpoint_url=server.url, **keys)
        yield client, fake, server.asked
        client.close()


def test_aws_own_client_would_send_the_same_and_takes_the_answers(aws: tuple[Any, FakeSes, list[Asked]]) -> None:
    client, fake, asked = aws
    with ses_at(FakeSes()) as (connector, server):
        list(connector.perform(make_orders("email", 1)))
        list(connector.diagnose())
    told = server.asked[0].json
    answer = client.send_email(**told | {"Content": {"Raw": {"Data": b64decode(told["Content"]["Raw"]["Data"])}}})
    assert answer["MessageId"] == fake.sent[-1]["id"]
    assert client.get_account()["SendQuota"]["MaxSendRate"] == 1000
    assert client.list_email_identities(PageSize=100)["EmailIdentities"][0]["VerificationStatus"] == "SUCCESS"
    assert client.get_configuration_set(ConfigurationSetName="bayan")["SendingOptions"] == {"SendingEnabled": True}
    assert essence(asked) == essence(server.asked)


def essence(asked: list[Asked]) -> list[Any]:
    return [(one.method, one.path, one.json if one.body else None) for one in asked]


def test_a_wrong_secret_is_refused_by_the_judge() -> None:
    with ses_at(FakeSes(), secret_key="other") as (connector, _):
        (receipt,) = connector.perform(make_orders("email", 1))
    assert receipt.outcome is Outcome.BROKEN
    assert "SignatureDoesNotMatch" in receipt.reason


@pytest.mark.parametrize(
    ("error", "message", "outcome"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", Outcome.RETRY),
        ("MessageRejected", "Email address is not verified: mona@example.com", Outcome.BROKEN),
        ("MailFromDomainNotVerifiedException", "", Outcome.BROKEN),
        ("AccountSuspendedException", "", Outcome.BROKEN),
        ("SendingPausedException", "", Outcome.BROKEN),
        ("NotFoundException", "Configuration set <bayan> does not exist.", Outcome.BROKEN),
        ("BadRequestException", "1 validation error detected", Outcome.BROKEN),
        ("BadRequestException", "Domain contains dot-dot", Outcome.REJECTED),
    ],
)
def test_the_name_of_an_error_says_whose_fault_it_is(error: str, message: str, outcome: Outcome) -> None:
    fake = FakeSes()
    fake.trouble = (error, message)
    receipt = only(fake, order_to("mona@example.com"))
    assert receipt.outcome is outcome
    assert receipt.address_refused is (outcome is Outcome.REJECTED)
    assert "mona" not in receipt.reason


@pytest.mark.parametrize("error", ["LimitExceededException", "TooManyRequestsException"])
def test_a_used_up_daily_quota_holds_for_an_hour(error: str) -> None:
    fake = FakeSes()
    fake.trouble = (error, "Daily message quota exceeded.")
    receipt = only(fake, order_to("mona@example.com"))
    assert receipt.outcome is Outcome.RETRY
    assert receipt.retry_at > datetime.now(UTC) + timedelta(minutes=59)


def test_an_address_that_needs_smtputf8_is_refused_before_anything_is_sent() -> None:
    fake = FakeSes()
    with ses_at(fake) as (connector, server):
        assert [receipt.outcome for receipt in connector.perform([order_to("مها@example.com")])] == [Outcome.REJECTED]
        assert server.asked == []
        assert [receipt.outcome for receipt in connector.perform([order_to("mona@مثال.example")])] == [Outcome.PERFORMED]
    assert [one["to"] for one in fake.sent] == ["mona@xn--mgbh0fb.example"]


def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        only(FakeSes(), order_to("mona@example.com"))
    assert [word for word in (ACCESS, SECRET, SESSION, "mona") if word in caplog.text] == []


def test_the_region_makes_the_address_and_botocore_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY", "SECRET_KEY"):
        monkeypatch.setenv(f"OFFSWITCH_SES_{name}", "x")
    monkeypatch.setenv("OFFSWITCH_SES_REGION", "me-south-1")
    assert SesSettings().base_url == "https://email.me-south-1.amazonaws.com"
    connect().close()
    monkeypatch.setitem(sys.modules, "botocore.auth", None)
    with pytest.raises(ConfigError, match=r"offswitch\[ses\]"):
        connect()


FINE, ADVICE, TROUBLE, UNKNOWN = Level.FINE, Level.ADVICE, Level.TROUBLE, Level.UNKNOWN
NEARLY = {"SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": 199.0}}


@pytest.mark.parametrize(
    ("account", "domains", "over", "levels"),
    [
        ({}, "SUCCESS", {}, [FINE, FINE, FINE, FINE, FINE]),
        ({"ProductionAccessEnabled": False}, "SUCCESS", {}, [TROUBLE, FINE, FINE, FINE, FINE]),
        ({"SendingEnabled": False}, "PENDING", {}, [TROUBLE, FINE, FINE, TROUBLE, FINE]),
        ({"EnforcementStatus": "PROBATION"} | NEARLY, "SUCCESS", {}, [ADVICE, ADVICE, ADVICE, FINE, FINE]),
        ({}, "SUCCESS", {"configuration_set": "other"}, [FINE, FINE, FINE, FINE, TROUBLE]),
        ({}, "SUCCESS", {"configuration_set": ""}, [FINE, FINE, FINE, FINE, ADVICE]),
        ({}, "SUCCESS", {"access_key": "other"}, [TROUBLE]),
    ],
)
def test_the_doctor_sees_sandbox_quota_rate_and_domain(
    account: dict[str, Any], domains: str, over: dict[str, str], levels: list[Level]
) -> None:
    fake = FakeSes()
    fake.account |= account
    fake.domains = {"example.org": domains}
    with ses_at(fake, **over) as (connector, _):
        found = list(connector.diagnose())
    assert [each.level for each in found] == levels
    assert all(each.todo for each in found if each.level in (TROUBLE, ADVICE))
