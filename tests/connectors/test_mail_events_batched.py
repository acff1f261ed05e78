"""What became of a letter, as SendGrid and Mailgun tell it: their documented payloads through the files in sources/."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.inbound.source import Source, load
from offswitch.intake.receive import Received, receive
from offswitch.ledger.open import open_ledger
from offswitch.model.event import KINDS
from offswitch.model.post import Post
from offswitch.model.submission import Submission
from offswitch.testing.fakes import make_contact

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
AT = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
KEY = "e1/confirm/1/send:confirm"
MONA = "mona@example.com"
SOFT, HARD = {"hard": False}, {"hard": True}


def source(name: str) -> Source:
    found = load(HERE.parents[1] / "sources", name)
    assert found is not None
    return found


def body(payload: str) -> bytes:
    return (HERE / "payloads" / f"{payload}.json").read_bytes()


def read(name: str, content: bytes, id: str = "post-1") -> list[Submission]:
    brought = source(name).read(Post(content), id, NOW, frozenset(KINDS))
    assert all(isinstance(one, Submission) for one in brought.found), brought.found
    return [one for one in brought.found if isinstance(one, Submission)]


@pytest.mark.parametrize(
    ("payload", "kind", "data"),
    [
        ("sendgrid_delivered", "message.delivered", {}),
        ("sendgrid_opened", "message.opened", {"machine": False}),
        ("sendgrid_opened_apple", "message.opened", {"machine": True}),
        ("sendgrid_opened_google", "message.opened", {"machine": True}),
        ("sendgrid_clicked", "message.clicked", {}),
        ("sendgrid_bounced", "message.bounced", HARD | {"reason": "Invalid Address"}),
        ("sendgrid_bounced_blocked", "message.bounced", SOFT | {"reason": "Reputation"}),
        ("sendgrid_dropped_bounced", "message.bounced", HARD | {"reason": "Bounced Address"}),
        ("sendgrid_dropped_invalid", "message.bounced", HARD | {"reason": "Invalid"}),
        ("sendgrid_dropped_content", "message.bounced", SOFT | {"reason": "Spam Content"}),
        ("sendgrid_complained", "message.complained", {}),
        ("mailgun_delivered", "message.delivered", {}),
        ("mailgun_opened", "message.opened", {"machine": False}),
        ("mailgun_opened_apple", "message.opened", {"machine": True}),
        ("mailgun_clicked", "message.clicked", {}),
        ("mailgun_bounced", "message.bounced", HARD | {"reason": "bounce"}),
        ("mailgun_bounced_soft", "message.bounced", SOFT | {"reason": "old"}),
        ("mailgun_bounced_full", "message.bounced", SOFT | {"reason": "bounce"}),
        ("mailgun_suppressed_bounced", "message.bounced", HARD | {"reason": "suppress-bounce"}),
        ("mailgun_complained", "message.complained", {}),
    ],
)
def test_an_event_says_what_became_of_which_message(payload: str, kind: str, data: dict[str, Any]) -> None:
    (found,) = read(payload.partition("_")[0], body(payload))
    assert (found.kind, found.email) == (kind, MONA)
    assert found.data == {"message": KEY} | data
    assert found.at.replace(microsecond=0) == AT


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ("sendgrid_left", "contact.unsubscribed"),
        ("sendgrid_dropped_left", "contact.unsubscribed"),
        ("sendgrid_dropped_complained", "message.complained"),
        ("mailgun_left", "contact.unsubscribed"),
        ("mailgun_suppressed_left", "contact.unsubscribed"),
        ("mailgun_suppressed_complained", "message.complained"),
    ],
)
def test_who_left_or_complained_at_the_provider_has_done_so_with_us(payload: str, kind: str) -> None:
    assert {(found.kind, found.email) for found in read(payload.partition("_")[0], body(payload))} == {(kind, MONA)}


@pytest.mark.parametrize("payload", ["sendgrid_nothing", "mailgun_trying", "mailgun_clicked_filter", "mailgun_accepted"])
def test_what_says_nothing_about_the_person_is_ignored(payload: str) -> None:
    assert read(payload.partition("_")[0], body(payload)) == []


def test_a_post_of_many_events_brings_each_and_those_that_come_again_are_known(tmp_path: Path) -> None:
    names = ("delivered", "opened", "nothing", "clicked", "bounced")
    whole = json.dumps([event for name in names for event in json.loads(body(f"sendgrid_{name}"))]).encode()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with ledger.write() as book:
        book.contacts.add(make_contact(email=MONA), MONA, NOW)
        said = [[receive(book, one, NOW) for one in read("sendgrid", whole, f"post-{time}")] for time in range(46)]
        assert book.consent.suppressed(["c1"])
    ledger.close()
    assert said == [[Received.NEW] * 4, *[[Received.KNOWN] * 4] * 45]


def test_only_sendgrid_and_mailgun_themselves_are_believed() -> None:
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    moment, sent = str(int(now.timestamp())), body("sendgrid_bounced")
    signature = b64encode(key.sign(moment.encode() + sent, ec.ECDSA(hashes.SHA256()))).decode()
    name = "x-twilio-email-event-webhook-"
    post = Post(sent, {f"{name}signature": signature, f"{name}timestamp": moment})
    assert source("sendgrid").verify(post, [b64encode(public).decode()], now).id
    told = json.loads(body("mailgun_bounced"))
    told["signature"] = {"timestamp": moment, "token": "t" * 50}
    told["signature"]["signature"] = hmac(b"signing-key", f"{moment}{'t' * 50}".encode(), sha256).hexdigest()
    assert source("mailgun").verify(Post(json.dumps(told).encode()), ["signing-key"], now).id
