"""The connection of the SMTP connector: reuse, patience with a bad server, permits, and who may be written to."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import make_orders
from offswitch.testing.fakes import ClosedGuard, make_letter, make_permit
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer

PERFORMED, RETRY = Outcome.PERFORMED, Outcome.RETRY


@contextmanager
def smtp_to(server: ScriptedSmtpServer) -> Iterator[Smtp]:
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=10, data_timeout=10))
    yield smtp
    smtp.close()


def send(smtp: Smtp, count: int) -> list[Outcome]:
    return [receipt.outcome for receipt in smtp.perform(make_orders("email", count))]


def wait_for_a_word_or_a_cut(smtp: Smtp) -> None:
    patience = time.monotonic() + 10
    while smtp._pool._idle and smtp._pool._idle[0].quiet() and time.monotonic() < patience:
        time.sleep(0.001)


def to(address: str) -> list[Order[Letter]]:
    return [Order(make_permit(recipient=address), make_letter(to=address))]


def test_one_connection_serves_many_letters_and_many_calls() -> None:
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        assert send(smtp, 5) + send(smtp, 5) == [PERFORMED] * 10
        assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_unseen() -> None:
    with ScriptedSmtpServer({0: Fault(At.AFTER, end="cut")}) as server, smtp_to(server) as smtp:
        assert send(smtp, 1) == [PERFORMED]
        wait_for_a_word_or_a_cut(smtp)
        assert send(smtp, 1) == [PERFORMED]
        assert (server.connections, len(server.taken)) == (2, 2)


def test_a_farewell_on_an_idle_connection_is_not_taken_for_an_answer() -> None:
    with ScriptedSmtpServer({0: Fault(At.AFTER, "421 4.4.2 idle too long", "cut")}) as server, smtp_to(server) as smtp:
        assert send(smtp, 1) == [PERFORMED]
        wait_for_a_word_or_a_cut(smtp)
        assert send(smtp, 1) == [PERFORMED]


def test_an_unreachable_server_is_asked_once_in_a_call() -> None:
    with ScriptedSmtpServer(always=Fault(At.BANNER, "421 4.3.2 busy", "cut")) as server, smtp_to(server) as smtp:
        assert send(smtp, 20) == [RETRY] * 20
        assert server.connections == 1


def test_a_server_that_always_cuts_leaves_two_letters_in_doubt_and_not_twenty() -> None:
    with ScriptedSmtpServer(always=Fault(At.DOT, end="cut", kept=True)) as server, smtp_to(server) as smtp:
        assert send(smtp, 20) == [Outcome.UNKNOWN] * 2 + [RETRY] * 18
        assert len(server.taken) == 2


def test_a_server_that_serves_few_letters_per_connection_still_gets_all() -> None:
    often = {number: Fault(At.MAIL, "421 4.7.0 enough for one connection", "cut") for number in range(2, 60, 3)}
    with ScriptedSmtpServer(often) as server, smtp_to(server) as smtp:
        outcomes = send(smtp, 30)
        assert outcomes.count(PERFORMED) == len(server.taken) == 20
        assert outcomes.count(RETRY) == 10


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()])
def test_a_refused_letter_leaves_the_connection_good_for_the_next(extensions: tuple[str, ...]) -> None:
    script = {0: Fault(At.MAIL, "451 4.3.0 no"), 1: Fault(At.RCPT, "550 5.1.1 no"), 2: Fault(At.DATA, "451 no"), 3: Fault(At.DOT, "554 no")}
    with ScriptedSmtpServer(script, extensions=extensions) as server, smtp_to(server) as smtp:
        assert send(smtp, 5)[-1] is PERFORMED
        assert server.connections == 1


@pytest.mark.parametrize("at", [At.MAIL, At.RCPT, At.DATA, At.DOT])
def test_a_connection_that_was_called_off_is_not_used_again_though_it_stays_open(at: At) -> None:
    with ScriptedSmtpServer({0: Fault(at, "421 4.3.2 closing")}) as server, smtp_to(server) as smtp:
        assert send(smtp, 2) == [RETRY, PERFORMED]
        assert server.connections == 2


def test_a_stop_after_rcpt_takes_the_letter_back() -> None:
    stopping = ClosedGuard("the flow was switched off", after=2)  # open before the connection and before MAIL
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        [receipt] = smtp.perform(make_orders("email", 1, guard=stopping))
        assert (receipt.outcome, receipt.reason) == (Outcome.LAPSED, "the flow was switched off")
        assert "RSET" in server.commands
        assert "DATA" not in server.commands
        assert send(smtp, 1) == [PERFORMED]
        assert server.connections == 1


def test_a_letter_abandoned_between_two_receipts_is_not_sent() -> None:
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        receipts = smtp.perform(make_orders("email", 3))
        next(receipts)
        assert len(server.taken) == 1


def test_letters_outside_ascii_in_the_address_need_smtputf8() -> None:
    with ScriptedSmtpServer(extensions=("PIPELINING",)) as server, smtp_to(server) as smtp:
        [receipt] = smtp.perform(to("منى@example.com"))
        assert receipt.outcome is Outcome.REJECTED
        assert "SMTPUTF8" in receipt.reason
        assert server.taken == []
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        assert [receipt.outcome for receipt in smtp.perform(to("منى@example.com"))] == [PERFORMED]
        assert server.taken[0].to == "منى@example.com"


def test_an_international_domain_goes_out_in_its_ascii_form() -> None:
    with ScriptedSmtpServer(extensions=()) as server, smtp_to(server) as smtp:
        assert [receipt.outcome for receipt in smtp.perform(to("mona@مثال.إختبار"))] == [PERFORMED]
        assert server.taken[0].to == "mona@xn--mgbh0fb.xn--kgbechtv"


@pytest.mark.parametrize("bad", ["", "mona", "mona@", "@example.com", "a@b.c,d@e.f", "a@b.c> RCPT TO:<d@e.f", "a@b.c\r\nDATA", "a b@c.d"])
def test_what_is_no_address_reaches_no_server(bad: str) -> None:
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        assert [receipt.outcome for receipt in smtp.perform(to(bad))] == [Outcome.REJECTED]
        assert server.connections == 0


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    text = ".\n..\n.hidden\nend\n"
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        [order] = make_orders("email", 1)
        list(smtp.perform([replace(order, payload=replace(order.payload, text=text, html=""))]))
        assert server.taken[0].data.endswith(b"\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n")


def test_a_message_of_a_megabyte_arrives_whole() -> None:
    with ScriptedSmtpServer() as server, smtp_to(server) as smtp:
        [order] = make_orders("email", 1)
        list(smtp.perform([replace(order, payload=replace(order.payload, text="مرحبا\n" * 100_000))]))
        assert len(server.taken[0].data) > 1_000_000
