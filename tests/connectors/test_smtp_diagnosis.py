"""What the doctor learns from a mail server."""

import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.email.smtp import Smtp, SmtpSettings
from connectors.email.smtp import diagnosis as smtp_diagnosis
from offswitch.model.finding import Finding, Level
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer

SECRET = "canary-p4ss"


def told(server: ScriptedSmtpServer, **settings: object) -> list[Finding]:
    found = list(Smtp(SmtpSettings.model_validate({"host": "127.0.0.1", "port": server.port, "timeout": 5, **settings})).diagnose())
    assert SECRET not in str(found)
    assert server.taken == []
    assert "MAIL" not in server.commands
    return found


def levels(found: list[Finding]) -> list[Level]:
    return [finding.level for finding in found]


def test_a_server_on_this_machine_is_fine() -> None:
    with ScriptedSmtpServer(extensions=("PIPELINING", "SIZE 10240000")) as server:
        found = told(server)
        assert levels(found) == [Level.FINE] * 3
        assert found[2].said == "messages of 10 MB, addresses in ASCII alone, several commands at once"


def test_a_certificate_that_ends_soon_is_told_before_it_does(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = {"tls": "starttls", "ca_file": certificate}
    with ScriptedSmtpServer(tls=tls) as server:
        assert levels(told(server, **trusted)) == [Level.FINE, Level.ADVICE, Level.FINE]
        monkeypatch.setattr(smtp_diagnosis, "SOON", 60.0)
        assert "TLSv1" in told(server, **trusted)[1].said


def test_a_line_that_anybody_can_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_diagnosis, "stays_here", lambda _: False)
    with ScriptedSmtpServer(extensions=("STARTTLS",)) as server:
        assert told(server)[1].todo == "set OFFSWITCH_SMTP_TLS=starttls"
    with ScriptedSmtpServer() as server:
        assert told(server)[1].level is Level.ADVICE


@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        (Fault(At.BANNER, end="cut"), {}),
        (None, {"user": "us", "password": SecretStr(SECRET)}),
        (None, {"tls": "starttls"}),
    ],
    ids=["cut", "no AUTH", "no STARTTLS"],
)
def test_a_server_that_lets_us_in_not_at_all_is_trouble_with_something_to_do(fault: Fault | None, settings: dict[str, object]) -> None:
    with ScriptedSmtpServer(always=fault) as server:
        [finding] = told(server, **settings)
        assert finding.level is Level.TROUBLE
        assert "OFFSWITCH_SMTP_" in finding.todo


def test_a_server_that_takes_only_short_messages_is_told() -> None:
    with ScriptedSmtpServer(extensions=("SIZE 50000", "SMTPUTF8")) as server:
        assert told(server)[2].level is Level.ADVICE
