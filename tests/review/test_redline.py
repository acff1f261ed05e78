from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.review.redline import Mark, redline, redline_of_lines

text = st.lists(st.sampled_from(["We ", "have ", "your\n", "message. ", "\n", "وصلتنا ", "<b> ", "it", " "]), max_size=12).map("".join)


@pytest.mark.parametrize("mark_up", [redline, redline_of_lines])
@given(before=text, now=text)
def test_both_versions_can_be_read_out_of_the_marks(mark_up: object, before: str, now: str) -> None:
    pieces = mark_up(before, now)  # type: ignore[operator]
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.GONE) == now
    assert all(piece.text for piece in pieces)


def test_only_the_words_that_differ_are_marked() -> None:
    assert redline("We have your message, Amina", "We got your message, Amina") == [
        (Mark.SAME, "We "),
        (Mark.GONE, "have"),
        (Mark.NEW, "got"),
        (Mark.SAME, " your message, Amina"),
    ]


def test_code_is_marked_by_whole_lines() -> None:
    assert [piece.mark for piece in redline_of_lines("a\nb\n", "a\nc\n")] == [Mark.SAME, Mark.GONE, Mark.NEW]
