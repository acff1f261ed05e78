"""The strict reader: what passes, what never crashes it, and bombs."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offswitch.errors import ConfigError, Problem
from offswitch.policy.node import Listing, Node, Scalar, Table
from offswitch.policy.strict import parse

WORDS = ["switch", ": ", "on", "\n  ", "- ", "# ", "&a", "*a", "!t", "---", "...", "<<", "21:00", "نعم", "\r\n", "\\U00FFFFFF", "\ud800"]
PIECES = st.sampled_from([*WORDS, *"[]{},:|>%?@`~=\\\"'\n\t\x00\u200f\u00a0\ufeff٥"])


def _quick(text: str) -> list[str]:
    started = perf_counter()
    with pytest.raises(ConfigError) as caught:
        parse(text, "p.yaml")
    assert perf_counter() - started < 5
    return [problem.what for problem in caught.value.problems]


def _tree_or_problems(text: str) -> Node | tuple[Problem, ...]:
    try:
        return parse(text, "p.yaml")
    except ConfigError as error:
        return error.problems


def _count(node: Node) -> int:
    if isinstance(node, Scalar):
        return 1
    inner = node.value if isinstance(node, Listing) else node.value.values()
    return 1 + sum(map(_count, inner))


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@example('a: "\\UFFFFFFFF"')
@example("%YAML 9999999999999999999.1\n---\na: b")
def test_any_text_is_a_tree_or_an_error_with_places(text: str) -> None:
    found = _tree_or_problems(text)
    assert isinstance(found, Table | Listing) or (
        isinstance(found, tuple) and found and all(problem.what and problem.path == "p.yaml" for problem in found)
    )


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.sampled_from(["on", "off", "no", "72h", "5%", "نعم"]), min_size=1)
)
def test_every_word_is_kept_as_it_is_written(words: dict[str, str]) -> None:
    node = parse("".join(f"{key}: {value}\n" for key, value in words.items()), "p.yaml")
    assert isinstance(node, Table)
    assert {key: value.value for key, value in node.value.items()} == words
    assert [value.line for value in node.value.values()] == list(range(1, len(words) + 1))


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[{"])
def test_a_bracket_bomb_is_an_error_and_not_a_crash(opening: str) -> None:
    bomb = opening * (60_000 // len(opening))
    assert any("nested deeper than 20 levels" in what for what in _quick(bomb))
    assert _quick(opening * 100_000) == ["is larger than 64 KiB"]


def test_an_anchor_bomb_is_an_error_and_grows_nothing() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    whats = _quick("\n".join(lines))
    assert "has an anchor (&a0)" in whats
    assert "uses an alias (*a38)" in whats


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: 21:00\nb: *x\na: .inf\nc: \u200bd\n", "p.yaml")
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(1, 4), (2, 4), (3, 1), (3, 4), (4, 4)]


def test_marks_of_direction_and_tabs_may_stand_in_comments_quotes_and_blocks() -> None:
    text = 'a: "\u200fنعم\t"  # \u200fتعليق\t\nb: |\n  \u200fسطر\n  x\ty\n# \t\u200b\nc: اتصل خلال ٥ دقائق\n'
    node = parse(text, "p.yaml")
    assert isinstance(node, Table)
    assert [value.value for value in node.value.values()] == ["\u200fنعم\t", "\u200fسطر\nx\ty\n", "اتصل خلال ٥ دقائق"]


def test_windows_line_endings_mean_the_same() -> None:
    text = "a: on\nb: |\n  one\n  two\nc: [x, y]\n"
    unix, windows = parse(text, "p.yaml"), parse(text.replace("\n", "\r\n"), "p.yaml")
    assert isinstance(unix, Table)
    assert isinstance(windows, Table)
    assert _count(unix) == _count(windows) == 6
    assert [(node.line, node.column) for node in unix.value.values()] == [(node.line, node.column) for node in windows.value.values()]
    assert unix.value["b"].value == windows.value["b"].value


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_a_file_that_says_nothing_is_an_error(text: str) -> None:
    assert len(_quick(text)) == 1


def test_a_second_look_at_a_hidden_end_of_line_in_a_comment() -> None:
    assert _quick("# harmless\u2028switch: on\nswitch: off\n") == ["holds line separator (U+2028)"]
