"""Every text that this project sends, in both languages, to people with ugly names (S0-14, S0-16)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.journey.graph import graph_of, variables_of
from offswitch.journey.journey import Journey
from offswitch.messages.library import Library
from tests.messages.letters import letter

LIBRARY = Library(Path(__file__).parents[2] / "messages")
JOURNEYS = (welcome, diagnostic_triage, donor_thanks)
TEXTS = [(journey.name, message, language) for journey in JOURNEYS for message in graph_of(journey).messages for language in ("en", "ar")]
NAMES = ("", "Sara", "عبد الرحمن محمد", "ali@example.org", "x" * 200, "\u202eilA", "{{7*7}}", "<script>", "*Ali* <b>", "Dr. Huda", ",", " ")
GIFT = {"donation_id": "D-1042", "amount": 250.0, "currency": "SAR", "project": "Nour Al-Huda", "anonymous": False}
ORPHANS = re.compile(r"(?:^|\s)[,،;؛.!?؟:](?!\w)", re.MULTILINE)
ARABIC = re.compile(r"[\u0600-\u06ff]")


@pytest.mark.parametrize(("flow", "message", "language"), TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_reads_well_whatever_the_name(flow: str, message: str, language: str, name: str) -> None:
    done = letter(LIBRARY.get(flow, message, language), name=name, segment="learning", event=GIFT)
    for part in (done.subject, done.text, done.html):
        assert "{{" not in part
        assert "{%" not in part
        assert "\u202e" not in part
    assert "<script>" not in done.html
    assert not ORPHANS.search(done.subject + "\n" + done.text)
    assert not re.search(r"[,،]\s*[,،]", done.text)


@pytest.mark.parametrize(("flow", "message", "language"), TEXTS)
@pytest.mark.parametrize("segment", ["ready", "not_ready", "something new"])
def test_every_text_reads_well_when_little_is_known(flow: str, message: str, language: str, segment: str) -> None:
    done = letter(LIBRARY.get(flow, message, language), name="", segment=segment, event={"donation_id": "", "amount": 0, "currency": ""})
    assert not ORPHANS.search(done.subject + "\n" + done.text)
    assert "\n\n\n" not in done.text


@pytest.mark.parametrize(("flow", "message", "language"), TEXTS)
def test_a_text_is_written_in_its_language(flow: str, message: str, language: str) -> None:
    text = LIBRARY.get(flow, message, language)
    prose = letter(text, name="", segment="ready", event={}).text.partition("-- \n")[0]
    letters = [sign for sign in prose if sign.isalpha()]
    arabic = len(ARABIC.findall(prose)) / len(letters)
    assert arabic > 0.8 if language == "ar" else arabic == 0


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_texts_and_steps_fit_together(journey: Journey) -> None:
    problems = LIBRARY.check(journey.name, graph_of(journey).messages, variables_of(journey))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("flow", "message", "language"), TEXTS)
def test_a_text_with_a_button_asks_and_one_without_does_not(flow: str, message: str, language: str) -> None:
    text = LIBRARY.get(flow, message, language)
    assert text.buttons == (1 if text.front.ask else 0)
    assert text.front.value


@pytest.mark.parametrize(("flow", "message", "language"), TEXTS)
def test_no_text_tells_a_number_without_a_source(flow: str, message: str, language: str) -> None:
    body = Path(LIBRARY.get(flow, message, language).path).read_text("utf-8").split("---\n", 2)[2]
    assert not re.findall(r"(?<![\w/])\d+(?!\. )|[٠-٩]+|%(?!\})", re.sub(r"\{[{%].*?[}%]\}", "", body, flags=re.DOTALL).replace("%}", ""))
