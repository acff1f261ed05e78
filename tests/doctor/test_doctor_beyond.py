"""What the doctor asks others: bounded, beside each other, and never ending in a traceback."""

import ssl
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType

import pytest

from connectors.http import Again, Client, HttpSettings, Request, Service
from offswitch.doctor.check import Check, look_at
from offswitch.doctor.connector import of_connector
from offswitch.doctor.web import of_hooks, of_site
from offswitch.errors import ConfigError, Problem
from offswitch.model.finding import Finding, Level
from offswitch.project.catalogue import Entry
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.doctor.records import levels

FINE = Finding("x", Level.FINE, "ok")
PERSON = "sara@example.com"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))


def slow() -> Iterator[Finding]:
    yield FINE
    time.sleep(30)


def wrong() -> Iterator[Finding]:
    yield FINE
    raise LookupError(PERSON)


def not_set() -> list[Finding]:
    raise ConfigError(Problem("OFFSWITCH_X_KEY", 0, 0, "Field required", "in .env"))


def test_checks_run_beside_each_other_and_none_longer_than_its_time() -> None:
    began = time.monotonic()
    found = look_at([Check("a", slow), Check("b", wrong), Check("c", slow), Check("d", not_set)], seconds=0.3)
    assert time.monotonic() - began < 1
    assert [(name, levels(findings)) for name, findings in found] == [
        ("a", [Level.FINE, Level.UNKNOWN]),
        ("b", [Level.FINE, Level.UNKNOWN]),
        ("c", [Level.FINE, Level.UNKNOWN]),
        ("d", [Level.TROUBLE]),
    ]
    assert PERSON not in str(found)
    assert "OFFSWITCH_X_KEY" in str(found)


def test_who_reads_code_ends_before_the_others_begin() -> None:
    order: list[str] = []

    def look(name: str, seconds: float) -> Callable[[], list[Finding]]:
        def run() -> list[Finding]:
            order.append(f"{name} begins")
            time.sleep(seconds)
            order.append(f"{name} ends")
            return [FINE]

        return run

    found = look_at([Check("other", look("other", 0)), Check("code", look("code", 0.1), alone=True)])
    assert order == ["code begins", "code ends", "other begins", "other ends"]
    assert [name for name, _ in found] == ["other", "code"]


def health(ok: bool = True, ahead: float = 0.0) -> bytes:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    return reply(200 if ok else 503, {"ok": ok}, {"Date": date})


def test_a_site_over_https_with_a_trusted_certificate_is_fine(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFSWITCH_SITE_CA_FILE", str(certificate))
    with ScriptedHttpServer(tls=tls, answer=lambda _: health(ahead=-40)) as server:
        site, clock = [finding for finding in of_site(server.url) if "this machine alone" not in finding.said]
        assert (site.level, "certificate" in site.said) == (Level.FINE, True)
        assert (clock.level, "behind ours" in clock.said) == (Level.ADVICE, True)
        assert server.asked[0].path == "/healthz"


def test_a_certificate_that_nobody_trusts_is_trouble(tls: ssl.SSLContext) -> None:
    with ScriptedHttpServer(tls=tls) as server:
        *_, site = of_site(server.url)
        assert (site.level, "certificate" in site.said, "renew" in site.todo) == (Level.TROUBLE, True, True)


@pytest.mark.parametrize("answer", [reply(200, b"<html>"), reply(200, {"shop": 1}), reply(404), reply(503), reply(301)])
def test_something_else_than_serve_is_trouble(answer: bytes) -> None:
    with ScriptedHttpServer(always=Fault(At.BODY, answer)) as server:
        here, site = of_site(server.url)
        assert (here.level, "this machine alone" in here.said) == (Level.TROUBLE, True)
        assert (site.level, "offswitch serve" in site.todo) == (Level.TROUBLE, True)


def test_links_that_are_not_encrypted_are_trouble_and_not_asked() -> None:
    (finding,) = of_site("http://shop.example")
    assert (finding.level, "https://" in finding.todo) == (Level.TROUBLE, True)


def test_sources_with_and_without_a_secret_are_named_and_no_secret_is() -> None:
    environment = {
        "OFFSWITCH_HOOK_SECRET_SITE": "canary",
        "OFFSWITCH_HOOK_SECRETS_STRIPE": "canary canary",
        "OFFSWITCH_HOOK_SECRET_OLD": "",
    }
    taken, refused = of_hooks(["stripe", "tally"], environment)
    assert taken.said.endswith("site, stripe")
    assert (refused.said.endswith(": tally"), "OFFSWITCH_HOOK_SECRET_TALLY" in refused.todo) == (True, True)
    assert "canary" not in str((taken, refused))


class Shop:
    """A connector that asks its provider one question."""

    closed = False

    def __init__(self, url: str) -> None:
        self.client = Client(Service("shop"), HttpSettings(base_url=url))

    def diagnose(self) -> Iterator[Finding]:
        result = self.client.call(Request("GET", "/me", again=Again.READ))
        yield Finding("the key for Shop", Level.FINE, type(result).__name__)

    def close(self) -> None:
        Shop.closed = True
        self.client.close()


def installed(monkeypatch: pytest.MonkeyPatch, made: object) -> None:
    module = ModuleType("connectors.email.shop")
    module.connect = lambda: made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_a_connector_answers_for_itself_and_its_providers_clock_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedHttpServer(answer=lambda _: health(ahead=300)) as server:
        installed(monkeypatch, Shop(server.url))
        key, clock = of_connector(Entry("email", "shop", service="shop"))
        assert key == Finding("the key for Shop", Level.FINE, "Answer")
        assert (clock.about, clock.level) == ("the clock of shop", Level.TROUBLE)
        assert Shop.closed


def test_a_connector_that_cannot_be_asked_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, object())
    (finding,) = of_connector(Entry("email", "shop"))
    assert finding.level is Level.UNKNOWN
