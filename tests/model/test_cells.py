from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.model.cells import safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠1"])
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "سارة", "1", "a@example.com", " x", "'=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_a_safe_cell_needs_no_second_apostrophe_and_loses_nothing(text: str) -> None:
    assert safe_cell(safe_cell(text)) == safe_cell(text)
    assert safe_cell(text).endswith(text)
