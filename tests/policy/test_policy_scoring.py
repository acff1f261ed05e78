"""From answers to points, tags and segment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.model.facts import Score
from offswitch.policy.load import load_scoring
from offswitch.policy.schema import ScoringPolicy
from offswitch.policy.scoring import score

SHEET = load_scoring(Path(__file__).parents[2] / "policies")
assert SHEET is not None
BEST = {"manual_process": "yes", "conversion_points": "yes", "team_size": "6-20", "budget": "yes", "timing": "now"}
ANSWERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text(), max_size=2),
    st.sampled_from(["yes", "no", "partly", "نعم"]),
)


def _score(answers: dict[str, Any]) -> Score:
    assert isinstance(SHEET, ScoringPolicy)
    return score(answers, SHEET)


def test_the_best_answers_are_ready_for_a_decision() -> None:
    tags = ("process_clear", "points_known", "team_medium", "budget_ready", "wants_now")
    assert _score(BEST) == Score(100, tags, "ready", "decision")


def test_no_answers_name_every_required_question_and_nobody_is_ready() -> None:
    assert _score({}) == Score(0, (), "not_ready", "engagement", ("manual_process", "conversion_points", "budget"))


@pytest.mark.parametrize("yes", [" YES ", "Yes", True, "نعم", "ｙｅｓ", "yes\n"])
def test_an_answer_counts_however_it_is_written(yes: object) -> None:
    assert _score({**BEST, "Budget ": yes, "budget": yes}).missing == ()


@pytest.mark.parametrize("answer", ["perhaps", "", None, ["yes"], {"yes": True}, 0.5, float("nan")])
def test_an_unknown_answer_counts_as_missing_and_is_never_guessed(answer: object) -> None:
    found = _score({**BEST, "budget": answer})
    assert (found.points, found.missing) == (80, ("budget",))


def test_a_number_is_the_answer_it_reads_as() -> None:
    assert "team_solo" in _score({**BEST, "team_size": 1}).tags
    assert "team_solo" in _score({**BEST, "team_size": 1.0}).tags


def test_fewer_points_than_the_last_band_are_in_the_last_band(folder: Path) -> None:
    path = folder / "scoring.yaml"
    path.write_text(path.read_text().replace("points: 0}", "points: -5}"), encoding="utf-8")
    sheet = load_scoring(folder)
    assert sheet is not None
    assert score({"budget": "no"}, sheet) == Score(-5, (), "not_ready", "trust")


@given(st.dictionaries(st.sampled_from([*BEST, "unknown"]), ANSWERS))
def test_any_answers_make_a_score_with_the_band_of_its_points(answers: dict[str, Any]) -> None:
    assert isinstance(SHEET, ScoringPolicy)
    found = _score(answers)
    assert found.segment == next(band.segment for band in SHEET.bands if found.points >= band.at_least)
    assert set(found.missing) <= {"manual_process", "conversion_points", "budget"}
    assert found == _score(dict(reversed(answers.items())))
