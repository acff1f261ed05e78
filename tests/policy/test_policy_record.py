"""Answers written into a section: they are read as they were given, and nothing else of the file changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.errors import ConfigError
from offswitch.policy.edit import values_of
from offswitch.policy.record import Item, with_items
from offswitch.policy.strict import parse

WORRY = {"answer": "Will they call?", "by": "lina@bayan.example", "on": "2026-11-01"}
WRITTEN = '  worry:\n    answer: "Will they call?"\n    by: lina@bayan.example\n    on: 2026-11-01\n'
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf"]), min_size=1, max_size=40)


def section(text: str) -> dict[str, Any]:
    values = values_of(parse(text, "p.yaml"))
    assert isinstance(values, dict)
    return dict(values["readiness"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n\n# the ladder\nz: 2\n", f"a: 1\n\nreadiness:\n{WRITTEN}\n# the ladder\nz: 2\n"),
        ("z: 2", f"readiness:\n{WRITTEN}\nz: 2\n"),
        ("readiness: {}  # later\nz: 2\n", f"readiness:  # later\n{WRITTEN}z: 2\n"),
        ("readiness:\n  # old\n  worry: {answer: x}  # gone\n\n# z\nz: 2\n", f"readiness:\n  # old\n{WRITTEN}\n# z\nz: 2\n"),
        ("readiness:\n  runs: 3  # three\n  # end\nz: 2\n", f"readiness:\n  runs: 3  # three\n{WRITTEN}  # end\nz: 2\n"),
        ("readiness:\n  worry:\n    answer: |\n      a\n\n      b\n  runs: 3\n", f"readiness:\n{WRITTEN}  runs: 3\n"),
    ],
)
def test_an_answer_comes_where_it_belongs_and_comments_stay(before: str, after: str) -> None:
    assert with_items(before, "p.yaml", "readiness", {"worry": WORRY}) == after


def test_line_endings_stay() -> None:
    changed = with_items("a: 1\r\nz: 2\r\n", "p.yaml", "readiness", {"worry": WORRY})
    assert changed.count("\n") == changed.count("\r\n") == 8


def test_a_list_is_written_one_line_each() -> None:
    changed = with_items("z: 1\n", "p.yaml", "readiness", {"known": [{"by": "a@b.example", "on": "2026-11-01"}] * 2})
    assert changed.startswith("readiness:\n  known:\n    - {by: a@b.example, on: 2026-11-01}\n    - {by: a@b.example, on: 2026-11-01}\n")


@pytest.mark.parametrize("text", ["readiness: {runs: 3}\nz: 1\n", "readiness: soon\nz: 1\n", "readiness: [a]\nz: 1\n"])
def test_what_can_t_be_written_safely_is_left_to_people(text: str) -> None:
    with pytest.raises(ConfigError, match="write readiness: with each of its keys in a line of its own"):
        with_items(text, "p.yaml", "readiness", {"worry": WORRY})


@given(TEXTS, TEXTS)
def test_whatever_people_write_is_read_again(first: str, second: str) -> None:
    items: dict[str, Item] = {"worry": {"answer": first}, "waived": {"by": [first, second]}, "known": [{"by": second}]}
    before = "readiness:\n  worry: {answer: old}\n  # a comment\n  runs: 3\nz: 1\n"
    changed = with_items(before, "p.yaml", "readiness", items)
    assert section(changed) == {"runs": "3", **items}
    assert "  # a comment\n  runs: 3\n" in changed
    assert with_items(changed, "p.yaml", "readiness", items) == changed
