"""The outcome table: whatever a mail server does, the receipt says exactly what is certain."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.connector_contract import make_orders
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer

PERFORMED, RETRY, REJECTED, BROKEN, UNKNOWN = Outcome.PERFORMED, Outcome.RETRY, Outcome.REJECTED, Outcome.BROKEN, Outcome.UNKNOWN

NOT_SENT = [Fault(at, end=end) for at in (At.BANNER, At.EHLO, At.MAIL, At.RCPT, At.DATA) for end in ("cut", "reset", "hang")]
NONSENSE = [Fault(at, "hello there!") for at in (At.BANNER, At.EHLO, At.MAIL, At.RCPT, At.DATA)]
LATER = [Fault(at, f"{code} 4.3.0 later") for at in (At.MAIL, At.RCPT, At.DATA, At.DOT) for code in (450, 451, 452)]
CALLED_OFF = [Fault(at, "421 4.3.2 closing", "cut") for at in (At.BANNER, At.EHLO, At.MAIL, At.RCPT, At.DATA, At.DOT)]
CALLED_OFF += [Fault(At.DATA, f"354 go ahead\r\n{more}", "cut") for more in ("421 4.3.2 closing", "what?")]
ADDRESS = [Fault(At.RCPT, say) for say in ("550 5.1.1 no such user", "553 bad", "551 gone", "552 5.2.2 full", "501 5.1.3 syntax")]
CONTENT = [Fault(At.DOT, say) for say in ("554 5.6.0 unreadable", "552 5.3.4 too big", "550 no")]
OURS = [
    Fault(At.BANNER, "554 5.3.2 no", "cut"),
    Fault(At.MAIL, "530 5.7.0 authenticate first"),
    Fault(At.MAIL, "550 5.7.1 not you"),
    Fault(At.MAIL, "553 5.1.8 sender unknown"),
    Fault(At.RCPT, "554 5.7.1 relay access denied"),
    Fault(At.RCPT, "503 bad sequence"),
    Fault(At.DATA, "535 5.7.8 not you"),
    Fault(At.DOT, "550 5.7.26 DMARC"),
    Fault(At.DOT, "421 4.7.30 DKIM is missing", "cut"),
]
IN_DOUBT = [
    *(Fault(At.MID_BODY, end=end) for end in ("cut", "reset", "hang")),
    *(Fault(At.DOT, end=end, kept=kept) for end in ("cut", "reset", "hang") for kept in (True, False)),
    *(Fault(At.DOT, say, kept=kept) for say in ("what?", "354 more", "2xx", "25099") for kept in (True, False)),
]
TAKEN = [Fault(At.AFTER, end="cut"), Fault(At.QUIT, end="cut"), Fault(At.QUIT, end="hang")]

TABLE = [
    *((fault, RETRY) for fault in [*NOT_SENT, *NONSENSE, *LATER, *CALLED_OFF]),
    *((fault, REJECTED) for fault in [*ADDRESS, *CONTENT]),
    *((fault, BROKEN) for fault in OURS[1:]),
    (OURS[0], RETRY),
    *((fault, UNKNOWN) for fault in IN_DOUBT),
    *((fault, PERFORMED) for fault in TAKEN),
]


@contextmanager
def smtp_to(server: ScriptedSmtpServer, seconds: float = 10) -> Iterator[Smtp]:
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=server.port, timeout=seconds, data_timeout=seconds))
    yield smtp
    smtp.close()


def attempt(fault: Fault, *extensions: str) -> tuple[Receipt, int]:
    """The receipt of one letter, and how many messages the server holds afterwards."""
    seconds = 0.3 if fault.end == "hang" else 10
    with ScriptedSmtpServer({0: fault}, extensions=extensions) as server, smtp_to(server, seconds) as smtp:
        [receipt] = smtp.perform(make_orders("email", 1))
        smtp.close()
        return receipt, len(server.taken)


def name(value: object) -> str | None:
    return f"{value.at} {value.say or value.end}{' kept' if value.kept else ''}" if isinstance(value, Fault) else None


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelined", "one by one"])
@pytest.mark.parametrize(("fault", "outcome"), TABLE, ids=name)
def test_each_fault_has_its_outcome(fault: Fault, outcome: Outcome, extensions: tuple[str, ...]) -> None:
    receipt, held = attempt(fault, *extensions)
    assert receipt.outcome is outcome, receipt.reason
    assert held == (1 if outcome is PERFORMED or fault.kept else 0)
    assert receipt.reason
    assert receipt.reference == "<e0.confirm.1@example.org>"


@pytest.mark.parametrize("end", ["cut", "reset"])
def test_a_cut_right_after_354_is_never_called_sent(end: str) -> None:
    receipt, held = attempt(Fault(At.BODY, end=end), "PIPELINING")
    assert receipt.outcome in (RETRY, UNKNOWN)  # which one depends on whether a byte went out before the cut arrived
    assert held == 0


def test_a_reset_right_behind_the_acceptance_is_never_called_unsent() -> None:
    receipt, held = attempt(Fault(At.AFTER, end="reset"))
    assert receipt.outcome in (PERFORMED, UNKNOWN)  # a reset may overtake an answer that nobody has read yet
    assert held == 1


@pytest.mark.parametrize(("say", "refused"), [("550 5.1.1 no such user", True), ("550 gone", True), ("552 5.2.2 full", False)])
def test_only_an_address_that_does_not_exist_is_called_refused(say: str, refused: bool) -> None:
    assert attempt(Fault(At.RCPT, say))[0].address_refused is refused


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    receipts = list(Smtp(SmtpSettings(host="127.0.0.1", port=port)).perform(make_orders("email", 3)))
    assert [receipt.outcome for receipt in receipts] == [RETRY] * 3
    assert receipts[0].reason == "the mail server refused the connection; nothing was sent"


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    [receipt] = Smtp(SmtpSettings(host="mail.invalid")).perform(make_orders("email", 1))
    assert (receipt.outcome, receipt.reason) == (RETRY, "the mail server's name was not found; nothing was sent")


def test_an_endless_drip_of_bytes_ends_with_the_timeout() -> None:
    drip = "\r\n".join("250-2.0.0 more" for _ in range(300))
    receipt, held = attempt(Fault(At.DOT, drip, "hang", kept=True))
    assert (receipt.outcome, held) == (UNKNOWN, 1)


@pytest.mark.parametrize("say", ["550 5.1.1 <person0@example.com> unknown", "450 person0@example.com greylisted", "person0@example.com"])
def test_what_the_server_says_about_a_person_stays_out_of_the_reason(say: str) -> None:
    receipt, _ = attempt(Fault(At.RCPT, say))
    assert "person0" not in receipt.reason


def test_outcomes_of_one_call_stand_in_the_order_of_its_letters() -> None:
    script = {1: Fault(At.RCPT, "550 5.1.1 no"), 2: Fault(At.DOT, end="cut", kept=True), 3: Fault(At.MAIL, "421 4.3.2 busy", "cut")}
    with ScriptedSmtpServer(script) as server, smtp_to(server) as smtp:
        receipts = list(smtp.perform(make_orders("email", 5)))
        assert [receipt.outcome for receipt in receipts] == [PERFORMED, REJECTED, UNKNOWN, RETRY, RETRY]
        assert [taken.to for taken in server.taken] == ["person0@example.com", "person2@example.com"]
