from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.act.collect import collect
from offswitch.errors import Refused
from offswitch.failpoints import watched
from offswitch.gate.standing import RESTORED, Stop
from offswitch.project import lists
from offswitch.project.lists import Listing, write_list
from offswitch.project.notices import standing_notices
from offswitch.worklist import snapshot
from offswitch.worklist.kept import Snapshot, folder_of, kept
from offswitch.worklist.snapshot import is_due
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import START, Rig
from tests.worklist.test_page import Page

MADE = Snapshot("echo", "support", START, START + timedelta(hours=72), 3, 2, 0, 9, 1, 0.5)


def written(rig: Rig) -> Path:
    """The folder, after everybody who waits has come in and the list has been written."""
    with rig.desk(tour) as desk:
        while collect(desk) is not None:
            pass
        write_list(rig.project, desk)
    return folder_of(rig.settings.home)


def table(folder: Path, flow: str = "tour") -> list[dict[str, str]]:
    with (folder / f"{flow}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_table_pages_and_index_say_the_same(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all("mona", "omar")
    folder = written(rig)
    assert sorted(contents(folder)) == ["index.html", "tour.ar.html", "tour.csv", "tour.en.html", "tour.json"]
    rows = table(folder)
    assert [row["title"] for row in rows] == ["send hello", "send more"] * 2
    assert [row["reach"] for row in rows[::2]] == [row["reach"] for row in rows[1::2]]
    for language in ("en", "ar"):
        page = Page((folder / f"tour.{language}.html").read_text(encoding="utf-8"))
        assert [page.having(id=f"item-{row['id']}") for row in rows] == [["article"]] * 4
    made = kept(folder)["tour"]
    assert (made.items, made.people, made.minutes, made.pages, made.team) == (4, 2, 12, 1, "support")
    assert 'href="tour.ar.html"' in (folder / "index.html").read_text(encoding="utf-8")


def test_pages_say_how_to_work_when_nothing_else_does_in_both_languages(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    folder = written(rig)
    pages = {path.name: Page(path.read_text(encoding="utf-8")).text for path in folder.glob("*.html")}
    for name in ("tour.en.html", "index.html"):
        assert "look into the sent mail" in pages[name]
    for name in ("tour.ar.html", "index.html"):
        assert "ابحث في البريد المرسل" in pages[name]
    assert "offswitch worklist import tour.csv --by YOU" in pages["tour.en.html"]


def test_a_long_list_is_split_into_pages_that_tear_nobody_apart(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "PAGE", 3)
    rig = rig_of(tour)
    rig.submit_all("a", "b", "c")
    folder = written(rig)
    pages = [(folder / name).read_text(encoding="utf-8").count("<article") for name in ("tour.en.html", "tour.en.2.html")]
    assert pages == [4, 2]
    rig.submit("goal", kind="check.started", who="a", consent=())
    written(rig)
    assert not (folder / "tour.en.2.html").exists()


def test_what_no_team_could_ever_do_stands_in_the_table_alone_and_the_last_page_says_so(
    rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PAGE", 2)
    monkeypatch.setattr(snapshot, "PAGES", 2)
    rig = rig_of(tour)
    rig.submit_all("a", "b", "c")
    folder = written(rig)
    pages = [Page((folder / name).read_text(encoding="utf-8")).text for name in ("tour.en.html", "tour.en.2.html")]
    assert ["It stands in the table alone" in page for page in pages] == [False, True]
    assert (len(table(folder)), kept(folder)["tour"].items, kept(folder)["tour"].pages) == (6, 6, 2)
    assert not (folder / "tour.en.3.html").exists()


@pytest.mark.parametrize("nth", [1, 2])
def test_a_kill_while_it_is_written_leaves_the_old_one_whole(rig_of: MakeRig, nth: int) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    before = contents(written(rig))
    rig.submit("omar")
    reached: list[str] = []

    def kill(point: str, _at: str) -> None:
        reached.append(point)
        if reached.count("in snapshot") == nth:
            raise KeyboardInterrupt

    with watched(kill), pytest.raises(KeyboardInterrupt):
        written(rig)
    assert contents(folder_of(rig.settings.home)) == before
    assert len(table(written(rig))) == 4


def test_what_a_killed_process_left_half_written_is_swept_away_later(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    left = folder_of(rig.settings.home) / ".tour-abcdefgh"
    left.mkdir(parents=True)
    (left / "tour.csv").write_text("half", encoding="utf-8")
    written(rig)
    assert left.exists()
    os.utime(left, (0, 0))
    written(rig)
    assert not left.exists()


def test_it_holds_no_secret_of_ours(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    folder = written(rig)
    secret = (rig.settings.home / "secret").read_bytes()
    assert not [name for name, content in contents(folder).items() if secret in content or str(rig.root).encode() in content]


@pytest.mark.parametrize(
    ("took", "age", "due"),
    [(0.5, 4, False), (0.5, 5, True), (30, 290, False), (30, 300, True), (900, 719, False), (900, 720, True), (900, -5, True)],
)
def test_writing_takes_at_most_a_tenth_of_the_time_and_none_gets_older_than_12_minutes(took: float, age: float, due: bool) -> None:
    assert is_due(replace(MADE, took=took), MADE.made + timedelta(seconds=age)) is due


def test_the_first_one_is_written_at_once() -> None:
    assert is_due(None, START)


def test_one_that_cant_be_written_is_told_once_and_stops_nothing(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    folder_of(rig.settings.home).write_text("in the way", encoding="utf-8")
    with rig.desk(echo) as desk:
        listing = Listing(rig.project, desk)
        listing.refresh()
    assert listing.trouble.startswith("echo: the list for the next 72 hours can't be written: ")


def test_between_batches_it_is_written_only_in_a_pass_that_takes_long(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    folder = folder_of(rig.settings.home)
    with rig.desk(echo) as desk:
        listing = Listing(rig.project, desk)
        listing.refresh(between=True)
        assert kept(folder) == {}
        rig.clock.advance(timedelta(seconds=61))
        listing.refresh(between=True)
        first = kept(folder)["echo"]
        rig.clock.advance(timedelta(seconds=59))
        listing.refresh(between=True)
        assert kept(folder)["echo"] == first
        listing.refresh()
        assert kept(folder)["echo"].made > first.made


def test_a_restored_ledger_writes_none_and_leaves_the_old_one(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(echo)
    with rig.desk(echo) as desk:
        write_list(rig.project, desk)
        before = contents(folder_of(rig.settings.home))
        look: Any = desk.switchboard.look
        stop = Stop("company", "", RESTORED, "", automatic=True)
        monkeypatch.setattr(desk.switchboard, "look", lambda book: replace(look(book), stops=(stop,)))
        with pytest.raises(Refused, match="the list from before stays"):
            lists.write_list(rig.project, desk)
    assert contents(folder_of(rig.settings.home)) == before


@pytest.mark.parametrize(("age", "told"), [(29, 0), (31, 1)])
def test_a_stale_one_while_workers_live_is_worth_an_alert(rig_of: MakeRig, age: int, told: int) -> None:
    rig = rig_of(echo)
    rig.project.flows.journeys["echo"] = echo
    with rig.desk(echo) as desk:
        write_list(rig.project, desk)
    rig.clock.advance(timedelta(minutes=age))
    rig.run(echo)
    assert [reason for reason, _ in standing_notices(rig.project)].count("stale snapshot echo") == told


def test_what_is_kept_can_be_read_again_and_what_is_broken_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "echo.json").write_text(json.dumps(MADE.to_json()), encoding="utf-8")
    (tmp_path / "tour.json").write_text("{", encoding="utf-8")
    assert kept(tmp_path) == {"echo": MADE}
    assert kept(tmp_path / "nowhere") == {}
