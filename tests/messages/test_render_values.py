"""Values are values: nothing that a contact, an event or a step holds can act in a text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.messages.render import LARGEST, MissingVariable, render
from offswitch.messages.template import Template
from tests.messages.letters import SENDER, letter, sent, written


def test_a_name_is_shown_as_it_is_written_in_both_parts() -> None:
    done = letter(written("Hello {{ name }}!"), name="*Ali* <b>")
    assert "*Ali* &lt;b&gt;" in done.html
    assert "Hello *Ali* <b>!" in done.text


def test_a_value_with_template_code_is_shown_and_not_run() -> None:
    done = letter(written("You wrote: {{ event.message }}"), event={"message": "{{ 7*7 }} {% if x %}"})
    assert "{{ 7*7 }} {% if x %}" in done.text
    assert "49" not in done.text


@pytest.mark.parametrize("event", [{}, {"project": ""}, {"project": None}, {"project": " \u202e"}])
def test_a_missing_or_empty_variable_is_a_value_and_not_an_exception(event: Any) -> None:
    assert sent(written("For {{ event.project }}"), event=event) == MissingVariable("event.project")


def test_a_missing_event_is_a_missing_variable() -> None:
    assert sent(written("For {{ event.project }}")) == MissingVariable("event.project")


def test_a_missing_variable_in_a_subject_stops_the_message_too() -> None:
    assert sent(written("Hello", subject='"{{ title }}"')) == MissingVariable("title")


def test_a_fallback_stands_in_for_what_is_empty() -> None:
    text = written("For {{ event.project }}", more="fallback: {event.project: our work}\n")
    assert "For our work" in letter(text, event={"project": ""}).text
    assert "For the well" in letter(text, event={"project": "the well"}).text


def test_a_condition_may_ask_for_what_is_not_there() -> None:
    text = written("a{% if event.amount and event.currency %} {{ event.amount | money(event.currency) }}{% endif %}.")
    assert letter(text, event={}).text.startswith("a.")
    assert letter(text, event={"amount": 250.0, "currency": "SAR"}).text.startswith("a 250 Saudi riyals.")


def test_a_value_of_the_wrong_sort_is_a_missing_variable() -> None:
    done = sent(written("{{ event.amount | money(event.currency) }}"), event={"amount": "a lot", "currency": "SAR"})
    assert isinstance(done, MissingVariable)
    assert "a lot" not in str(done)


SPOKEN = [("en", "2,500.5 Saudi riyals; 5 November 2026; a, b and c"), ("ar", "2,500.5 ريال سعودي; 5 نوفمبر 2026; a وb وc")]


@pytest.mark.parametrize(("language", "shown"), SPOKEN)
def test_money_dates_and_lists_speak_the_language(language: str, shown: str) -> None:
    text = written("{{ amount | money('SAR') }}; {{ day | date }}; {{ tags | listed }}", language=language)
    assert letter(text, amount=2500.5, day=date(2026, 11, 5), tags=("a", "b", "c")).text.startswith(shown)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", 'https://a.example/ "x'])
def test_an_address_that_a_reader_may_not_follow_is_not_sent(url: str) -> None:
    assert isinstance(sent(written("[go]({{ target }})"), target=url), MissingVariable)


def test_a_value_inside_an_address_is_encoded() -> None:
    done = letter(written("[go](https://a.example/?n={{ name }})"), name='A&b "c"')
    assert 'href="https://a.example/?n=A%26b%20%22c%22"' in done.html


def test_a_value_that_is_no_message_text_is_not_sent() -> None:
    assert sent(written("{{ event.message }}"), event={"message": "x" * 5_000}) == MissingVariable("event.message")


def test_a_message_beyond_all_measure_is_not_sent() -> None:
    text = written("{{ event.message }}\n\n" * 60)
    done = sent(text, event={"message": "x" * 3_900})
    assert done == MissingVariable("text", f"is longer than {LARGEST} characters")


@pytest.mark.parametrize("value", [True, ["a"], {"b": 1}])
def test_what_would_show_code_is_not_printed(value: object) -> None:
    assert isinstance(sent(written("{{ thing }}"), thing=value), MissingVariable)


def test_nothing_but_fields_can_be_reached() -> None:
    for body in ("{{ event.items }}", "{{ name.upper }}", "{{ contact.__class__ }}", "{{ event.keys }}"):
        assert isinstance(sent(written(body), event={"a": 1}), MissingVariable), body


def test_a_step_can_not_take_over_our_own_names() -> None:
    text = written("{{ sender_name }} {{ first_name }} {{ privacy_url }}")
    done = letter(text, name="Sara", sender_name="Bank", first_name="Eve", privacy_url="https://evil.example")
    assert done.text.startswith("Huda Karimi, Bayan Sara https://bayan.example/p")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


FILTERS = ("a", "a | number", "a | date", "a | money('SAR')", "event.x | money(a)", "a | listed", "a | upper", "a | trim", "a.b.c")
ONE_FILTER_EACH = [written(f"Hello {{{{ {filtered} }}}} [l]({{{{ a }}}})", subject='"{{ a }}"') for filtered in FILTERS]


@given(st.sampled_from(ONE_FILTER_EACH), st.fixed_dictionaries({"a": VALUES, "event": VALUES}))
def test_whatever_the_values_are_rendering_answers_and_never_raises(text: Template, values: dict[str, Any]) -> None:
    done = render(text, values, SENDER)
    if not isinstance(done, MissingVariable):
        assert done.html.encode()
        assert "\n" not in done.subject
