"""Whatever its provider's document says may be answered, a connector understands it, and says nothing that isn't certain."""

from collections.abc import Callable
from pathlib import Path

import pytest

from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import make_orders
from offswitch.testing.fault_contract import StandIn, connected_to
from offswitch.testing.http_server import Asked, ScriptedHttpServer, reply
from tests.connectors.fakes.mailgun import FakeMailgun
from tests.connectors.fakes.resend import FakeResend
from tests.connectors.fakes.sendgrid import FakeSendgrid
from tests.connectors.openapi_answers import answers_of

NOT_DONE = {Outcome.RETRY, Outcome.REJECTED, Outcome.BROKEN}
SENDS = {
    FakeResend: ("resend.json", "post", "/emails/batch"),
    FakeSendgrid: ("sendgrid_mail_v3.json", "post", "/v3/mail/send"),
    FakeMailgun: ("mailgun.yaml", "post", "/v3/{domain_name}/messages.mime"),
}


def always(told: bytes) -> Callable[[Asked], bytes]:
    return lambda _: told


@pytest.mark.parametrize("make", SENDS)
def test_every_documented_answer_is_understood(make: type[StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = list(answers_of(*SENDS[make]))
    assert answers
    for status, body in answers:
        with (
            ScriptedHttpServer(answer=always(reply(status, body))) as server,
            connected_to(make(), server.url, tmp_path, monkeypatch) as connector,
        ):
            (receipt,) = connector.perform(make_orders("email", 1))
        expected = {Outcome.PERFORMED} if status < 300 else NOT_DONE if status < 500 else {Outcome.UNKNOWN}
        assert receipt.outcome in expected, (status, receipt.reason)
