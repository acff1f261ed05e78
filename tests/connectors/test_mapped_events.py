"""What becomes of an event: lookups, conversions, kinds, consent, and several events in one post."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.inbound.money import DECIMALS, whole_units
from connectors.inbound.source import Source, load
from offswitch.model.event import KINDS
from offswitch.model.post import Brought, Post
from offswitch.model.submission import Consent, Reject, Submission

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = {"signature": "stripe", "id": "id", "event": "form.submitted", "contact": "{email: email}"}
EVENT = {"id": "e-1", "email": "sara@example.com"}
NO_NUMBERS: list[Any] = ["a", "1e9", "NaN", True, [1], {}, "1.2.3", "9" * 40]
NO_ANSWERS: list[Any] = ["perhaps", 3, {}, ["yes", "no"]]
NO_SECONDS: list[Any] = ["x", True, [], 1e300, "NaN", "Infinity", -(10**15)]
NO_TIMES: list[Any] = [5, "yesterday", [], "2026-13-01"]


def source(folder: Path, **changed: str) -> Source:
    lines = {key: value for key, value in (GOOD | changed).items() if value}
    (folder / "shop.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()), encoding="utf-8")
    found = load(folder, "shop")
    assert found is not None
    return found


def brought(source: Source, body: Any) -> Brought:
    return source.read(Post(json.dumps(body).encode()), "post-1", NOW, frozenset(KINDS))


def one(source: Source, **event: Any) -> Submission:
    [found] = brought(source, EVENT | event).found
    assert isinstance(found, Submission), found
    return found


def rejected(source: Source, **event: Any) -> Reject:
    [found] = brought(source, EVENT | event).found
    assert isinstance(found, Reject), found
    return found


@pytest.mark.parametrize(
    ("conversion", "came", "becomes"),
    [
        ("text", ["Wells", 3, True, None], "Wells, 3, true"),
        ("lower", "OutForDelivery", "outfordelivery"),
        ("upper", "sar", "SAR"),
        ("number", "1,250.50", 1250.5),
        ("number", "١٢", 12),
        ("number", 7, 7),
        ("yes_no", "نعم", True),
        ("yes_no", False, False),
        ("unix", 1763715940, "2025-11-21T09:05:40+00:00"),
        ("unix", "1763715940.25", "2025-11-21T09:05:40.250000+00:00"),
        ("unix_ms", 1763715940250, "2025-11-21T09:05:40.250000+00:00"),
        ("iso", "2026-11-21T12:05:40+03:00", "2026-11-21T12:05:40+03:00"),
        ('"%d/%m/%Y %H:%M:%S", zone: Asia/Riyadh', "21/11/2026 12:05:40", "2026-11-21T12:05:40+03:00"),
    ],
)
def test_a_value_becomes_what_the_file_says(tmp_path: Path, conversion: str, came: Any, becomes: Any) -> None:
    found = one(source(tmp_path, data=f"{{x: {{from: x, as: {conversion}}}}}"), x=came).data["x"]
    assert (found, type(found)) == (becomes, type(becomes))


@pytest.mark.parametrize(
    ("conversion", "came"),
    [
        *[("number", bad) for bad in NO_NUMBERS],
        *[("yes_no", bad) for bad in NO_ANSWERS],
        *[("unix", bad) for bad in NO_SECONDS],
        *[("iso", bad) for bad in NO_TIMES],
        ("unix_ms", 10**18),
        ("unix_ms", "soon"),
        ("unix", "1e9999999"),
        ("text", {"a": 1}),
        ("lower", [{}]),
        ('"%d/%m/%Y"', "2026-11-21"),
        ("minor_units, currency: c", 1.5),
    ],
)
def test_what_cant_become_that_is_kept_as_it_came_with_the_reason(tmp_path: Path, conversion: str, came: Any) -> None:
    found = rejected(source(tmp_path, data=f"{{x: {{from: x, as: {conversion}}}}}"), x=came, c="SAR")
    assert found.reason.startswith("data.x: ")
    assert found.row["contact"] == {"email": "sara@example.com"}


@pytest.mark.parametrize(
    ("amount", "currency", "whole"),
    [
        (12345, "usd", 123.45),
        (500, "JPY", 500),
        (12345, "KWD", 12.345),
        ("25000", "sar", 250),
        (1, "CLF", 0.0001),
        (-500, "EGP", -5),
        (0, "BHD", 0),
    ],
)
def test_minor_units_follow_iso_4217(amount: int | str, currency: str, whole: float) -> None:
    assert whole_units(amount, currency, {}) == whole
    assert whole_units(500, "ISK", {"ISK": 2}) == 5  # as Stripe still counts it


@given(st.integers(-(10**12), 10**12), st.sampled_from([*DECIMALS, "SAR", "USD", "EGP"]))
def test_no_amount_is_lost_by_the_way(amount: int, currency: str) -> None:
    found = Decimal(str(whole_units(amount, currency, {})))
    assert found.scaleb(DECIMALS.get(currency, 2)) == amount


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(1, "XYZ"), (1, ""), (1, None), (1, 7), (True, "SAR"), (None, "SAR"), ("x", "SAR"), ("1e999", "SAR"), ("1e9999999", "SAR")],
)
def test_an_amount_without_a_currency_or_that_is_none_is_refused(tmp_path: Path, amount: Any, currency: Any) -> None:
    file = source(tmp_path, data="{amount: {from: a, as: minor_units, currency: c}}")
    if amount is None:
        assert "amount" not in one(file, a=amount, c=currency).data
    else:
        assert "amount" in rejected(file, a=amount, c=currency).reason


@pytest.mark.parametrize("conversion", ["number", "yes_no", "unix", "iso", "text"])
@pytest.mark.parametrize("came", [None, ""])
def test_nothing_is_left_out(tmp_path: Path, conversion: str, came: str | None) -> None:
    assert "x" not in one(source(tmp_path, data=f"{{x: {{from: x, as: {conversion}}}}}"), x=came).data


def test_words_that_nobody_asked_for_are_ignored_and_a_missing_word_is_not(tmp_path: Path) -> None:
    file = source(tmp_path, event="{from: type, map: {paid: form.submitted}}")
    assert one(file, type="paid").kind == "form.submitted"
    assert brought(file, EVENT | {"type": "created"}) == Brought([], 1)
    assert "word for the kind" in rejected(file).reason
    assert "word for the kind" in rejected(file, type=["paid"]).reason


@pytest.mark.parametrize(
    ("answer", "given"), [(True, True), ("yes", True), ("I agree", True), (["I agree"], True), ("I agree not", False), (None, False)]
)
def test_only_a_clear_yes_is_consent(tmp_path: Path, answer: Any, given: bool) -> None:
    found = one(source(tmp_path, consent='{from: news, yes: ["I agree"], wording: Send me news}'), news=answer)
    assert found.consent == ((Consent("marketing", "email", "Send me news"),) if given else ())


def test_each_event_of_a_post_is_by_itself(tmp_path: Path) -> None:
    file = source(tmp_path, each="events")
    people = [EVENT, EVENT | {"id": "e-2", "email": "nobody"}, EVENT | {"id": "e-3"}, "not an event"]
    found = brought(file, {"events": people}).found
    assert [one.id if isinstance(one, Submission) else one.reason.split(":")[0] for one in found] == [
        "e-1",
        "email is not an address",
        "e-3",
        "the event is not an object",
    ]


def test_an_event_without_an_id_of_its_own_has_the_posts(tmp_path: Path) -> None:
    file = source(tmp_path, id="")
    assert one(file).id == "post-1"
    assert [found.id for found in brought(file, [EVENT, EVENT]).found if isinstance(found, Submission)] == ["post-1:0", "post-1:1"]
    assert "id is missing" in rejected(source(tmp_path), id=None).reason


def test_data_that_make_no_event_of_their_kind_are_kept_for_a_person(tmp_path: Path) -> None:
    file = source(tmp_path, event="booking.created", data="{booking_id: b, starts_at: at}")
    assert one(file, b="b-1", at="2026-11-25T09:30:00Z").kind == "booking.created"
    assert rejected(file, b="b-1", at="soon").reason.startswith("data do not make a booking.created: starts_at")
    assert "soon" not in rejected(file, b="b-1", at="soon").reason


def test_a_word_of_the_sender_becomes_ours(tmp_path: Path) -> None:
    file = source(tmp_path, contact="{email: email, language: {from: l, map: {Arabic: ar}}, fields: {vip: {from: v, map: {true: gold}}}}")
    assert one(file, l="Arabic", v=True).contact == {"language": "ar", "vip": "gold"}


def test_questions_and_answers_in_arabic_are_looked_up_as_they_are(tmp_path: Path) -> None:
    person = """{email: {column: "البريد"}, language: "(\\"اللغة\\" == 'العربية' && 'ar') || 'en'"}"""
    file = source(tmp_path, contact=person, consent='{column: "هل نراسلك؟", yes: ["نعم، راسلوني"], wording: نعم، راسلوني}')
    found = one(file, **{"البريد": "sara@example.com", "اللغة": "العربية", "هل نراسلك؟": "نعم، راسلوني"})
    assert (found.email, found.contact, found.consent[0].wording) == ("sara@example.com", {"language": "ar"}, "نعم، راسلوني")


@pytest.mark.parametrize("wrong", ["x < `5`", "contains(email, n)", "floor(to_number(x))"])
def test_an_expression_that_trips_over_one_event_spoils_no_other(tmp_path: Path, wrong: str) -> None:
    """jmespath has errors of its own for most of that, and Python's for some."""
    file = source(tmp_path, each="people", id="id", data=f'{{x: "{wrong}"}}')
    people = [{"id": "1", "email": "a@example.com", "x": 1, "n": "a"}, {"id": "2", "email": "b@example.com", "x": "1e999"}]
    good, bad = brought(file, {"people": people}).found
    assert (type(good), type(bad)) == (Submission, Reject)


def test_functions_for_what_jmespath_lacks(tmp_path: Path) -> None:
    file = source(tmp_path, each='"each_with(from_json(text).people, {id: outer})"', contact="{email: lower(email)}")
    found = brought(file, {"outer": "o-1", "text": json.dumps({"people": [{"email": "A@EXAMPLE.COM"}]})}).found
    assert [(one.id, one.email) for one in found if isinstance(one, Submission)] == [("o-1", "a@example.com")]
