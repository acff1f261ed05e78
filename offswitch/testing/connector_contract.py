"""What every connector promises, as tests that find the connectors by themselves.

A project's test file says `class TestContract(EveryConnector)`; each file in `connectors/email` and `connectors/crm` is
then checked without a network. For the promises that need another side, a connector's own test file subclasses
`MailerContract` or `CrmContract` and gives the fixture `other_side`.
"""

from __future__ import annotations

import importlib
import pkgutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from offswitch.act.ports import Change, Crm, Mailer, Order
from offswitch.messages.letter import Letter
from offswitch.model.action import Kind
from offswitch.model.entry import send_once_key, shown
from offswitch.model.finding import Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt
from offswitch.testing.fakes import ClosedGuard, make_change, make_contact, make_letter, make_permit

SECRET = "canary-e0f7"  # noqa: S105 - stands in every setting that has to be filled, and may turn up nowhere


@dataclass(frozen=True, slots=True)
class Found:
    """A connector file: `kind` is "email" or "crm", `name` the file's."""

    kind: str
    name: str

    @property
    def module(self) -> ModuleType:
        """The module itself."""
        return importlib.import_module(f"connectors.{self.kind}.{self.name}")


def find_connectors(*kinds: str) -> list[Found]:
    """Every connector of these kinds, in the order of their names."""
    folders = {kind: Path(importlib.import_module(f"connectors.{kind}").__path__[0]) for kind in kinds}
    return [Found(kind, each.name) for kind, folder in folders.items() for each in pkgutil.iter_modules([str(folder)])]


def make_orders(kind: str, count: int = 3, **permit: Any) -> list[Order[Any]]:
    """Orders for different people, all in order; `permit` overrides what the permits are made of."""
    return [_order(kind, number, **permit) for number in range(count)]


def _order(kind: str, number: int, **permit: Any) -> Order[Letter] | Order[Change]:
    to = f"person{number}@example.com"
    key = send_once_key(f"e{number}", "confirm", 1, "send:confirm" if kind == "email" else "note:note")
    leave = make_permit(key, **{"recipient": to, "index": number, **permit})
    if kind == "email":
        return Order(leave, make_letter(to=to, message_id=f"<e{number}.confirm.1@example.org>"))
    return Order(
        leave, make_change(kind=Kind.NOTE, contact=make_contact(id=f"c{number}", email=to), values={"text": "hi"}, external_id=shown(key))
    )


def configure(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill every setting of a connector that has no default, and every secret."""
    for settings in (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, BaseSettings)):
        prefix = str(settings.model_config.get("env_prefix", ""))
        for name, setting in settings.model_fields.items():
            if setting.is_required() or setting.annotation is SecretStr:
                monkeypatch.setenv((prefix + name).upper(), SECRET)


class EveryConnector:
    """What can be asked of a connector without its other side."""

    @pytest.fixture
    def offline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
        """No network: each attempt to connect is noted and refused, waiting takes no time, files go to a folder of the test."""
        attempts: list[object] = []

        def refuse(*where: object, **_: object) -> None:
            attempts.append(where)
            raise ConnectionRefusedError("no network in this test")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        monkeypatch.setattr(time, "sleep", lambda _: None)
        monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        return attempts

    @pytest.fixture(params=find_connectors("email", "crm"), ids=lambda found: f"{found.kind}/{found.name}")
    def found(self, request: pytest.FixtureRequest) -> Found:
        """One connector file after the other."""
        found: Found = request.param
        return found

    @pytest.fixture
    def connector(self, found: Found, offline: list[object], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        """What the file's `connect()` gives."""
        configure(found.module, monkeypatch)
        connector = found.module.connect()
        yield connector
        connector.close()

    def test_it_bears_the_name_of_its_file_and_states_its_guarantee(self, found: Found, connector: Any) -> None:
        """Found by name, judged by its guarantee."""
        assert connector.name == found.name
        assert connector.guarantee in Guarantee
        assert 0 < len(connector.limits) <= 120
        assert connector.limits.isprintable()

    def test_connecting_talks_to_nobody(self, connector: Any, offline: list[object]) -> None:
        """`connect()` reads settings; the network waits for the first order."""
        assert connector.name
        assert offline == []

    def test_it_shows_no_secret(self, connector: Any) -> None:
        """Neither in its own text nor in that of what it holds."""
        assert SECRET not in repr(connector) + repr(getattr(connector, "__dict__", {}))

    def test_a_lapsed_permit_reaches_nobody(self, found: Found, connector: Any, offline: list[object]) -> None:
        """A stop means that not even a connection is made."""
        receipts = list(connector.perform(make_orders(found.kind, guard=ClosedGuard())))
        assert [receipt.outcome for receipt in receipts] == [Outcome.LAPSED] * 3
        assert offline == []

    @pytest.mark.parametrize("wrong", ["recipient", "digest"])
    def test_what_the_permit_does_not_name_is_not_done(self, found: Found, connector: Any, offline: list[object], wrong: str) -> None:
        """The recipient and the content are the permit's, or nothing happens."""
        receipts = list(connector.perform(make_orders(found.kind, 3, **{wrong: "x@y.example"})))
        assert {receipt.outcome for receipt in receipts} <= {Outcome.BROKEN, Outcome.REJECTED}
        assert offline == []

    def test_each_order_gets_one_receipt_in_its_place(self, found: Found, connector: Any) -> None:
        """Also when the other side can't be reached; then nothing is in doubt, for nothing was sent."""
        orders = make_orders(found.kind)
        receipts = list(connector.perform(orders))
        assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
        assert Outcome.UNKNOWN not in {receipt.outcome for receipt in receipts}

    def test_reasons_name_no_person_and_no_secret(self, found: Found, connector: Any) -> None:
        """Reasons end in logs and reports."""
        reasons = " ".join(receipt.reason for receipt in connector.perform(make_orders(found.kind)))
        assert [word for word in ("person0", "example.com", "Hello", SECRET) if word in reasons] == []

    def test_it_says_what_is_wrong_when_the_other_side_is_away(self, connector: Any) -> None:
        """A diagnosis is findings, whatever happens, and shows no secret."""
        findings = list(connector.diagnose())
        assert findings
        assert all(finding.said and (finding.todo or finding.level in (Level.FINE, Level.UNKNOWN)) for finding in findings)
        assert SECRET not in repr(findings)

    def test_no_orders_are_no_receipts(self, connector: Any, offline: list[object]) -> None:
        """An empty call is free."""
        assert list(connector.perform([])) == []
        assert offline == []


@dataclass(frozen=True, slots=True)
class OtherSide:
    """A connector and what the server behind it holds: one text per effect, with everything that an outsider can see."""

    connector: Mailer | Crm
    held: Callable[[], list[str]]


class _Promises:
    kind = ""

    def perform(self, side: OtherSide, orders: list[Order[Any]]) -> list[Receipt]:
        return list(side.connector.perform(orders))

    def shown(self, order: Order[Any]) -> str:
        """How the send-once key appears at the other side."""
        raise NotImplementedError

    def test_every_order_arrives_once_and_shows_its_key(self, other_side: OtherSide) -> None:
        """Anyone can count from outside that it happened once."""
        orders = make_orders(self.kind)
        assert [receipt.outcome for receipt in self.perform(other_side, orders)] == [Outcome.PERFORMED] * 3
        held = other_side.held()
        assert len(held) == 3
        assert all(sum(self.shown(order) in one for one in held) == 1 for order in orders)

    def test_a_stop_between_two_orders_holds_the_rest_back(self, other_side: OtherSide) -> None:
        """What the guard objects to from some moment on does not arrive."""
        first, *rest = make_orders(self.kind)
        closed = [
            replace(order, permit=stopped.permit)
            for order, stopped in zip(rest, make_orders(self.kind, guard=ClosedGuard())[1:], strict=True)
        ]
        outcomes = [receipt.outcome for receipt in self.perform(other_side, [first, *closed])]
        assert outcomes == [Outcome.PERFORMED, Outcome.LAPSED, Outcome.LAPSED]
        assert len(other_side.held()) == 1

    def test_an_expired_permit_does_nothing(self, other_side: OtherSide) -> None:
        """Time alone ends a permit."""
        outcomes = {receipt.outcome for receipt in self.perform(other_side, make_orders(self.kind, seconds=-1))}
        assert outcomes == {Outcome.LAPSED}
        assert other_side.held() == []

    def test_the_wrong_recipient_gets_nothing(self, other_side: OtherSide) -> None:
        """A permit is for one person."""
        self.perform(other_side, make_orders(self.kind, recipient="somebody@else.example"))
        assert other_side.held() == []

    def test_it_works_again_after_it_was_closed(self, other_side: OtherSide) -> None:
        """Closing lets go of connections, not of the connector."""
        other_side.connector.close()
        assert [receipt.outcome for receipt in self.perform(other_side, make_orders(self.kind, 1))] == [Outcome.PERFORMED]


class MailerContract(_Promises):
    """For a mailer's test file: `other_side.held()` gives the messages at the provider."""

    kind = "email"

    def shown(self, order: Order[Any]) -> str:
        """The Message-ID, made of the key."""
        return str(order.payload.message_id)


class CrmContract(_Promises):
    """For a CRM's test file: `other_side.held()` gives the notes at the provider."""

    kind = "crm"

    def shown(self, order: Order[Any]) -> str:
        """The external id, which is the key."""
        return str(order.payload.external_id)

    def test_the_same_write_twice_is_one(self, other_side: OtherSide) -> None:
        """A CRM write is repeated after a crash, so it must not double."""
        self.perform(other_side, make_orders(self.kind))
        self.perform(other_side, make_orders(self.kind))
        assert len(other_side.held()) == 3
