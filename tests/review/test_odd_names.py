"""Whatever somebody writes into a form as a name is harmless text wherever colleagues or customers see it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from markupsafe import escape

from flows.welcome import welcome
from offswitch.project.plan import make_plan
from offswitch.review.page import as_html
from offswitch.review.people import write_people
from offswitch.review.show import as_text
from tests.act.rig import Rig
from tests.review.law import with_real_texts
from tests.review.scene import ADDRESS, FORMULA, LONG, MARKUP, ODD, TEMPLATE, TURNED

TRAITS = {
    "none": "no name",
    "markup": "markup in name",
    "template": "markup in name",
    "formula": "formula in name",
    "turned": "hidden letters",
    "address": "address as name",
    "long": "longest name",
}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", welcome)
    with_real_texts(made, welcome)
    for who, name in ODD.items():
        made.submit(who, name=name)
    yield made
    made.close()


def test_odd_names_are_harmless_in_report_terminal_table_and_mail(rig: Rig, tmp_path: Path) -> None:
    plan = make_plan(rig.project, welcome)
    page, text, table = as_html(plan), as_text(plan), tmp_path / "people.csv"
    assert MARKUP not in page
    assert all(str(escape(name)) in page for name in (MARKUP, TEMPLATE, ADDRESS))
    write_people(table, plan.roll)
    cells = [cell for row in csv.reader(table.read_text("utf-8-sig").splitlines()) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    mails = [part for one in plan.samples for part in (one.letter.subject, one.letter.text, one.letter.html)]
    assert not [one.id for one in plan.samples if MARKUP in one.letter.html]
    assert not [part for part in mails for name in (TEMPLATE, FORMULA, ADDRESS) if name in part]
    assert not [part for part in (page, text, *cells, *mails) if "\u202e" in part or "49 Bob" in part]


def test_each_oddity_is_among_the_drafts(rig: Rig) -> None:
    shown = {(one.contact.name, trait) for one in make_plan(rig.project, welcome).samples for trait in one.traits}
    assert {trait for _, trait in shown} >= set(TRAITS.values())
    assert (LONG, "longest name") in shown


def test_the_longest_and_oddest_names_are_looked_for_among_all_who_are_in_the_flow(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.run(welcome)
    monkeypatch.setattr("offswitch.review.draw_up.LOOKED_AT", 1)
    samples = make_plan(rig.project, welcome).samples
    assert {trait for one in samples for trait in one.traits} >= set(TRAITS.values())
    assert all(one.origin == "later" for one in samples if one.traits and one.message == "greet" and one.language == "en")


def test_of_those_inside_one_person_is_found_for_each_oddity(rig: Rig) -> None:
    rig.run(welcome)
    rig.submit("outside", name="X" * 60, kind="check.started")
    rig.submit_all(*(f"p{number}" for number in range(9)))
    rig.run(welcome)
    with rig.ledger.read() as book:
        found = {rig.address(one).partition("@")[0] for one in book.contacts.oddest("welcome")}
    assert set(ODD) <= found
    assert "outside" not in found


def test_a_page_shows_a_name_without_what_turns_the_line(rig: Rig) -> None:
    page: str = as_html(make_plan(rig.project, welcome))
    assert "Amrgnp.exe" in unescape(re.sub(r"<[^>]+>", "", page))
    assert TURNED not in page
