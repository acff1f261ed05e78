"""What counts as slower: shares of a bare bound, never times. Nothing is measured here."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import NAMES
from bench.committed import losses, read, shares, write
from bench.measure import Case, Row, percentile, share, turns
from bench.report import document, table

FIGURES = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=9)


def row(of_bound: float | None, **over: float) -> Row:
    return Row("engine", "steps/s", (over.pop("figure", 100.0),), of_bound, **over)  # type: ignore[arg-type]


def test_half_of_the_committed_share_is_no_loss() -> None:
    assert not list(losses({"engine": 0.4}, [row(0.2)]))


def test_less_than_half_is_a_loss_that_says_all_three_shares() -> None:
    (loss,) = losses({"engine": 0.4}, [row(0.19)])
    assert loss == "engine: 0.19 of its bound; committed 0.40, at least 0.20 wanted"


def test_a_case_that_is_not_measured_any_more_is_a_loss() -> None:
    (loss,) = losses({"engine": 0.4}, [row(None)])
    assert "not measured" in loss


def test_a_case_that_nobody_committed_is_no_loss() -> None:
    assert not list(losses({}, [row(0.01)]))


def test_a_broken_promise_is_a_loss_however_fast_it_was() -> None:
    (loss,) = losses({"engine": 0.4}, [row(0.9, figure=2.0, at_most=1.0)])
    assert "never more than 1 promised" in loss
    assert not list(losses({"engine": 0.4}, [row(0.9, figure=1.0, at_most=1.0)]))


def test_only_shares_are_committed_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "committed.json"
    write({"python": "3.11"}, {"steps": {"engine": 0.4}}, path)
    write({"python": "3.12"}, shares({"mails": [row(0.25), row(None)]}), path)
    assert read(path) == {"steps": {"engine": 0.4}, "mails": {"engine": 0.25}}


@given(FIGURES)
def test_the_bound_reaches_all_of_itself(figures: list[float]) -> None:
    assert share("steps/s", figures, figures) == share("s", figures, figures) == 1


def test_more_a_second_and_less_time_are_both_better() -> None:
    assert share("steps/s", [50, 50, 50], [100, 100, 400]) == 0.5
    assert share("s", [2, 2, 2], [1, 1, 0.1]) == 0.5


def test_a_case_and_its_bound_take_turns() -> None:
    figures = iter([10.0, 4.0, 20.0, 8.0, 1.0, 0.4])
    bare, mine = turns([Case(name, "steps/s", lambda: next(figures), bound) for name, bound in (("bare", ""), ("mine", "bare"))], 3)
    assert list(bare.figures) == [10, 20, 1]
    assert bare.of_bound is None
    assert mine.of_bound == pytest.approx(0.4)


@given(st.lists(st.floats(0, 1000), min_size=1), st.floats(1, 100))
def test_a_percentile_is_a_figure_that_so_many_do_not_exceed(figures: list[float], percent: float) -> None:
    found = percentile(figures, percent)
    assert found in figures
    assert sum(figure <= found for figure in figures) >= len(figures) * percent / 100 - 1e-6


def test_the_report_is_80_columns_wide_and_its_json_keeps_every_case() -> None:
    rows = [row(0.4), Row("x" * 41, "decisions/s", (1_234_567.0, 2e6, 9e6), None, "500,000")]
    assert max(map(len, table("steps", "a title", rows).splitlines())) <= 80
    told = json.loads(document({"python": "3.11"}, {"steps": rows}))
    assert [one["name"] for one in told["benches"]["steps"]] == ["engine", "x" * 41]
    assert told["benches"]["steps"][1]["highest"] == 9e6


def test_the_title_of_every_benchmark_fits_into_a_line() -> None:
    titles = {name: import_module(f"bench.{name}").TITLE for name in NAMES}
    assert not [name for name, title in titles.items() if len(f"{name}: {title}") > 80]


def test_every_benchmark_with_a_bound_is_committed() -> None:
    committed = read()
    assert committed.keys() <= set(NAMES)
    assert {"decide", "steps", "mails", "cold"} <= committed.keys()
    assert all(0 < share < 2 for shares_of in committed.values() for share in shares_of.values())
