"""The outcome table: whatever a provider does, the result says exactly what is certain, and nothing goes out twice that must not."""

import gzip
import socket
import ssl
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.http import Again, Answer, Busy, NotSent, Rejected, Request, Result, Unknown
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.http_rig import READ, SAFE, WRITE, client_of

pytestmark = pytest.mark.usefixtures("at_once")

CALLS = {Again.NEVER: WRITE, Again.SAFE: SAFE, Again.READ: READ}
OK = {"ok": True}
DATE = {"Date": "Sun, 01 Nov 2026 12:00:00 GMT", "Retry-After": "Sun, 01 Nov 2026 12:01:00 GMT"}
HTML = {"Content-Type": "text/html"}
PACKED = {"Content-Encoding": "gzip"}


def says(status: int, body: Any = None, headers: Mapping[str, str] | None = None, **how: Any) -> Fault:
    return Fault(At.BODY, reply(status, OK if body is None else body, headers), **how)


def broken(body: bytes, headers: Mapping[str, str] | None = None, **how: Any) -> Fault:
    return says(200, body, headers, kept=True, **how)


DOUBT = (Unknown, Unknown, NotSent)  # for what must not be repeated, for what may, and for reads
REFUSED = (Rejected,) * 3
TABLE: dict[str, tuple[Fault, tuple[type[Result], ...]]] = {
    "cut with the head read": (Fault(At.HEAD, end="cut"), DOUBT),
    "reset with the head read": (Fault(At.HEAD, end="reset"), DOUBT),
    "silence with the head read": (Fault(At.HEAD, end="hang"), DOUBT),
    "cut before it was carried out": (Fault(At.BODY, end="cut"), DOUBT),
    "cut after it was carried out": (Fault(At.BODY, end="cut", kept=True), DOUBT),
    "reset after it was carried out": (Fault(At.BODY, end="reset", kept=True), DOUBT),
    "silence after it was carried out": (Fault(At.BODY, end="hang", kept=True), DOUBT),
    "garbage": (Fault(At.BODY, b"hello there!\r\n\r\n", "cut", kept=True), DOUBT),
    "a head that breaks off": (Fault(At.BODY, b"HTTP/1.1 200 OK\r\nConte", "cut", kept=True), DOUBT),
    "a head without end": (Fault(At.BODY, b"HTTP/1.1 200 OK\r\nX: ", "flood", kept=True), DOUBT),
    "HTML": (broken(b"<html>Welcome</html>", HTML), DOUBT),
    "truncated JSON": (broken(b'{"ok": tr'), DOUBT),
    "less than announced": (broken(b"{}", {"Content-Length": "50"}, end="cut"), DOUBT),
    "an empty answer": (broken(b""), DOUBT),
    "an oversized answer": (broken(b"[", {"Content-Length": "9999999999"}, end="flood"), DOUBT),
    "a gzip bomb": (broken(gzip.compress(bytes(20_000_000)), PACKED), DOUBT),
    "gzip that is none": (broken(b"{}", PACKED), DOUBT),
    "gzip that breaks off": (broken(gzip.compress(b'{"ok": true}')[:-9], PACKED), DOUBT),
    "a packing nobody asked for": (broken(b"{}", {"Content-Encoding": "br"}), DOUBT),
    "moved to another host": (says(307, headers={"Location": "http://127.0.0.2:9/"}), REFUSED),
    "found elsewhere": (says(302, headers={"Location": "http://127.0.0.2:9/"}), (Unknown, Unknown, Rejected)),
    "429 without a time": (says(429), (NotSent,) * 3),
    "429 with seconds": (says(429, headers={"Retry-After": "60"}), (Busy,) * 3),
    "429 with a date": (says(429, headers=DATE), (Busy,) * 3),
    "503 with seconds": (says(503, headers={"Retry-After": "60"}), (Unknown, Unknown, Busy)),
    "an oversized refusal": (says(400, b"{", {"Content-Length": "9999999999"}, end="flood"), REFUSED),
    "a refusal that breaks off": (says(422, b"{", {"Content-Length": "99"}, end="cut"), REFUSED),
    "a partial success": (says(207, kept=True), (Answer,) * 3),
    "a success": (says(201, kept=True), (Answer,) * 3),
    "a packed success": (broken(gzip.compress(b'{"ok": true}'), PACKED), (Answer,) * 3),
    **{str(status): (says(status), (NotSent,) * 3) for status in (408, 425)},
    **{str(status): (says(status), REFUSED) for status in (400, 401, 403, 404, 405, 409, 410, 413, 415, 422)},
    **{str(status): (says(status), DOUBT) for status in (500, 501, 502, 503, 504)},
}


@pytest.mark.parametrize("name", TABLE)
def test_each_fault_has_its_outcome(name: str) -> None:
    fault, outcomes = TABLE[name]
    patience = 0.1 if fault.end == "hang" else 2.0
    with ScriptedHttpServer(always=fault) as server:
        for again, outcome in zip(CALLS, outcomes, strict=True):
            server.asked.clear()
            began = time.monotonic()
            with client_of(server.url, read_timeout=patience) as provider:
                result = provider.call(CALLS[again])
            assert type(result) is outcome, (again, result)
            repeated = again is not Again.NEVER and isinstance(result, NotSent | Unknown) and getattr(result, "until", None) is None
            assert len(server.asked) == (2 if repeated else 1), again
            assert time.monotonic() - began < 4
        assert bool(server.taken) == fault.kept


SCHEDULE = [fault for fault, _ in TABLE.values() if fault.end in {"", "cut", "reset"} and b"Retry-After" not in fault.say]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SCHEDULE), max_size=4), st.sampled_from([WRITE, SAFE]))
def test_surely_not_done_is_never_said_of_what_was_done(faults: list[Fault], request: Request) -> None:
    with ScriptedHttpServer(dict(enumerate(faults))) as server, client_of(server.url, {"tries": 3}) as provider:
        result = provider.call(request)
        if isinstance(result, Answer):
            assert server.taken
        elif not isinstance(result, Unknown):
            assert server.taken == [], result
        assert len(server.asked) <= (1 if request is WRITE else 3)


@pytest.mark.parametrize(("body", "fault"), [(OK, "contact"), (b"<html>Bad Request</html>", "system"), (b"", "system")])
def test_a_400_that_is_no_json_is_a_gateways_and_blames_nobody(body: Any, fault: str) -> None:
    with ScriptedHttpServer(always=says(400, body)) as server, client_of(server.url) as provider:
        result = provider.call(WRITE)
    assert isinstance(result, Rejected)
    assert result.fault == fault


@pytest.mark.parametrize("again", CALLS)
@pytest.mark.parametrize("say", [b"HTTP/1.1 200 OK\r\n" + b"X-Drip: 1\r\n" * 99, reply(200, b" " * 999)], ids=["head", "body"])
def test_a_dripping_answer_ends_with_the_deadline(say: bytes, again: Again) -> None:
    began = time.monotonic()
    fault = Fault(At.BODY, say, drip=0.02, kept=True)
    with ScriptedHttpServer(always=fault) as server, client_of(server.url, deadline=0.25) as provider:
        result = provider.call(CALLS[again])
        assert isinstance(result, NotSent if again is Again.READ else Unknown), result
        assert time.monotonic() - began < 1
        assert len(server.asked) == 1


def test_a_gzip_bomb_does_not_go_off() -> None:
    with ScriptedHttpServer(always=TABLE["a gzip bomb"][0]) as server, client_of(server.url) as provider:
        tracemalloc.start()
        provider.call(WRITE)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2_000_000


def test_a_large_body_that_nobody_reads_is_a_doubt_within_the_deadline() -> None:
    request = type(WRITE)("POST", "/", type(WRITE.body)(bytes(50_000_000), "text/plain"))
    with ScriptedHttpServer(always=Fault(At.HEAD, end="hang")) as server, client_of(server.url, deadline=0.3) as provider:
        assert isinstance(provider.call(request), Unknown)
        assert (len(server.asked), server.taken) == (1, [])


@pytest.mark.parametrize("again", CALLS)
def test_without_a_connection_nothing_was_sent(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with client_of(f"http://127.0.0.1:{closed.getsockname()[1]}") as provider:
            assert provider.call(CALLS[again]) == NotSent("the provider refused the connection; nothing was sent")

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with client_of("https://api.example.com") as provider:
        assert provider.call(CALLS[again]) == NotSent("the provider's name was not found; nothing was sent")


@pytest.mark.parametrize("again", CALLS)
def test_without_tls_nothing_was_sent(again: Again, tls: ssl.SSLContext) -> None:
    with ScriptedHttpServer(tls=tls) as server, client_of(server.url) as provider:
        assert provider.call(CALLS[again]) == NotSent("the provider's certificate is not trusted; nothing was sent")
        assert server.asked == []
    for end in ("cut", "hang", ""):
        fault = Fault(At.CONNECT, b"" if end else b"220 this is a mail server\r\n", end or "cut")
        with ScriptedHttpServer(always=fault, tls=tls) as server, client_of(server.url, connect_timeout=0.1) as provider:
            result = provider.call(CALLS[again])
            assert isinstance(result, NotSent), result
            assert result.why.endswith("; nothing was sent")


def test_a_cut_at_once_is_never_more_than_a_doubt() -> None:
    with ScriptedHttpServer(always=Fault(At.CONNECT, end="reset")) as server, client_of(server.url) as provider:
        assert isinstance(provider.call(WRITE), NotSent | Unknown)
        assert server.taken == []
