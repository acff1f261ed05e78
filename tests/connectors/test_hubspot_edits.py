"""What people change in HubSpot is told once found, ours is not, and nothing is stepped over."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.crm.hubspot import Hubspot
from offswitch.act.ports import Edit
from offswitch.errors import Permanent
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.fakes.hubspot import FakeHubspot
from tests.connectors.hubspot_rig import MONA, hubspot_at, hubspot_before, order, write


@pytest.fixture
def fake() -> FakeHubspot:
    return FakeHubspot()


@pytest.fixture
def hubspot(fake: FakeHubspot) -> Iterator[Hubspot]:
    with hubspot_before(fake) as made:
        yield made


def all_edits(hubspot: Hubspot, cursor: str) -> tuple[list[Edit], str]:
    found: list[Edit] = []
    for _ in range(20):
        edits = hubspot.edits(cursor)
        found += edits.found
        cursor = edits.cursor
        if not edits.more:
            return found, cursor
    raise AssertionError("it never comes to an end")


def test_a_persons_change_is_an_edit_and_ours_is_none(hubspot: Hubspot, fake: FakeHubspot) -> None:
    _, cursor = all_edits(hubspot, "")
    write(hubspot, order(stage="lead", city="Doha"))
    fake.edit(MONA, lifecyclestage="customer", company="not watched")
    (edit,), _ = all_edits(hubspot, cursor)
    assert (edit.email, dict(edit.values), edit.by) == (MONA, {"stage": "customer"}, "9")


def test_the_first_look_begins_now() -> None:
    fake = FakeHubspot(behind=timedelta(seconds=9))
    fake.edit(MONA, city="Doha")
    with hubspot_before(fake) as hubspot:
        first, cursor = all_edits(hubspot, "")
        assert first == all_edits(hubspot, cursor)[0] == []


def test_a_change_that_the_search_learns_of_late_is_told_the_next_time(hubspot: Hubspot, fake: FakeHubspot) -> None:
    _, cursor = all_edits(hubspot, "")
    fake.lag = timedelta(minutes=1)
    fake.edit(MONA, city="Doha")
    nothing, cursor = all_edits(hubspot, cursor)
    fake.lag = timedelta(0)
    (edit,), _ = all_edits(hubspot, cursor)
    assert (nothing, edit.values) == ([], {"city": "Doha"})


def test_a_change_told_twice_bears_one_id(hubspot: Hubspot, fake: FakeHubspot) -> None:
    _, cursor = all_edits(hubspot, "")
    fake.edit(MONA, city="Doha")
    first, cursor = all_edits(hubspot, cursor)
    second, _ = all_edits(hubspot, cursor)
    assert [edit.id for edit in first] == [edit.id for edit in second]


@pytest.mark.parametrize("at_one_time", [False, True])
def test_no_page_is_stepped_over(hubspot: Hubspot, fake: FakeHubspot, at_one_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _, cursor = all_edits(hubspot, "")
    if at_one_time:
        now = fake.now() + timedelta(milliseconds=1)
        monkeypatch.setattr(fake, "now", lambda: now)
    people = [f"p{number}@example.com" for number in range(120)]
    for person in people:
        fake.edit(person, city="Doha")
    monkeypatch.undo()
    found, _ = all_edits(hubspot, cursor)
    assert {edit.email for edit in found} == set(people)


def test_what_is_changed_while_we_page_is_told(hubspot: Hubspot, fake: FakeHubspot) -> None:
    _, cursor = all_edits(hubspot, "")
    people = [f"p{number}@example.com" for number in range(60)]
    for person in people:
        fake.edit(person, city="Doha")
    again: Any = iter(people[:5])

    def before(asked: Asked) -> None:
        if asked.path.endswith("/search"):
            fake.edit(next(again, people[5]), city="Riyadh")

    fake.before = before
    found, _ = all_edits(hubspot, cursor)
    assert {edit.email for edit in found if edit.values["city"] == "Doha"} == set(people)


def test_a_search_that_fails_raises_and_a_wrong_cursor_says_so(hubspot: Hubspot) -> None:
    with ScriptedHttpServer(answer=FakeHubspot().answer) as server, hubspot_at(server.url, token="wrong") as stranger:
        with pytest.raises(Permanent, match="401"):
            stranger.edits("")
        with pytest.raises(Permanent, match="401"):
            stranger.read([MONA])
    with pytest.raises(ValueError, match="no cursor"):
        hubspot.edits("yesterday")
