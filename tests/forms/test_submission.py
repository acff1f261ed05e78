from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.forms.strict_json import parse_json
from connectors.forms.submission import read_submission
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Consent, Reject, Submission
from tests.forms.bodies import BODIES, EMAIL, Case, form, person

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KINDS = ("form.submitted", "booking.created")


def read(body: bytes) -> Submission | Reject | Refusal:
    raw = parse_json(body)
    if isinstance(raw, Refusal):
        return raw
    return read_submission(raw, source="site", now=NOW, default_kind="form.submitted", known_kinds=KINDS)


def taken(body: bytes) -> Submission:
    found = read(body)
    assert isinstance(found, Submission), found
    return found


def said(found: Submission | Reject | Refusal) -> str:
    if isinstance(found, Refusal):
        return str(found)
    if isinstance(found, Reject):
        return f"reject: {found.reason}"
    agreed = ", agreed" if found.consent else ""
    return f"taken{agreed}" + "".join(f", warned: {warning}" for warning in found.warnings)


def test_the_catalogue_has_at_least_eighty_bodies_with_names_of_their_own() -> None:
    assert len({name for name, _, _ in BODIES}) == len(BODIES) >= 80


@pytest.mark.parametrize("case", BODIES, ids=[name for name, _, _ in BODIES])
def test_each_body_is_taken_or_turned_away_in_the_words_beside_it(case: Case) -> None:
    _, body, expected = case
    answer = said(read(body))
    assert answer == expected if expected == "taken" else answer.startswith(expected)


def test_nothing_that_is_said_to_a_sender_repeats_the_address() -> None:
    for _, body, _ in BODIES:
        assert "@example.com" not in said(read(body))


def test_a_full_form_is_read_into_its_parts() -> None:
    who = {"email": " Sara@Example.COM ", "name": "سارة", "country": "sa", "phone": "0501234567", "zone": "Asia/Riyadh", "tier": "gold"}
    found = taken(
        form(event="booking.created", at="2026-11-21T11:00:00+03:00", contact=who, consent={"marketing": "نعم", "wording": "أرسلوا لي"})
    )
    assert found.email == "Sara@example.com"
    assert found.kind == "booking.created"
    assert found.at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert found.contact == {"name": "سارة", "country": "SA", "phone": "+966501234567", "zone": "Asia/Riyadh", "tier": "gold"}
    assert found.consent == (Consent("marketing", "email", "أرسلوا لي"),)


def test_a_flat_form_means_the_same_as_a_nested_one() -> None:
    flat = taken(json.dumps({"id": "1", "email": EMAIL, "name": "Sara", "consent": "yes", "consent_wording": "ok", "utm": "x"}).encode())
    nested = taken(form(id="1", contact={"email": EMAIL, "name": "Sara"}, consent={"marketing": True, "wording": "ok"}, data={"utm": "x"}))
    assert (flat.contact, flat.consent, flat.data) == (nested.contact, nested.consent, nested.data)


def test_a_form_without_a_time_happened_when_it_came() -> None:
    assert taken(form()).at == NOW


def test_the_same_form_sent_again_later_has_the_same_digest() -> None:
    raw: dict[str, Any] = json.loads(form(data={"b": 1, "a": 2}))
    again: dict[str, Any] = json.loads(form(data={"a": 2, "b": 1}))
    first, second = (
        read_submission(one, source="site", now=now, default_kind="form.submitted", known_kinds=KINDS)
        for one, now in ((raw, NOW), (again, NOW + timedelta(hours=29)))
    )
    assert isinstance(first, Submission)
    assert isinstance(second, Submission)
    assert first.digest == second.digest


def test_another_answer_under_the_same_id_has_another_digest() -> None:
    assert taken(form(data={"a": 1})).digest != taken(form(data={"a": 2})).digest


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert taken(person(name="e\u0301")) == taken(person(name="\u00e9"))


def test_a_line_break_in_a_name_becomes_a_space() -> None:
    assert taken(person(name="Sara\r\nBcc: a@example.com")).contact["name"] == "Sara Bcc: a@example.com"


def test_lines_of_a_message_stay_lines() -> None:
    assert taken(form(data={"message": "one\r\ntwo\u2028three"})).data["message"] == "one\ntwo\nthree"


def test_a_message_may_be_ten_times_as_long_as_a_line() -> None:
    assert len(taken(form(data={"message": "x" * 20_000})).data["message"]) == 20_000
    assert said(read(form(data={"message": "x" * 20_001}))) == "reject: data.message is longer than 20,000 characters"


def test_what_nobody_can_see_is_taken_out_and_joiners_stay() -> None:
    assert taken(person(name="\u202eSa\x00\x1b\u2066ra\ufeff a\u200db")).contact["name"] == "Sara a\u200db"


def test_a_reject_keeps_the_form_as_it_came_for_a_person_to_mend() -> None:
    found = read(form(contact={"email": "no"}))
    assert isinstance(found, Reject)
    assert found.where == "site"
    assert found.row == {"id": "f-1", "contact": {"email": "no"}}
