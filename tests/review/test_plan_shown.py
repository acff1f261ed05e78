from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows.welcome import welcome
from offswitch.gate.reasons import reason_in
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import canonical
from offswitch.project.plan import make_plan
from offswitch.review.document import SCHEMA, as_json
from offswitch.review.line import What
from offswitch.review.page import as_html
from offswitch.review.plan import PlanOfWork
from offswitch.review.show import as_text
from offswitch.review.words import WORDS, Language, key_in
from tests.act.rig import Rig
from tests.review.conftest import Site
from tests.review.law import ROOT, with_real_texts

EVIL = '</script><img src="https://evil.example/x.png" onerror="alert(1)">'


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[PlanOfWork]:
    rig = Rig(tmp_path / "project", welcome)
    with_real_texts(rig, welcome)
    rig.submit("mona")
    rig.submit("evil", name=EVIL)
    rig.submit("arab", name="عبد الرحمن السديري", contact={"language": "ar"})
    rig.submit("bounced")
    rig.submit("bounce", kind="message.bounced", who="bounced")
    yield make_plan(rig.project, welcome)
    rig.close()


class Loads(HTMLParser):
    """Gathers whatever a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inner: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [f"{tag} {name}" for name in named if name in ("src", "background", "poster", "data") or name.startswith("on")]
        if tag in ("script", "link", "object", "embed", "base", "form"):
            self.found.append(tag)
        if tag == "iframe":
            assert named.get("sandbox", "missing") in ("", None)
            self.inner.append(named["srcdoc"] or "")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_loads_nothing_and_runs_nothing(plan: PlanOfWork, language: Language) -> None:
    page = as_html(plan, language)
    outer = Loads()
    outer.feed(page)
    assert outer.found == []
    assert len(outer.inner) == len(plan.samples)
    for mail in outer.inner:
        inside = Loads()
        inside.feed(mail)
        assert inside.found == []
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\(", page)


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_reads_in_the_direction_of_its_language(plan: PlanOfWork, language: Language, direction: str) -> None:
    page = as_html(plan, language)
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"offswitch approve welcome --plan {plan.digest} --by" in page


def test_the_arabic_page_has_no_english_label_left(plan: PlanOfWork) -> None:
    shown = re.sub(r'srcdoc="[^"]*"|<bdi.*?</bdi>|<pre.*?</pre>', "", as_html(plan, "ar"), flags=re.DOTALL)
    english = [text for text, arabic in WORDS.values() if arabic != text and len(text) > 6 and " " in text]
    assert not [text for text in english if text in shown]


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    assert all(english.strip() and arabic.strip() for english, arabic in WORDS.values())
    assert all(re.search("[\u0600-\u06ff]", arabic) for _, arabic in WORDS.values())
    assert all(set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", arabic)) for english, arabic in WORDS.values())


def test_every_key_that_an_approval_covers_has_plain_words() -> None:
    company = load_company(ROOT / "policies")
    keys = canonical(load_flow(ROOT / "policies", "welcome", company), company)
    assert not [key for key in keys if key_in("en", key) == key or key_in("ar", key) == key]


@pytest.mark.parametrize(
    "reason",
    ["outside the rollout", "already 1 in 1 d", "quiet hours in Asia/Riyadh", "no consent for marketing by email", "49 hours late"],
)
def test_the_gate_s_reasons_are_told_in_arabic(reason: str) -> None:
    assert re.search("[\u0600-\u06ff]", reason_in("ar", reason))
    assert reason_in("en", reason) == reason


def test_text_fits_a_terminal_of_80_columns_and_cannot_steer_it(plan: PlanOfWork) -> None:
    first = plan.lines[0]
    odd = replace(first, contact=replace(first.contact, name="\x1b[2JEve\u202e"), what=What.SEND, then="greet", then_at=plan.made)
    plan.roll.at_hand.insert(0, odd)
    text = as_text(plan)
    assert max(map(len, text.splitlines())) <= 80
    assert "[2JEve <" in text
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]
    assert plan.digest in text


def test_the_json_holds_what_its_document_promises(plan: PlanOfWork) -> None:
    data = json.loads(json.dumps(as_json(plan)))
    promised = (ROOT / "docs/plan.md").read_text("utf-8")
    assert data["schema"] == SCHEMA
    assert SCHEMA in promised
    named = set(re.findall(r"`(\w+)`", promised))
    assert set(data) <= named
    assert set(data["people"][0]) | set(data["samples"][0]) | set(data["samples"][0]["letter"]) | set(data["summary"]) <= named


def test_the_numbers_of_the_json_add_up(plan: PlanOfWork) -> None:
    data = as_json(plan)
    assert sum(one["count"] for one in data["verdicts"]) == len(data["people"]) == 4
    assert data["summary"] == {"send": 3, "people": 3, "put_off": 0, "refused": 1, "by_hand": 0, "finish": 0}
    assert [one["reason"] for one in data["people"] if one["what"] == "exit"] == ["this address is suppressed for email"]


def test_the_command_prints_one_document_and_writes_one_page(site: Site, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    data = site.json("plan", "welcome", "--html", str(page), "--lang", "ar")
    assert data["flow"] == "welcome"
    assert data["digest"] in page.read_text("utf-8")
