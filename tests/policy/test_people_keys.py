"""Who decides what, up to which amount, and how far one approval reaches: what is in force, and which changes void an approval."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.policy.authority import Role, ceiling
from offswitch.policy.launch import Launch, MoreBy
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.money import Money, money
from offswitch.policy.schema import Cap, CompanyPolicy, FlowPolicy, Human, canonical, effective, not_looser

DAY = timedelta(days=1)


def _load(folder: Path, company: str = "", flow: str = "") -> tuple[FlowPolicy, CompanyPolicy]:
    for name, lines in (("company", company), ("welcome", flow)):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text() + (lines + "\n" if lines else ""))
    found = load_company(folder)
    return load_flow(folder, "welcome", found), found


def test_s0_24_whatever_is_written_people_decide_every_class_and_words_of_ones_own_besides(folder: Path) -> None:
    now = effective(*_load(folder, "humans_decide: [price, public_apology]", "humans_decide: [refund_letter]"))
    assert now.humans_decide == {*Human, "public_apology", "refund_letter"}


def test_who_writes_nothing_has_one_yes_for_500_a_day_for_half_a_year_and_half_as_many_more(folder: Path) -> None:
    assert effective(*_load(folder)).launch == Launch(Cap(500, DAY), 180 * DAY, MoreBy(50))


def test_the_word_of_the_flow_wins_over_that_of_the_company(folder: Path) -> None:
    company = "mass: 200 per day\napproved_for: 90d\napproved_growth: any"
    now = effective(*_load(folder, company, "mass: 1000000 per week\napproved_growth: 20%"))
    assert now.launch == Launch(Cap(1_000_000, 7 * DAY), 90 * DAY, MoreBy(20))


def test_the_matrix_is_by_class_and_role(folder: Path) -> None:
    lines = "authority:\n  operator:\n    compensation: 2,000 SAR\n    price: 0\n  approver: {compensation: any}"
    now = effective(*_load(folder, lines)).authority
    shown = {one: {role: str(most) for role, most in theirs.items()} for one, theirs in now.ceilings.items()}
    assert shown == {"compensation": {Role.OPERATOR: "2,000 SAR", Role.APPROVER: "any"}, "price": {Role.OPERATOR: "0"}}
    assert (now.owner, now.members["mariam@bayan.example"].team) == ("mariam@bayan.example", True)


CHANGES = [  # key, approved, now, still approved
    ("mass", "500 per day", "200 per day", True),
    ("mass", "500 per day", "500 per week", True),
    ("mass", "500 per day", "501 per day", False),
    ("mass", "500 per day", "500 per hour", False),
    ("approved_for", "180d", "90d", True),
    ("approved_for", "180d", "181d", False),
    ("approved_growth", "any", "50%", True),
    ("approved_growth", "50%", "0%", True),
    ("approved_growth", "50%", "any", False),
    ("approved_growth", "50%", "51%", False),
]


@pytest.mark.parametrize(("key", "before", "after", "holds"), CHANGES)
def test_only_a_stricter_reach_stays_approved(folder: Path, key: str, before: Any, after: Any, holds: bool) -> None:
    now = canonical(*_load(folder))
    assert not_looser({**now, key: before}, {**now, key: after}) == ([] if holds else [key])


def test_what_an_approval_is_about_says_its_reach(folder: Path) -> None:
    said = canonical(*_load(folder))
    assert (said["mass"], said["approved_for"], said["approved_growth"]) == ("500 per day", "180d", "50%")


@given(st.integers(0, 10**9), st.sampled_from(["SAR", "KWD", "JPY"]))
def test_an_amount_is_read_as_it_is_shown(cents: int, currency: str) -> None:
    shown = str(Money(money(f"1 {currency}").amount * cents, currency))
    assert money(shown) == Money(money(f"{cents} {currency}").amount, currency)
    assert ceiling(shown).covers(money(shown))
