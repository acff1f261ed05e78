from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.welcome import welcome
from offswitch.cli import verbs
from offswitch.errors import Refused
from offswitch.forecast.asked import assumed, per_day
from offswitch.forecast.habits import Deed
from offswitch.forecast.newcomers import at_time_of, shifted
from offswitch.forecast.page import as_html
from offswitch.forecast.show import as_text
from offswitch.forecast.words import WORDS, Language
from tests.act.rig import Rig
from tests.forecast.real_days import foreseen
from tests.review.law import with_real_texts

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


class Elements(HTMLParser):
    """What a page is made of, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loads: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        self.labels += [value or "" for name, value in attrs if name == "aria-label"]


@pytest.mark.parametrize("days", [5, 60])
def test_the_terminal_shows_everything_in_eighty_columns(tmp_path: Path, days: int) -> None:
    rig = Rig(tmp_path / "project", welcome)
    with_real_texts(rig, welcome)
    rig.submit_all(*(f"p{number}" for number in range(30)))
    text = as_text(foreseen(rig, welcome, days, every=timedelta(hours=6)))
    assert max(map(len, text.splitlines())) <= 80
    assert "MAILS PER DAY" in text if days == 5 else "MAILS PER WEEK" in text
    assert "This is a forecast" in text
    assert "as said by whoever asked" in text
    rig.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_loads_nothing_and_says_its_charts_in_words(tmp_path: Path, language: Language) -> None:
    rig = Rig(tmp_path / "project", welcome)
    with_real_texts(rig, welcome)
    rig.submit("evil", name="<script>alert(1)</script>")
    page = Elements()
    page.feed(as_html(foreseen(rig, welcome, 5, every=timedelta(hours=6)), language))
    assert page.loads == []
    assert "script" not in page.names
    assert page.names.count("svg") == len(page.labels) == 2
    assert all(any(letter.isdecimal() for letter in label) for label in page.labels)
    rig.close()


def test_the_command_answers_as_json_and_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path / "project", welcome)
    with_real_texts(rig, welcome)
    for name in ("home", "policies", "messages"):
        monkeypatch.setenv(f"OFFSWITCH_{name.upper()}", str(tmp_path / "project" / name))
    page = tmp_path / "page.html"
    words = ["forecast", "welcome", "--days", "3", "--assume", "click=3%,answer=2h", "--inflow", "4 per day", "--html", str(page), "--json"]
    found = json.loads(CliRunner().invoke(verbs, words, catch_exceptions=False).stdout)
    assert (found["schema"], len(found["days"]), found["rests_on"]["answers_after"]) == ("offswitch.forecast/1", 3, "2h")
    assert found["rests_on"]["inflow"][0] == {"event": "form.submitted", "per_day": 4, "over_days": 28.0, "source": "said"}
    assert "<svg" in page.read_text("utf-8")
    rig.close()


def test_every_word_is_there_in_both_languages_with_the_same_gaps() -> None:
    for english, arabic in WORDS.values():
        assert arabic
        assert {part.partition("}")[0] for part in english.split("{")[1:]} == {part.partition("}")[0] for part in arabic.split("{")[1:]}


def test_assumptions_are_read_strictly() -> None:
    assert assumed(["click=3%, reply=0.5%", "answer=2d"]) == ({Deed.CLICK: 0.03, Deed.REPLY: 0.005}, timedelta(days=2))
    assert (per_day("40 per day"), per_day("10 per hour")) == (40, 240)
    for wrong in ("clik=3%", "click", "click=3", "answer=soon", "click=300%"):
        with pytest.raises(Refused, match="write bounce=1%, click=1%"):
            assumed([wrong])
    with pytest.raises(Refused, match="40 per day"):
        per_day("many")


def test_a_made_up_newcomer_comes_at_the_hour_of_the_real_one_and_plans_as_far_ahead() -> None:
    assert at_time_of(NOON - timedelta(days=9, hours=3), NOON) == NOON + timedelta(hours=21)
    booked = {"booking_id": "b1", "starts_at": "2025-03-04T09:00:00+00:00"}
    assert shifted("booking.created", booked, timedelta(days=10)) == {"booking_id": "b1", "starts_at": "2025-03-14T09:00:00+00:00"}
    assert shifted("booking.created", {"starts_at": "soon"}, timedelta(days=10)) == {"starts_at": "soon"}
