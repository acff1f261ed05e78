"""SMTP over several connections at once: faster where the server is far, and as careful as over one."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.email.smtp import Smtp, SmtpSettings
from connectors.email.smtp import dial as smtp_dial
from connectors.email.smtp import pool as smtp_pool
from connectors.email.smtp.session import Session
from connectors.side_by_side import side_by_side
from offswitch.act.ports import Order
from offswitch.errors import Retryable
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.connector_contract import MailerContract, OtherSide, make_orders
from offswitch.testing.fakes import ClosedGuard
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer
from offswitch.testing.smtp_sink import SinkSmtpServer

LANES = 4


@contextmanager
def smtp_to(server: ScriptedSmtpServer) -> Iterator[Smtp]:
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=10, data_timeout=10, connections=LANES))
    yield smtp
    smtp.close()


class TestContract(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        with SinkSmtpServer() as sink:
            smtp = Smtp(SmtpSettings(host="127.0.0.1", port=sink.port, connections=LANES))
            yield OtherSide(smtp, lambda: [taken.data.decode() for taken in sink.taken])
            smtp.close()


def test_connections_are_kept_and_every_letter_arrives_once() -> None:
    orders = make_orders("email", 40)
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        receipts = [*smtp.perform(orders[:20]), *smtp.perform(orders[20:])]
        assert [receipt.key for receipt in receipts] == [order.permit.key for order in orders]
        assert {receipt.outcome for receipt in receipts} == {Outcome.PERFORMED}
        assert sorted(taken.to for taken in server.taken) == sorted(order.permit.recipient for order in orders)
        assert server.connections <= LANES


def test_a_stop_holds_back_every_letter_that_no_server_has_heard_of() -> None:
    guard = ClosedGuard("the flow was switched off", after=12)
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        outcomes = [receipt.outcome for receipt in smtp.perform(make_orders("email", 40, guard=guard))]
        assert set(outcomes) == {Outcome.PERFORMED, Outcome.LAPSED}
        assert outcomes.count(Outcome.PERFORMED) == len(server.taken) == server.commands.count("DATA")
        assert server.commands.count("MAIL") <= 12


def test_an_unreachable_server_is_still_asked_once_in_a_call() -> None:
    with ScriptedSmtpServer(always=Fault(At.BANNER, "421 4.3.2 busy", "cut")) as server, smtp_to(server) as smtp:
        assert {receipt.outcome for receipt in smtp.perform(make_orders("email", 20))} == {Outcome.RETRY}
        assert server.connections == 1


def test_a_server_that_always_cuts_leaves_few_letters_in_doubt() -> None:
    with ScriptedSmtpServer(always=Fault(At.DOT, end="cut", kept=True)) as server, smtp_to(server) as smtp:
        outcomes = [receipt.outcome for receipt in smtp.perform(make_orders("email", 40))]
        assert set(outcomes) == {Outcome.UNKNOWN, Outcome.RETRY}
        assert len(server.taken) == outcomes.count(Outcome.UNKNOWN) <= 1 + LANES


def test_a_server_that_refuses_one_connection_more_gets_every_letter_over_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    most = threading.BoundedSemaphore(2)

    def open_session(settings: SmtpSettings) -> Session:
        if not most.acquire(blocking=False):
            raise Retryable("the server answered 421 while connecting; nothing was sent")
        return smtp_dial.open_session(settings)

    monkeypatch.setattr(smtp_pool, "open_session", open_session)
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        assert {receipt.outcome for receipt in smtp.perform(make_orders("email", 40))} == {Outcome.PERFORMED}
        assert (server.connections, len(server.taken)) == (2, 40)


def test_each_fault_is_told_of_the_letter_that_met_it() -> None:
    faults = {5: Fault(At.RCPT, "550 5.1.1 no"), 9: Fault(At.DOT, end="cut", kept=True), 13: Fault(At.MAIL, "451 4.3.0 no")}
    with ScriptedSmtpServer(faults) as server, smtp_to(server) as smtp:
        orders = make_orders("email", 30)
        receipts = list(smtp.perform(orders))
        said = {receipt.outcome for receipt in receipts}
        assert said == {Outcome.PERFORMED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.RETRY}
        held = {taken.to for taken in server.taken}
        for order, receipt in zip(orders, receipts, strict=True):
            assert (order.permit.recipient in held) is (receipt.outcome in (Outcome.PERFORMED, Outcome.UNKNOWN))


def test_nothing_more_begins_once_nobody_asks_for_receipts() -> None:
    begun: list[str] = []

    def do(order: Order[object]) -> Receipt:
        begun.append(order.permit.key)
        return Receipt(order.permit.key, Outcome.PERFORMED)

    receipts = side_by_side(make_orders("email", 20), LANES, do)
    next(receipts)
    assert len(begun) == 1
    next(receipts)
    receipts.close()  # type: ignore[attr-defined] # it is a generator
    assert len(begun) <= 1 + LANES


def test_lanes_wait_at_the_same_time() -> None:
    together = threading.Barrier(LANES, timeout=10)

    def do(order: Order[object]) -> Receipt:
        if order is not orders[0]:
            together.wait()
        return Receipt(order.permit.key, Outcome.PERFORMED)

    orders = make_orders("email", 1 + 2 * LANES)
    began = time.monotonic()
    assert len(list(side_by_side(orders, LANES, do))) == len(orders)
    assert time.monotonic() - began < 10
