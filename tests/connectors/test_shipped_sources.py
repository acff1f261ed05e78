"""The sources that come along, each with what its provider documents: the hook's answer is the event that we mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.inbound.source import Source, load
from offswitch.model.event import KINDS
from offswitch.model.post import Brought, Post
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission

ROOT = Path(__file__).parents[2]
PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAIR = {"form": "Spring fair"}
GIFT = {"donation_id": "pi_3MmlLrLkdIwHu7ix0r5vRPmm", "amount": 12.345, "currency": "KWD"}
# Of each payload: the kind, the time (None: when it came), what is known of the person, and the data.
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "typeform.json": (
        "form.submitted",
        "2026-11-21T09:05:40",
        {"language": "ar"},
        FAIR | {"page": "/fair", "utm": "spring", "interest": "Wells"},
    ),
    "tally.json": (
        "form.submitted",
        "2026-11-21T09:05:40.889",
        {"phone": "+966501234567"},
        FAIR | {"utm": "spring", "message": "How can I help?\nThank you.", "interest": "Wells"},
    ),
    "jotform.multipart": ("form.submitted", "", {"phone": "+966501234567"}, FAIR | {"message": "How can I help?"}),
    "google_forms.json": (
        "form.submitted",
        "2026-11-21T09:05:40",
        {"language": "ar", "country": "SA", "phone": "+966501234567", "company": "بيان"},
        FAIR | {"message": "كيف أساعد؟"},
    ),
    "hubspot_forms.json": (
        "form.submitted",
        "2025-11-21T09:05:40",
        {"language": "ar", "country": "SA", "phone": "+966501234567"},
        {"form": "Spring fair: Contact us", "message": "How can I help?"},
    ),
    "stripe_charge.json": ("donation.succeeded", "2025-11-21T09:05:40", {"country": "KW"}, GIFT | {"project": "wells", "anonymous": False}),
    "stripe_refund.json": ("donation.refunded", "2025-11-21T10:12:20", {"country": "KW"}, GIFT),
    "stripe_checkout.json": (
        "donation.succeeded",
        "2025-11-21T09:05:40",
        {"language": "ar", "country": "SA"},
        {"donation_id": "pi_1OeKtQLkdIwHu7ix", "amount": 250, "currency": "SAR", "project": "wells"},
    ),
    "donation.json": (
        "donation.succeeded",
        "2026-11-21T09:05:40",
        {"language": "ar", "country": "SA"},
        {"donation_id": "d-1001", "amount": 1250.5, "currency": "SAR", "project": "wells", "anonymous": False},
    ),
    "zendesk.json": ("ticket.opened", "2026-11-21T09:05:40", {}, {"number": "35436"}),
    "chatwoot.json": ("ticket.solved", "2025-11-21T09:05:40.250", {"phone": "+966501234567"}, {"number": "42"}),
    "calcom.json": (
        "booking.created",
        "2026-11-21T09:05:40.538",
        {"language": "ar", "zone": "Asia/Riyadh"},
        {
            "booking_id": "bFJeNb2uX8ANpT3JL5EfXw",
            "starts_at": "2026-11-25T09:30:00+00:00",
            "title": "30 minutes between Omar Nasser and سارة الحداد",
        },
    ),
    "shipment.json": ("shipment.updated", "2025-11-21T09:05:40", {}, {"number": "SA123456789", "status": "outfordelivery"}),
}
AGREED = {"typeform.json", "tally.json", "jotform.multipart", "google_forms.json"}
OTHER_WORDS = {
    "stripe_charge.json": ("stripe", b'"charge.succeeded"', b'"charge.captured"'),
    "stripe_checkout.json": ("stripe_checkout", b'"paid"', b'"unpaid"'),
    "stripe_refund.json": ("stripe", b'"refunded": true', b'"refunded": false'),
    "chatwoot.json": ("chatwoot", b'"sara@example.com"', b"null"),
    "calcom.json": ("calcom", b"BOOKING_CREATED", b"MEETING_ENDED"),
}


def source(name: str) -> Source:
    found = load(ROOT / "sources", name)
    assert found is not None
    return found


def brought(name: str, body: bytes) -> Brought:
    return source(name).read(Post(body), "post-1", NOW, frozenset(KINDS))


def named(payload: str) -> str:
    stem = payload.partition(".")[0]
    return {"stripe_charge": "stripe", "stripe_refund": "stripe"}.get(stem, stem)


@pytest.mark.parametrize("payload", CASES)
def test_what_a_provider_documents_becomes_our_event(payload: str) -> None:
    kind, at, person, data = CASES[payload]
    [found] = brought(named(payload), (PAYLOADS / payload).read_bytes()).found
    assert isinstance(found, Submission), found
    assert (found.kind, found.email, found.warnings) == (kind, "sara@example.com", ())
    assert found.at == (datetime.fromisoformat(f"{at}+00:00") if at else NOW)
    assert (found.contact, found.data) == ({"name": "سارة الحداد"} | person, data)
    assert bool(found.consent) is (payload in AGREED)


@pytest.mark.parametrize("payload", OTHER_WORDS)
def test_what_is_not_meant_is_ignored(payload: str) -> None:
    name, word, other = OTHER_WORDS[payload]
    assert brought(name, (PAYLOADS / payload).read_bytes().replace(word, other)) == Brought([], 1)


def test_a_sheet_and_its_hook_bring_the_same_form() -> None:
    rows = list(source("google_forms").rows(PAYLOADS / "google_forms.csv", now=NOW, default_kind="", known_kinds=frozenset(KINDS)))
    [hooked] = brought("google_forms", (PAYLOADS / "google_forms.json").read_bytes()).found
    assert [type(row) for row in rows] == [Submission, Submission]
    assert isinstance(hooked, Submission)
    assert isinstance(rows[0], Submission)
    assert (rows[0].id, rows[0].digest) == (hooked.id, hooked.digest)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


def spoiled(value: Any, other: Any, draw: Callable[..., Any]) -> Any:
    """The same JSON with another value in one place."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        return value | {key: spoiled(value[key], other, draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], spoiled(value[place], other, draw), *value[place + 1 :]]
    return other


@pytest.mark.parametrize("payload", [name for name in CASES if name.endswith(".json")])
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_stands_in_one_place_it_is_taken_turned_away_or_refused(payload: str, data: st.DataObject) -> None:
    body = json.loads((PAYLOADS / payload).read_text("utf-8"))
    sample = json.dumps(spoiled(body, data.draw(JSON_VALUES), data.draw)).encode()
    with suppress(Refusal):
        assert all(isinstance(one, Submission | Reject) for one in brought(named(payload), sample).found)


@settings(max_examples=100)
@given(st.data())
def test_a_spoiled_form_of_parts_is_taken_turned_away_or_refused(data: st.DataObject) -> None:
    body = (PAYLOADS / "jotform.multipart").read_bytes()
    start = data.draw(st.integers(0, len(body)))
    cut = body[:start] + data.draw(st.binary(max_size=8)) + body[start + data.draw(st.integers(0, 40)) :]
    with suppress(Refusal):
        assert all(isinstance(one, Submission | Reject) for one in brought("jotform", cut).found)


def test_every_shipped_source_of_a_provider_has_a_payload() -> None:
    assert {named(payload) for payload in CASES} <= {path.stem for path in (ROOT / "sources").glob("*.yaml")}
