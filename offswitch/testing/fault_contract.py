"""What a connector over HTTP must say when its provider fails, as tests over real sockets.

A project's test file says `class TestFaults(EveryFault)` and names a stand-in per connector in `providers`. The stand-in,
not the connector, says what was done: every receipt is held against it.
"""

from __future__ import annotations

import gzip
import importlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest

from offswitch.act.ports import Order
from offswitch.model.receipt import Guarantee, Outcome, Receipt
from offswitch.testing.connector_contract import Found, make_orders
from offswitch.testing.http_server import Asked, At, Fault, ScriptedHttpServer, reply

_WAIT = timedelta(seconds=120)
_CERTAIN_NOT = frozenset({Outcome.RETRY, Outcome.REJECTED, Outcome.BROKEN, Outcome.LAPSED})
_LOST = frozenset({Outcome.RETRY, Outcome.UNKNOWN})
_HTML = {"Content-Type": "text/html"}


class StandIn(Protocol):
    """A provider that keeps what it is told. `kind` and `name` are the connector's."""

    kind: str
    name: str

    def environment(self, url: str) -> Mapping[str, str]:
        """The variables that lead the connector here."""
        ...

    def answer(self, asked: Asked) -> bytes:
        """Carry a request out."""
        ...

    def held(self) -> list[str]:
        """One text per effect, with everything that an outsider can see."""
        ...

    def writes(self, asked: Asked) -> bool:
        """Is it a request that makes an effect? Others are answered even where the provider fails."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, and what may be said of an effect that met it: once, and every time."""

    fault: Fault
    said: frozenset[Outcome]
    said_of_safe: frozenset[Outcome]

    @property
    def slow(self) -> bool:
        """Is there nothing but time that ends it?"""
        return self.fault.end == "hang" or bool(self.fault.drip)


def _doubt(at: At = At.BODY, say: bytes = b"", end: str = "cut", *, kept: bool = True, drip: float = 0.0) -> Case:
    """What may be repeated is repeated, and ends well or stays a doubt."""
    unknown = frozenset({Outcome.UNKNOWN})
    return Case(Fault(at, say, end, kept=kept, drip=drip), unknown, unknown | {Outcome.PERFORMED})


def _certain(say: bytes, *outcomes: Outcome) -> Case:
    found = frozenset(outcomes)
    return Case(Fault(At.BODY, say), found, found)


def _body(body: bytes, headers: Mapping[str, str] | None = None, end: str = "cut") -> Case:
    return _doubt(say=reply(200, body, headers), end=end)


_REFUSED = (Outcome.REJECTED, Outcome.BROKEN)
FAULTS: dict[str, Case] = {
    "cut on connecting": Case(Fault(At.CONNECT, end="cut"), _LOST, _LOST),  # where nothing is encrypted, a request may be under way
    "reset with the head read": _doubt(At.HEAD, end="reset", kept=False),
    "silence with the head read": _doubt(At.HEAD, end="hang", kept=False),
    "cut before it was carried out": _doubt(kept=False),
    "cut after it was carried out": _doubt(),
    "reset after it was carried out": _doubt(end="reset"),
    "silence after it was carried out": _doubt(end="hang"),
    "garbage": _doubt(say=b"hello there!\r\n\r\n"),
    "a web page": _body(b"<html>Welcome</html>", _HTML),
    "half an answer": _body(b'{"id": "4'),
    "less than announced": _body(b"{}", {"Content-Length": "50"}),
    "an endless answer": _body(b"[", {"Content-Length": "9999999999"}, end="flood"),
    "a gzip bomb": _body(gzip.compress(bytes(20_000_000)), {"Content-Encoding": "gzip"}),
    "an answer in drops": _doubt(say=reply(200, b" " * 2_000), end="", drip=0.05),
    "elsewhere": _certain(reply(307, headers={"Location": "https://elsewhere.example/"}), Outcome.BROKEN),
    "429 with a time": _certain(reply(429, {}, {"Retry-After": f"{_WAIT.seconds}"}), Outcome.RETRY),
    "429": _certain(reply(429, {}), Outcome.RETRY),
    "408": _certain(reply(408, {}), Outcome.RETRY),
    "400": _certain(reply(400, {}), *_REFUSED),
    "422": _certain(reply(422, {}), *_REFUSED),
    "401": _certain(reply(401, {}), Outcome.BROKEN),
    "403": _certain(reply(403, {}), Outcome.BROKEN),
    "500": _doubt(say=reply(500, {}), end="", kept=True),
    "502": _doubt(say=reply(502, b"<html>", _HTML), end="", kept=False),
    "503": _doubt(say=reply(503, {}), end="", kept=False),
    "504": _doubt(say=reply(504, {}), end="", kept=True),
}


class FailingProvider(ScriptedHttpServer):
    """A stand-in behind a server that fails at writes: at the first one, or at each."""

    def __init__(self, stand_in: StandIn, fault: Fault | None, *, once: bool = False, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(answer=self._answered, tls=tls)
        self._stand_in = stand_in
        self._fault = fault
        self._once = once
        self._met: set[int] = set()
        self.written: list[Asked] = []

    def connected(self) -> Fault | None:
        """A fault on connecting meets whatever comes first."""
        fault = super().connected()
        return self._fault if self._fault is not None and self._fault.at is At.CONNECT else fault

    def met(self, asked: Asked) -> tuple[int, Fault | None]:
        """The fault, for a write."""
        number, _ = super().met(asked)
        if self._fault is None or not self._stand_in.writes(asked) or (self._once and self._met):
            return number, None
        self._met.add(number)
        return number, self._fault

    def finished(self, number: int, asked: Asked, *, kept: bool) -> None:
        """What the fault keeps is carried out, though nobody learns it."""
        super().finished(number, asked, kept=kept)
        if self._stand_in.writes(asked):
            self.written.append(asked)
        if kept and number in self._met:
            self._stand_in.answer(asked)

    def _answered(self, asked: Asked) -> bytes:
        return self._stand_in.answer(asked)


@contextmanager
def connected_to(stand_in: StandIn, url: str, home: Path, monkeypatch: pytest.MonkeyPatch, *, hurried: bool = False) -> Iterator[Any]:
    """The connector, led to this address; `hurried` with hardly any patience."""
    module = Found(stand_in.kind, stand_in.name).module
    monkeypatch.setattr(importlib.import_module("connectors.http.client"), "_jitter", lambda _: 0.001)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the provider's pace is not what is judged here
    monkeypatch.setenv("OFFSWITCH_HOME", str(home))
    monkeypatch.chdir(home)
    prefix = f"OFFSWITCH_{stand_in.name.upper()}_"
    patience = {"LARGEST_ANSWER": "200000", **({"READ_TIMEOUT": "0.2", "DEADLINE": "0.8"} if hurried else {})}
    for name, value in ({prefix + each: told for each, told in patience.items()} | dict(stand_in.environment(url))).items():
        monkeypatch.setenv(name, value)
    connector = module.connect()
    try:
        yield connector
    finally:
        connector.close()


class EveryFault:
    """The outcome table, for every connector that has a stand-in."""

    providers: ClassVar[Mapping[str, Callable[[], StandIn]]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test per provider."""
        if "stand_in" in metafunc.fixturenames:
            metafunc.parametrize("stand_in", list(self.providers), indirect=True)

    @pytest.fixture
    def stand_in(self, request: pytest.FixtureRequest) -> StandIn:
        """One provider after the other, with nothing in it."""
        return self.providers[request.param]()

    @pytest.fixture
    def orders(self, stand_in: StandIn) -> list[Order[Any]]:
        """Two people."""
        return make_orders(stand_in.kind, 2)

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_lasting_fault_has_its_outcome(
        self,
        stand_in: StandIn,
        orders: list[Order[Any]],
        name: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Exactly what is certain is said, nothing that must not be goes out twice, and logs name no person and no secret."""
        caplog.set_level(logging.DEBUG)
        case = FAULTS[name]
        began = datetime.now(UTC)
        server = FailingProvider(stand_in, case.fault)
        with server, connected_to(stand_in, server.url, tmp_path, monkeypatch, hurried=case.slow) as connector:
            receipts = list(connector.perform(orders))
            allowed = case.said_of_safe if _safe(connector) else case.said
            allowed |= {Outcome.RETRY} if _documented_as_undone(case.fault, stand_in) else set()
            assert {receipt.outcome for receipt in receipts} <= allowed, [receipt.reason for receipt in receipts]
            _agree(stand_in, orders, receipts)
            if not _safe(connector) and Outcome.UNKNOWN in allowed:
                assert len(server.written) <= len(orders)
        secrets = [value for value in stand_in.environment("").values() if len(value) > 8]
        assert [word for word in ("person0", "Hello", *secrets) if word in caplog.text] == []
        if name == "429 with a time":
            assert all(receipt.retry_at and receipt.retry_at >= began + _WAIT for receipt in receipts)

    @pytest.mark.parametrize("name", ["cut after it was carried out", "cut before it was carried out", "silence after it was carried out"])
    def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(
        self, stand_in: StandIn, orders: list[Order[Any]], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Afterwards everything is there once, or in doubt."""
        case = FAULTS[name]
        server = FailingProvider(stand_in, case.fault, once=True)
        with server, connected_to(stand_in, server.url, tmp_path, monkeypatch, hurried=case.slow) as connector:
            receipts = list(connector.perform(orders))
            _agree(stand_in, orders, receipts)
            if _safe(connector):
                assert {receipt.outcome for receipt in receipts} == {Outcome.PERFORMED}
            else:
                assert Outcome.UNKNOWN in {receipt.outcome for receipt in receipts}

    def test_nobody_listens(self, stand_in: StandIn, orders: list[Order[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Refused: nothing was sent, and that is said."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        with connected_to(stand_in, f"http://127.0.0.1:{port}", tmp_path, monkeypatch) as connector:
            assert {receipt.outcome for receipt in connector.perform(orders)} == {Outcome.RETRY}

    def test_the_name_is_not_found(
        self, stand_in: StandIn, orders: list[Order[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No address: nothing was sent."""

        def not_found(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

        monkeypatch.setattr(socket, "getaddrinfo", not_found)
        with connected_to(stand_in, "https://nowhere.example", tmp_path, monkeypatch) as connector:
            assert {receipt.outcome for receipt in connector.perform(orders)} == {Outcome.RETRY}

    def test_the_certificate_is_not_trusted(
        self, stand_in: StandIn, orders: list[Order[Any]], tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is said to a stranger. `tls` is a fixture of the project: a certificate that nobody trusts."""
        server = FailingProvider(stand_in, None, tls=tls)
        with server, connected_to(stand_in, server.url, tmp_path, monkeypatch) as connector:
            assert {receipt.outcome for receipt in connector.perform(orders)} == {Outcome.RETRY}
        assert server.asked == []

    def test_without_a_fault_all_is_done_once(
        self, stand_in: StandIn, orders: list[Order[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So that the other tests mean something."""
        server = FailingProvider(stand_in, None)
        with server, connected_to(stand_in, server.url, tmp_path, monkeypatch) as connector:
            assert [receipt.outcome for receipt in connector.perform(orders)] == [Outcome.PERFORMED] * 2
        assert len(stand_in.held()) == 2


def _safe(connector: Any) -> bool:
    return connector.guarantee in (Guarantee.NATIVE_KEY, Guarantee.NATURAL_UPSERT)


def _documented_as_undone(fault: Fault, stand_in: StandIn) -> bool:
    """Does the provider say of this status that nothing was done?"""
    service = getattr(Found(stand_in.kind, stand_in.name).module, "SERVICE", None)
    status = fault.say[9:12]
    return service is not None and status.isdigit() and int(status) in service.unprocessed and not fault.kept


def _agree(stand_in: StandIn, orders: list[Order[Any]], receipts: list[Receipt]) -> None:
    """Each receipt against what the provider holds."""
    held = stand_in.held()
    assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
    for order, receipt in zip(orders, receipts, strict=True):
        shown = order.payload.message_id if stand_in.kind == "email" else order.payload.external_id
        times = sum(shown in one for one in held)
        assert times <= 1, "it happened twice"
        assert times == 1 or receipt.outcome is not Outcome.PERFORMED, "it was said to be done"
        assert times == 0 or receipt.outcome not in _CERTAIN_NOT, f"it was said not to be done: {receipt.reason}"
        assert not any(word in receipt.reason for word in ("person", "example.com", "Hello"))
