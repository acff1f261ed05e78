from __future__ import annotations

import pytest

from offswitch.errors import ConfigError
from offswitch.messages.front_matter import split

GOOD = "---\nsubject: Hello\npurpose: service\nvalue: peace of mind\nask: 1\n---\nText\n"


def wrong(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        split(text, "messages/welcome/hello.en.md")
    return str(caught.value)


def test_head_and_body_are_told_apart_and_the_lines_above_the_body_counted() -> None:
    front, body, above = split(GOOD, "hello.en.md")
    assert (front.subject, front.purpose, front.value, front.ask) == ("Hello", "service", "peace of mind", 1)
    assert (body, above) == ("Text\n", 6)


def test_an_unknown_key_is_refused_with_its_place_and_the_likely_intent() -> None:
    said = wrong(GOOD.replace("subject:", "subject: Hi\nprehaeder:"))
    assert "messages/welcome/hello.en.md:3:1: unknown key 'prehaeder' (did you mean 'preheader'?)" in said


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    assert "hello.en.md:6:1: has the key 'ask' twice" in wrong(GOOD.replace("ask: 1\n", "ask: 1\nask: 2\n"))


def test_a_message_that_gives_the_reader_nothing_is_refused() -> None:
    assert "'value' is missing (what does the reader get from this message?)" in wrong(GOOD.replace("value: peace of mind\n", ""))
    assert "'value' is empty" in wrong(GOOD.replace("peace of mind", '" "'))


@pytest.mark.parametrize(("purpose", "said"), [("sevice", "did you mean 'service'?"), ("spam", "one of service, marketing")])
def test_a_purpose_beyond_the_two_is_refused(purpose: str, said: str) -> None:
    assert said in wrong(GOOD.replace("purpose: service", f"purpose: {purpose}"))


@pytest.mark.parametrize("ask", ["5", "-1", "yes", "[1]", "1.0"])
def test_an_ask_level_is_a_whole_number_from_0_to_4(ask: str) -> None:
    assert "hello.en.md:5:6" in wrong(GOOD.replace("ask: 1", f"ask: {ask}"))


def test_every_problem_of_a_head_is_named_at_once() -> None:
    said = wrong("---\nsubjekt: Hello\npurpose: nothing\n---\nText\n")
    assert len(said.splitlines()) == 5, said


def test_a_text_without_front_matter_is_refused_with_what_to_write() -> None:
    assert "has no front matter (begin with ---" in wrong("Hello\n")


def test_a_class_that_people_decide_is_one_of_ours_or_looks_like_none_of_them() -> None:
    front, _, _ = split(GOOD.replace("ask: 1", "ask: 1\ndecides: offer"), "x")
    assert front.kind == ("service", 1, "offer", "", "")
    assert "'decides' can't be 'ofer' (did you mean offer?" in wrong(GOOD.replace("ask: 1", "ask: 1\ndecides: ofer"))


def test_a_fallback_is_plain_text_for_a_variable() -> None:
    front, _, _ = split(GOOD.replace("ask: 1", 'ask: 1\nfallback: {first_name: friend, event.project: ""}'), "x")
    assert front.fallback == {"first_name": "friend", "event.project": ""}
    assert "is plain text" in wrong(GOOD.replace("ask: 1", "ask: 1\nfallback: {name: '{{ other }}'}"))
    assert "is no variable" in wrong(GOOD.replace("ask: 1", "ask: 1\nfallback: {First-Name: friend}"))
