"""Opened three is not ignored three: what people do with a flow's messages, told from their events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offswitch.model.contact import Contact
from offswitch.model.engagement import Engagement, engagement
from offswitch.model.event import Happened
from offswitch.model.facts import Facts, Unknown
from offswitch.policy.conditions import condition, holds
from offswitch.policy.facts import Person, facts_of

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SENT = [(START + n * DAY, "nurture") for n in range(5)]


def did(kind: str, after: float, **data: Any) -> Happened:
    return Happened(f"{kind}{after}", kind, START + after * DAY, "c", data)


def opened(*days: int, **data: Any) -> list[Happened]:
    return [did("message.opened", day + 0.5, **data) for day in days]


@pytest.mark.parametrize(("opens", "enough"), [(2, False), (3, True), (4, True)])
def test_three_opened_are_engaged(opens: int, enough: bool) -> None:
    found = engagement("nurture", SENT, opened(*range(opens)))
    assert found == Engagement(engaged=opens, ignored=5 - opens)
    person = Person(Contact("c"), START, engagement=found)
    assert holds(condition("lead.engaged >= 3"), facts_of(person, ["lead.engaged"], {})).yes is enough


@pytest.mark.parametrize(("ignored", "enough"), [(2, False), (3, True), (4, True)])
def test_three_without_a_sign_of_life_are_ignored(ignored: int, enough: bool) -> None:
    found = engagement("nurture", SENT, [did("message.clicked", 4.5 - ignored)])
    assert (found.ignored >= 3, found.ignored) == (enough, ignored)


def test_what_a_machine_opens_is_no_sign_of_life() -> None:
    assert engagement("nurture", SENT, opened(0, 1, 2, machine=True)) == Engagement(0, 5)
    assert engagement("nurture", SENT, opened(0, 1, 2, machine="yes")) == Engagement(0, 5)


def test_a_click_or_a_reply_counts_whatever_the_opens_say_and_a_message_once() -> None:
    events = [*opened(2, machine=True), did("message.clicked", 2.6), did("message.replied", 2.7), *opened(2)]
    assert engagement("nurture", SENT, sorted(events, key=lambda one: one.at)) == Engagement(1, 2)


def test_it_belongs_to_the_latest_message_of_whatever_flow_unless_that_is_old() -> None:
    beside = sorted([*SENT, (START + 0.5 * DAY, "welcome")])
    assert engagement("nurture", beside, [did("message.clicked", 0.6)]) == Engagement(0, 4)
    assert engagement("nurture", SENT, [did("message.replied", 4 + 15)]) == Engagement(0, 0)


def test_a_form_is_a_sign_of_life_and_no_message_s_merit() -> None:
    assert engagement("nurture", SENT, [did("form.submitted", 3.5)]) == Engagement(0, 1)
    assert engagement("nurture", SENT, [did("message.complained", 3.5)]) == Engagement(0, 5)


def test_a_step_that_asks_without_anybody_knowing_is_a_person_s_question() -> None:
    assert Facts(START, Contact("c"), engagement=Engagement(3, 1)).engaged == 3
    with pytest.raises(Unknown, match="what the person did with the messages"):
        _ = Facts(START, Contact("c")).ignored
