"""What marketers may write, and what it becomes."""

from __future__ import annotations

import time

import pytest

from offswitch.errors import ConfigError
from tests.messages.letters import letter, written

RUNAWAYS = (
    "{{ 'a'*10**9 }}",
    "{% for i in range(10**9) %}a{% endfor %}",
    "{{ 'a'|center(10**9) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ name.__class__.__mro__ }}{{ name() }}",
    "{% set x = 'a' * 1000000000 %}",
    "{% include 'secrets' %}",
    "{{ 'a'|replace('a', 'aaaaaaaaaa') }}",
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{{ name['x'] }}",
    "{% raw %}<script>{% endraw %}",
)


def refused(body: str, more: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        written(body, more=more)
    return str(caught.value)


@pytest.mark.parametrize("text", RUNAWAYS)
def test_a_text_that_could_run_away_is_refused_at_once_with_its_line(text: str) -> None:
    began = time.perf_counter()
    said = refused(f"Hello\n\nnext {text}\n")
    assert time.perf_counter() - began < 0.5
    assert said.startswith("messages/welcome/hello.en.md:9:6: "), said


def test_a_broken_tag_is_refused_with_its_line() -> None:
    assert refused("one\n\ntwo {{ name\n").startswith("messages/welcome/hello.en.md:9:")


def test_markdown_becomes_html_and_the_text_part_stays_plain() -> None:
    done = letter(written("# Title\n\nSome *soft* words\nand [a page](https://a.example/x).\n\n1. one\n2. two\n\n> said\n"))
    assert "<em>soft</em>" in done.html
    assert done.text.startswith("Title\n\nSome soft words and a page: https://a.example/x.\n\n1. one\n2. two\n\n> said\n")


def test_raw_html_in_a_text_is_shown_and_not_run() -> None:
    assert "<script>" not in letter(written("a <script>alert(1)</script> b")).html


def test_a_bold_link_alone_in_its_paragraph_is_the_button() -> None:
    text = written("Hello\n\n**[Start](https://a.example/)**\n\nmore **[not this](https://b.example/)**\n")
    assert text.buttons == 1
    assert 'class="button"' in letter(text).html


@pytest.mark.parametrize("body", ["x {% if a %}b\n\nc{% endif %}", "**{% if a %}b**{% endif %}", "[x]({% if a %}b{% endif %})"])
def test_a_condition_that_would_tear_the_html_apart_is_refused_with_its_line(body: str) -> None:
    above = "Hello\n\n{% if name\n   and first_name %}\nDear\n{% endif %}\n\n"
    assert "hello.en.md:14:" in refused(above + body)


@pytest.mark.parametrize(("segment", "text"), [("a", "Hello\n\nfor a"), ("b", "Hello\n\nfor b"), ("c", "Hello\n\nfor others")])
def test_a_condition_on_lines_of_its_own_chooses_whole_paragraphs(segment: str, text: str) -> None:
    body = 'Hello\n\n{% if segment == "a" %}\nfor a\n{% elif segment == "b" %}\nfor b\n{% else %}\nfor others\n{% endif %}\n\nBye\n'
    done = letter(written(body), segment=segment)
    assert done.text.startswith(text + "\n\nBye\n\n-- ")
    assert done.html.count("<p") == done.html.count("</p>")
    assert "<p></p>" not in done.html


def test_a_name_without_fallback_text_takes_comma_and_blank_along() -> None:
    text = written("Hello {{ first_name }},\n\nwelcome", subject='"We have it, {{ first_name }}"', more='fallback: {first_name: ""}\n')
    assert letter(text, name="").text.startswith("Hello,\n")
    assert letter(text, name="").subject == "We have it"
    assert letter(text, name="Sara").subject == "We have it, Sara"


@pytest.mark.parametrize("body", ["{{ first_name }}, hello", "Hello\n\n{{ first_name }}، مرحبًا", "“{{ first_name }}.”"])
def test_a_name_that_would_leave_a_lonely_comma_is_refused(body: str) -> None:
    assert "lonely comma" in refused(body, more='fallback: {first_name: ""}\n')


def test_the_frame_speaks_the_language_and_runs_its_way() -> None:
    arabic = letter(written("مرحبًا", language="ar")).html
    english = letter(written("Hello")).html
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "text-align: right" in arabic
    assert '<html lang="en" dir="ltr">' in english
    assert "text-align: left" in english


def test_styles_are_on_the_elements_and_the_dark_ones_in_the_head() -> None:
    html = letter(written("Hello")).html
    assert '<p style="' in html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 600px" in html
    assert html.index("<meta charset") < 200


def test_an_empty_message_is_refused() -> None:
    assert "has no text" in refused(" \n")
