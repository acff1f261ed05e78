"""Connectors over HTTP against a server that is no work, beside httpx that sends the same bodies.

Each connector first talks to its stand-in; what the two said is replayed by a process of its own. The bare client has the
bodies as Python values, makes JSON of them, posts them one after the other and reads the answers: no letter is composed, no
permit checked, no key kept, nothing counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import httpx

from bench.measure import Case, Row, turns
from bench.replay import digest, replaying
from offswitch.act.desk import WINDOW
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import Found, make_orders
from offswitch.testing.fault_contract import StandIn
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.test_faults import FAKES  # a new connector is there, or a test fails

TITLE = f"windows of {WINDOW} to a server that only answers; wall time and CPU"
TEXT = "Dear {name},\n" + "أهلًا وسهلًا بك في بيان. We are glad that you are here.\n" * 12
HTML = (
    "<p>Dear {name}</p>\n"
    + "<p>أهلًا وسهلًا بك في بيان. <a href='https://bayan.example/welcome'>We are glad</a> that you are here.</p>\n" * 12
)
FAST = 1e9  # calls a second: a provider's limit is not what is measured
LEFT_OUT = frozenset({"host", "connection", "content-length", "accept-encoding", "user-agent", "accept"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a connector asked of its stand-in for one window, and what that answered."""

    asked: Sequence[Asked]
    answers: dict[tuple[bytes, bytes], bytes]
    url: str


def measured(*, short: bool) -> list[Row]:
    """Recipients per second and CPU per recipient of each connector, beside the bare client."""
    times, windows = (3, 4) if short else (7, 8)
    with ExitStack() as stack:
        stack.enter_context(_fast_and_apart())
        cases = [case for make in FAKES for case in _cases(stack, make(), windows)]
        return turns(cases, times)


def _cases(stack: ExitStack, stand_in: StandIn, windows: int) -> list[Case]:
    said = _recorded(stand_in)
    url = stack.enter_context(replaying(said.answers, said.url))
    connector = stack.enter_context(_connected(stand_in, url))
    client = stack.enter_context(httpx.Client(base_url=url, trust_env=False))
    ours, bare = stand_in.name, f"{stand_in.name}: bare httpx"
    kind, recipients = stand_in.kind, windows * WINDOW

    def whole() -> tuple[float, float]:
        orders = [_orders(kind) for _ in range(windows)]
        return _timed(lambda: _perform(connector, orders), recipients)

    def plain() -> tuple[float, float]:
        ready = [_ready(asked) for asked in said.asked]
        return _timed(lambda: _post(client, ready * windows), recipients)

    return [
        Case(bare, "recipients/s", lambda: plain()[0]),
        Case(ours, "recipients/s", lambda: whole()[0], bare, "0.8 of the bare client"),
        Case(f"{bare}, CPU", "us a recipient", lambda: plain()[1]),
        Case(f"{ours}, CPU", "us a recipient", lambda: whole()[1], f"{bare}, CPU"),
    ]


def _timed(work: Callable[[], None], recipients: int) -> tuple[float, float]:
    """Recipients per second, and microseconds of CPU for each."""
    wall, cpu = perf_counter(), process_time()
    work()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    return recipients / wall, cpu * 1e6 / recipients


def _perform(connector: Any, windows: Sequence[Sequence[Order[Any]]]) -> None:
    for orders in windows:
        found = {receipt.outcome for receipt in connector.perform(orders)}
        if found != {Outcome.PERFORMED}:
            raise RuntimeError(f"{connector.name}: {', '.join(found)}")


def _orders(kind: str) -> list[Order[Any]]:
    """A window of letters to people with names, half of each in Arabic; or of notes."""
    orders = make_orders(kind, WINDOW, seconds=600)
    if kind != "email":
        return orders
    return [replace(order, payload=_letter(order.payload)) for order in orders]


def _letter(letter: Letter) -> Letter:
    name = letter.to.partition("@")[0]
    return replace(letter, text=TEXT.format(name=name), html=HTML.format(name=name))


def _recorded(stand_in: StandIn) -> Said:
    answers: dict[tuple[bytes, bytes], bytes] = {}

    def answer(asked: Asked) -> bytes:
        told = stand_in.answer(asked)
        answers[f"{asked.method} {asked.path} HTTP/1.1".encode(), digest(asked.body)] = told
        return told

    with ScriptedHttpServer(answer=answer) as server, _connected(stand_in, server.url) as connector:
        _perform(connector, [_orders(stand_in.kind)])
        return Said(server.asked, answers, server.url)


def _ready(asked: Asked) -> dict[str, Any]:
    """A request as somebody who uses httpx writes it."""
    headers = {name: value for name, value in asked.headers.items() if name not in LEFT_OUT}
    is_json = asked.headers.get("content-type", "").startswith("application/json")
    body: dict[str, Any] = {"json": json.loads(asked.body)} if is_json and asked.body else {"content": asked.body}
    return {"method": asked.method, "url": asked.path, "headers": headers, **body}


def _post(client: httpx.Client, ready: Sequence[dict[str, Any]]) -> None:
    for each in ready:
        answer = client.request(**each)
        answer.raise_for_status()
        if "json" in answer.headers.get("content-type", ""):
            answer.json()


@contextmanager
def _connected(stand_in: StandIn, url: str) -> Iterator[Any]:
    """The connector at this address, without the provider's limit."""
    module = Found(stand_in.kind, stand_in.name).module
    prefix = f"OFFSWITCH_{stand_in.name.upper()}_"  # several connections help against waiting, of which there is none here
    told = {**stand_in.environment(url), f"{prefix}PER_SECOND": str(FAST), f"{prefix}CONNECTIONS": "1"}
    with patch.dict(os.environ, told), patch.object(module, "SERVICE", replace(module.SERVICE, calls=FAST, seconds=1)):
        connector = module.connect()
    try:
        yield connector
    finally:
        connector.close()


@contextmanager
def _fast_and_apart() -> Iterator[None]:
    """What connectors share between processes lies in a folder of its own."""
    with TemporaryDirectory() as home, patch.dict(os.environ, {"OFFSWITCH_HOME": home}):
        yield
