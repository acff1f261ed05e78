"""What became of a letter, as Resend, Postmark and Amazon SES tell it: their documented payloads through the files in sources/."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from standardwebhooks import Webhook

from connectors.inbound.source import Source, load
from offswitch.events import Opened
from offswitch.intake.receive import Received, receive
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.model.event import KINDS, Happened
from offswitch.model.post import Post
from offswitch.model.submission import Submission
from offswitch.testing.fakes import make_contact
from tests.connectors.openapi import document_of

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "sources"
NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
KEY = "e1/confirm/1/send:confirm"
MONA = "mona@example.com"


def source(name: str) -> Source:
    found = load(SOURCES, name)
    assert found is not None
    return found


def body(payload: str) -> bytes:
    return (HERE / "payloads" / f"{payload}.json").read_bytes()


def read(payload: str, id: str = "post-1") -> list[Submission]:
    brought = source(payload.partition("_")[0]).read(Post(body(payload)), id, NOW, frozenset(KINDS))
    assert all(isinstance(one, Submission) for one in brought.found), brought.found
    return [one for one in brought.found if isinstance(one, Submission)]


@pytest.mark.parametrize("told", [{"type": "OnAccountSuppressionList"}, {"reason": "manual"}, {}])
def test_a_letter_that_resend_did_not_even_try_is_never_overlooked(told: dict[str, str]) -> None:
    """Its page and its SDK know a type and no reason: https://resend.com/docs/webhooks/emails/suppressed"""
    came = json.loads(body("resend_suppressed"))
    came["data"]["suppressed"] = {"message": "Resend has suppressed sending to this address.", **told}
    brought = source("resend").read(Post(json.dumps(came).encode()), "post-1", NOW, frozenset(KINDS))
    assert [(one.kind, one.data["hard"]) for one in brought.found if isinstance(one, Submission)] == [("message.bounced", True)]


@pytest.mark.parametrize(
    ("payload", "kind", "data"),
    [
        *((f"{name}_delivered", "message.delivered", {}) for name in ("resend", "postmark", "ses")),
        *((f"{name}_opened", "message.opened", {"machine": False}) for name in ("resend", "postmark", "ses")),
        ("resend_opened_at_once", "message.opened", {"machine": True}),
        ("postmark_opened_google", "message.opened", {"machine": True}),
        ("ses_opened_google", "message.opened", {"machine": True}),
        ("ses_opened_at_once", "message.opened", {"machine": True}),
        *((f"{name}_clicked", "message.clicked", {}) for name in ("resend", "postmark", "ses")),
        ("resend_bounced", "message.bounced", {"hard": True, "reason": "General"}),
        ("resend_bounced_soft", "message.bounced", {"hard": False, "reason": "MailboxFull"}),
        ("resend_suppressed", "message.bounced", {"hard": True}),
        ("resend_suppressed_complaint", "message.complained", {}),
        ("postmark_bounced", "message.bounced", {"hard": True, "reason": "HardBounce"}),
        ("postmark_bounced_soft", "message.bounced", {"hard": False, "reason": "SoftBounce"}),
        ("ses_bounced", "message.bounced", {"hard": True, "reason": "General"}),
        ("ses_bounced_soft", "message.bounced", {"hard": False, "reason": "MailboxFull"}),
        *((f"{name}_complained", "message.complained", {}) for name in ("resend", "postmark", "ses")),
    ],
)
def test_an_event_says_what_became_of_which_message(payload: str, kind: str, data: dict[str, Any]) -> None:
    (found,) = read(payload)
    assert (found.kind, found.email) == (kind, MONA)
    assert found.data == {"message": KEY} | data
    assert found.at == datetime(2026, 11, 22, 10, 5, 0, found.at.microsecond, UTC) or payload.endswith("at_once")


@pytest.mark.parametrize("payload", ["resend_left", "postmark_left", "ses_left"])
def test_who_leaves_at_the_provider_has_left_us(payload: str) -> None:
    (found,) = read(payload)
    assert (found.kind, found.email) == ("contact.unsubscribed", MONA)


@pytest.mark.parametrize(
    "payload",
    [
        "resend_clicked_filter",  # nobody reads in two seconds
        "ses_clicked_filter",
        "resend_delayed",
        "ses_sent",
        "ses_no_complaint",  # the person said that it is no spam
        "postmark_autoresponder",
        "postmark_back",
    ],
)
def test_what_says_nothing_about_the_person_is_ignored(payload: str) -> None:
    assert read(payload) == []


def test_an_open_by_a_machine_is_told_apart_where_flows_read_it() -> None:
    (found,) = read("ses_opened_google")
    event = Happened("1", found.kind, found.at, "c1", found.data).typed(Opened)
    assert (event.machine, event.message) == (True, KEY)


@pytest.mark.parametrize("name", ["postmark", "ses"])
def test_the_same_event_again_is_known_and_another_one_is_not(name: str) -> None:
    first, again = read(f"{name}_bounced", "post-1"), read(f"{name}_bounced", "post-2")
    assert [one.id for one in first] == [one.id for one in again]
    ids = [read(f"{name}_{what}")[0].id for what in ("delivered", "opened", "clicked", "bounced", "complained")]
    assert len(set(ids)) == 5
    assert MONA not in "".join(ids)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with found.write() as book:
        book.contacts.add(make_contact(email=MONA), MONA, NOW)
    yield found
    found.close()


@pytest.mark.parametrize("name", ["resend", "postmark", "ses"])
@pytest.mark.parametrize(("what", "suppressed"), [("bounced_soft", False), ("bounced", True), ("complained", True), ("opened", False)])
def test_a_hard_bounce_and_a_complaint_suppress_and_a_soft_bounce_does_not(ledger: Ledger, name: str, what: str, suppressed: bool) -> None:
    (found,) = read(f"{name}_{what}")
    with ledger.write() as book:
        assert [receive(book, found, NOW), receive(book, found, NOW)] == [Received.NEW, Received.KNOWN]
        assert bool(book.consent.suppressed(["c1"])) is suppressed


def test_the_payloads_of_resend_fit_its_own_document() -> None:
    document = document_of("resend.json")
    for path in (HERE / "payloads").glob("resend_*.json"):
        payload = json.loads(path.read_text(encoding="utf-8"))
        schema = document["webhooks"][payload["type"]]["post"]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(payload, schema | {"components": document["components"]}, jsonschema.Draft202012Validator)


def test_only_resend_and_postmark_themselves_are_believed() -> None:
    secret = "whsec_" + b64encode(bytes(range(24))).decode()
    sent, now = body("resend_bounced").decode(), datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", now, sent)
    headers = {"svix-id": "msg_1", "svix-timestamp": str(int(now.timestamp())), "svix-signature": signature}
    assert source("resend").verify(Post(sent.encode(), headers), [secret], now).id == "msg_1"
    basic = {"authorization": "Basic " + b64encode(b"hook:long-password").decode()}
    assert source("postmark").verify(Post(body("postmark_bounced"), basic), ["hook:long-password"], now).id
