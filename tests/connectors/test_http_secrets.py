"""Nothing that a client says, logs or raises names a person or a key, and neither goes where it doesn't belong."""

import logging
import os
import ssl
import traceback
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from connectors.http import Again, Answer, Busy, HttpSettings, NotSent, Rejected, Request, Result, Unknown, receipt
from connectors.http.line import proxy_for
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import NOON
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.http_rig import PERSON, READ, SAFE, SECRET, WRITE, client_of

pytestmark = pytest.mark.usefixtures("at_once")

ECHO = {"error": f"{PERSON} is not known to {SECRET}"}
FAULTS = [
    *(
        Fault(At.BODY, reply(status, ECHO, {"X-Echo": SECRET, "Location": f"http://127.0.0.2/{SECRET}"}))
        for status in (200, 302, 400, 401, 429, 500)
    ),
    Fault(At.BODY, f"{SECRET} {PERSON}\r\n\r\n".encode(), "cut"),
    Fault(At.BODY, reply(200, f"{SECRET}{PERSON}".encode())),
    Fault(At.HEAD, end="cut"),
]


def moved(to: str) -> Fault:
    return Fault(At.BODY, reply(307, b"", {"Location": to}))


def leaks(text: str) -> bool:
    return SECRET in text or PERSON in text or "sara" in text


@pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
def test_no_result_no_repr_and_no_log_line_holds_a_secret_or_a_person(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    with ScriptedHttpServer(always=fault) as server, client_of(server.url) as provider:
        for call in (WRITE, SAFE, READ):
            result = provider.call(call)
            assert not leaks(f"{call!r} {result!r} {result} {receipt('k', result)!r} {provider!r}")
        assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert not leaks(caplog.text)


def test_what_others_log_through_httpx_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="httpx")
    with ScriptedHttpServer() as server:
        httpx.get(server.url, trust_env=False)
    assert "HTTP Request: GET" in caplog.text


@pytest.mark.parametrize("bad", ["ключ", "two\r\nlines", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_our_fault_and_is_not_shown(bad: str) -> None:
    with ScriptedHttpServer() as server, client_of(server.url, headers=lambda: {"X-Key": bad + SECRET}) as provider:
        result = provider.call(WRITE)
        assert result == Rejected("a header or an address has letters that HTTP can't carry")
        assert server.asked == []


def test_credentials_may_change_while_the_client_lives() -> None:
    keys = iter(["old", "new"])
    with ScriptedHttpServer() as server, client_of(server.url, headers=lambda: {"X-Key": next(keys)}) as provider:
        provider.call(WRITE)
        provider.call(WRITE)
        assert [asked.headers["x-key"] for asked in server.asked] == ["old", "new"]


def test_a_read_follows_the_provider_within_its_own_host_and_nowhere_else() -> None:
    with ScriptedHttpServer() as other, ScriptedHttpServer() as server, client_of(server.url) as provider:
        server.script = {0: moved("/there")}
        assert isinstance(provider.call(READ), Answer)
        assert [asked.path for asked in server.asked][1:] == ["/there"]
        for call, to, asked in ((READ, other.url, 1), (READ, "/round", 4), (WRITE, "/there", 1), (SAFE, "/there", 1)):
            server.asked.clear()
            server.script.clear()
            server.always = moved(to)
            assert isinstance(provider.call(call), Rejected)
            assert len(server.asked) == asked
        assert other.asked == []


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/x", "//elsewhere.example/x", "@elsewhere.example/", "http://127.0.0.1:1/", "x", "http://[/"]
)
def test_a_link_to_another_host_is_never_asked(path: str) -> None:
    with ScriptedHttpServer() as server, client_of(server.url) as provider:
        result: Result = provider.call(Request("GET", path, again=Again.READ))
        assert isinstance(result, Rejected) or [asked.path for asked in server.asked] == [path]


def test_the_next_page_keeps_its_own_question_mark() -> None:
    with ScriptedHttpServer() as server, client_of(f"{server.url}/v3/") as provider:
        provider.call(Request("GET", f"{server.url}/v3/people?after=7&q=a%20b", again=Again.READ))
        provider.call(Request("GET", "/people", params={"q": "ø &"}, again=Again.READ))
        assert [asked.path for asked in server.asked] == ["/v3/people?after=7&q=a%20b", "/v3/people?q=%C3%B8+%26"]


def test_a_provider_can_not_follow_us_with_cookies() -> None:
    with ScriptedHttpServer(answer=lambda _: reply(200, {}, {"Set-Cookie": "id=1"})) as server, client_of(server.url) as provider:
        provider.call(WRITE)
        provider.call(WRITE)
        assert all("cookie" not in asked.headers for asked in server.asked)


def test_calls_go_over_an_encrypted_line_to_whom_the_settings_trust(tls: ssl.SSLContext, certificate: Path) -> None:
    with ScriptedHttpServer(tls=tls) as server, client_of(server.url, ca_file=certificate) as provider:
        assert [type(provider.call(WRITE)) for _ in range(3)] == [Answer] * 3
        assert (len(server.taken), server.connections) == (3, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "https://u:p@api.example.com",
        "ftp://x",
        "https://:443",
        "https://x/?a=1",
        "https://[::",
        "https://a\x00b.example",
        "api.example.com",
    ],
)
def test_an_address_that_would_give_a_key_away_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        HttpSettings(base_url=url)
    assert url not in "".join(traceback.format_exception(refusal.value))


def test_the_proxy_of_the_environment_is_asked_and_its_refusal_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"OFFSWITCH_HOME": os.environ["OFFSWITCH_HOME"]})
    with ScriptedHttpServer(always=Fault(At.BODY, reply(403))) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//me:pass@"))
        with client_of("https://api.example.com") as provider:
            result = provider.call(WRITE)
        assert result == NotSent("the proxy did not let the call through; nothing was sent")
        assert [(asked.method, asked.path) for asked in proxy.asked] == [("CONNECT", "api.example.com:443")]
        assert "proxy-authorization" in proxy.asked[0].headers
        assert proxy_for("https://127.0.0.1:4") is None
        monkeypatch.setenv("no_proxy", "example.com")
        assert proxy_for("https://api.example.com") is None
        assert proxy_for("https://api.example.org") == (proxy.url, ("me", "pass"))


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Answer(200, {}, b""), Outcome.PERFORMED),
        (NotSent("w"), Outcome.RETRY),
        (NotSent("w", lapsed=True), Outcome.LAPSED),
        (Busy("w", NOON), Outcome.RETRY),
        (Rejected("w"), Outcome.BROKEN),
        (Rejected("w", fault="contact"), Outcome.REJECTED),
        (Rejected("w", permanent=False, fault="contact"), Outcome.RETRY),
        (Unknown("w", NOON), Outcome.UNKNOWN),
    ],
)
def test_a_receipt_says_of_each_result_what_is_certain(result: Result, outcome: Outcome) -> None:
    made = receipt("k", result, "ref")
    assert (made.key, made.outcome, made.reference, made.retry_at) == ("k", outcome, "ref", getattr(result, "until", None))
