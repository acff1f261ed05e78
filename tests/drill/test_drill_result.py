"""What a drill prints, writes and keeps."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from offswitch.cli.drill import command
from offswitch.cli.status import command as status
from offswitch.drill.evidence import save_evidence
from offswitch.drill.look import Violation
from offswitch.drill.page import as_html
from offswitch.drill.people import START
from offswitch.drill.result import Found, as_json
from offswitch.drill.show import as_text
from offswitch.drill.tally import INVARIANTS
from offswitch.drill.ways import WAYS
from offswitch.drill.words import INVARIANT_WORDS, WAYS_IN_ARABIC, WORDS
from offswitch.errors import Refused
from offswitch.policy.approvals import Subject
from offswitch.policy.drilled import last_drill, path_of

BROKEN = Violation("once", "p001@people.example got send:hello 2 times [killed once at begun]", 1, START + timedelta(hours=3))
GOOD = Found(
    "welcome", Subject("c", "t", {}), 7, 240, quick=False, ledger="sqlite", processes=True, at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    by="mariam@bayan.example", checks=Counter(dict.fromkeys(INVARIANTS, 1200)), boundaries=50, ways=Counter(way.name for way in WAYS),
    said=("chmod 000 does not stop this user from reading (root)",), runs=40, deaths=300, letters=12_000, seconds=123.4,
)  # fmt: skip
BAD = replace(GOOD, violations=(BROKEN, BROKEN), missed=("begun (value/send:value)",))


@pytest.mark.parametrize("found", [GOOD, BAD])
def test_the_text_fits_eighty_columns_and_repeats_itself(found: Found) -> None:
    lines = as_text(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].strip() == "offswitch drill welcome --seed 7"


def test_a_failure_shows_what_went_wrong_first_and_what_was_not_reached() -> None:
    text = as_text(BAD)
    assert "FAILED" in text
    assert "day 1, 09:00 UTC: p001@people.example got send:hello 2 times" in text
    assert "boundaries covered: 49 of 50" in text
    assert "begun (value/send:value)" in text


def test_the_json_says_all_of_it() -> None:
    said = json.loads(json.dumps(as_json([GOOD, BAD]), default=str))
    assert said["schema"] == "offswitch.drill/1"
    assert [one["passed"] for one in said["flows"]] == [True, False]
    assert said["flows"][1]["boundaries"] == {"all": 50, "covered": 49, "missed": ["begun (value/send:value)"]}
    assert said["flows"][1]["invariants"][1] == {"name": "once", "checks": 1200, "violations": 2}


def test_the_page_speaks_both_languages_and_loads_nothing() -> None:
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        page = as_html([GOOD, BAD], language)  # type: ignore[arg-type]
        assert f'<html lang="{language}" dir="{direction}">' in page
        assert not [word for word in ("http://", "https://", "<script", "src=") if word in page]


def test_what_people_wrote_is_no_markup_in_the_page() -> None:
    page = as_html([replace(BAD, violations=(replace(BROKEN, what="<b>x</b>"),))])
    assert "<b>x</b>" not in page


def test_no_word_is_missing_in_a_language() -> None:
    assert set(INVARIANT_WORDS) == set(INVARIANTS)
    assert {way.name for way in WAYS} <= set(WAYS_IN_ARABIC)
    assert all(english and arabic for english, arabic in WORDS.values())


def test_the_evidence_is_of_one_version(tmp_path: Path) -> None:
    path = save_evidence(tmp_path, BAD)
    assert path == path_of(tmp_path, "welcome")
    kept = last_drill(tmp_path, "welcome")
    assert kept is not None
    assert (kept.at, kept.passed) == (GOOD.at, False)
    assert kept.covers(GOOD.subject)
    assert not kept.covers(Subject("c", "other", {}))


def test_a_broken_evidence_file_counts_as_none(tmp_path: Path) -> None:
    path_of(tmp_path, "welcome").parent.mkdir(parents=True)
    path_of(tmp_path, "welcome").write_text("drilled: [", encoding="utf-8")
    assert last_drill(tmp_path, "welcome") is None
    assert last_drill(tmp_path, "other") is None


def test_status_shows_how_old_the_drill_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OFFSWITCH_POLICIES", str(tmp_path))
    save_evidence(tmp_path, replace(BAD, at=datetime.now(UTC) - timedelta(days=3)))
    shown = CliRunner().invoke(status, catch_exceptions=False).output
    assert "welcome 3 d ago and FAILED" in shown


def test_a_flow_without_a_policy_can_not_be_drilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_POLICIES", str(tmp_path))
    with pytest.raises(Refused, match="a flow without a policy"):
        CliRunner().invoke(command, ["welcome"], catch_exceptions=False)
    assert not [*tmp_path.iterdir()]
