"""TLS, authentication, and secrets that stay secret."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.email.smtp import Smtp, SmtpSettings, connect
from offswitch.errors import ConfigError
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.connector_contract import make_orders
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer

SECRET = "s3cret-canary"


@contextmanager
def smtp_to(server: ScriptedSmtpServer, **settings: Any) -> Iterator[Smtp]:
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=2, data_timeout=2, **settings))
    yield smtp
    smtp.close()


def send(server: ScriptedSmtpServer, count: int = 1, **settings: Any) -> list[Receipt]:
    with smtp_to(server, **settings) as smtp:
        return list(smtp.perform(make_orders("email", count)))


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_letters_go_over_an_encrypted_line(way: str, tls: ssl.SSLContext, certificate: Path) -> None:
    with ScriptedSmtpServer(tls=tls, implicit=way == "tls", users={"mailer": SECRET}) as server:
        receipts = send(server, 3, tls=way, ca_file=certificate, user="mailer", password=SECRET)
        assert [receipt.outcome for receipt in receipts] == [Outcome.PERFORMED] * 3
        assert (len(server.taken), server.connections) == (3, 1)


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password_and_no_letter(way: str, tls: ssl.SSLContext) -> None:
    with ScriptedSmtpServer(tls=tls, implicit=way == "tls", users={"mailer": SECRET}) as server:
        [receipt] = send(server, tls=way, user="mailer", password=SECRET)
        assert (receipt.outcome, receipt.reason) == (Outcome.RETRY, "the server's certificate is not trusted; nothing was sent")
        assert (server.taken, "AUTH" in server.commands) == ([], False)


def test_a_server_without_starttls_gets_nothing_in_the_clear() -> None:
    with ScriptedSmtpServer() as server:
        [receipt] = send(server, tls="starttls")
        assert receipt.outcome is Outcome.BROKEN
        assert "MAIL" not in server.commands


@pytest.mark.parametrize("end", ["cut", "reset"])
@pytest.mark.parametrize(("at", "outcome"), [(At.MAIL, Outcome.RETRY), (At.MID_BODY, Outcome.UNKNOWN), (At.DOT, Outcome.UNKNOWN)])
def test_cuts_mean_the_same_on_an_encrypted_line(at: At, outcome: Outcome, end: str, tls: ssl.SSLContext, certificate: Path) -> None:
    with ScriptedSmtpServer({0: Fault(at, end=end)}, tls=tls) as server:
        assert send(server, tls="starttls", ca_file=certificate)[0].outcome is outcome


def test_a_wrong_password_is_broken_for_the_whole_call_and_tried_on_one_connection() -> None:
    with ScriptedSmtpServer(users={"mailer": "another"}) as server:
        receipts = send(server, 3, user="mailer", password=SECRET)
        assert {receipt.outcome for receipt in receipts} == {Outcome.BROKEN}
        assert "OFFSWITCH_SMTP_USER" in receipts[0].reason
        assert server.connections == 1


@pytest.mark.parametrize("fault", [Fault(At.AUTH, "454 4.7.0 later"), Fault(At.AUTH, end="cut"), Fault(At.AUTH, "what?")])
def test_trouble_while_authenticating_is_tried_again_later(fault: Fault) -> None:
    with ScriptedSmtpServer({0: fault}, users={"mailer": SECRET}) as server:
        [receipt] = send(server, user="mailer", password=SECRET)
        assert receipt.outcome is Outcome.RETRY
        assert SECRET not in receipt.reason
        assert "MAIL" not in server.commands


def test_a_server_that_demands_a_password_from_nobody_is_broken() -> None:
    with ScriptedSmtpServer(users={"mailer": SECRET}) as server:
        assert send(server)[0].outcome is Outcome.BROKEN


def test_a_password_outside_ascii_is_refused_without_being_shown() -> None:
    with ScriptedSmtpServer(users={"mailer": SECRET}) as server:
        [receipt] = send(server, user="mailer", password="s3cret-ñ")
        assert receipt.outcome is Outcome.BROKEN
        assert "s3cret" not in receipt.reason


def test_settings_come_from_the_environment_and_hide_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOST": "mail.example", "PORT": "587", "TLS": "starttls", "USER": "mailer", "PASSWORD": SECRET}.items():
        monkeypatch.setenv(f"OFFSWITCH_SMTP_{name}", value)
    settings = SmtpSettings()
    assert (settings.host, settings.port, settings.tls, settings.user) == ("mail.example", 587, "starttls", "mailer")
    assert SECRET not in repr(settings) + str(settings.model_dump()) + repr(connect().__dict__)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [("PORT", "mail", "OFFSWITCH_SMTP_PORT"), ("TLS", "yes", "OFFSWITCH_SMTP_TLS"), ("HOST", "mail.example", "encrypted line")],
)
def test_a_wrong_setting_is_named_and_the_password_is_not(name: str, value: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_SMTP_USER", "mailer")
    monkeypatch.setenv("OFFSWITCH_SMTP_PASSWORD", SECRET)
    monkeypatch.setenv(f"OFFSWITCH_SMTP_{name}", value)
    with pytest.raises(ConfigError) as caught:
        connect()
    assert what in str(caught.value)
    assert SECRET not in repr(caught.value) + str(caught.value)
