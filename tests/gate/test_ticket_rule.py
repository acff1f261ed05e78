"""S0-17: whoever waits for our support is left alone; a gate defers with a time and a reason."""

from datetime import timedelta

import pytest

from offswitch.events import TicketOpened, TicketSolved
from offswitch.gate.act import act
from offswitch.gate.case import MARKETING, RECORD, SERVICE
from offswitch.gate.standing import Stop
from offswitch.model.event import Happened
from offswitch.model.tickets import open_ticket
from offswitch.model.verdict import Answer
from tests.gate.cases import DAY, NOW, case_of, standing_of

HOUR = timedelta(hours=1)


def happened(kind: str, number: str, age: timedelta) -> Happened:
    return Happened(f"{kind}{number}{age}", kind, NOW - age, "c1", {"number": number})


def test_marketing_waits_an_hour_at_a_time_while_a_ticket_is_open() -> None:
    verdict = act(case_of(ticket=NOW - DAY))
    assert (verdict.answer, verdict.rule, verdict.until) == (Answer.DEFER, "ticket", NOW + HOUR)


def test_what_waited_a_week_for_it_is_skipped() -> None:
    late = case_of(ticket=NOW - 8 * DAY, since=NOW - 7 * DAY)
    assert act(late).answer is Answer.SKIP


def test_the_week_begins_with_the_ticket_where_that_came_later() -> None:
    verdict = act(case_of(ticket=NOW - 7 * DAY + HOUR / 2, since=NOW - 7 * DAY - HOUR))
    assert (verdict.answer, verdict.until) == (Answer.DEFER, NOW + HOUR / 2)


@pytest.mark.parametrize("purpose", [SERVICE, RECORD])
def test_service_mail_goes_on(purpose: str) -> None:
    assert act(case_of(ticket=NOW - DAY, purpose=purpose)).answer is Answer.ALLOW


def test_nobody_is_asked_to_send_it_by_hand_while_the_flow_is_off() -> None:
    off = standing_of(Stop("flow", "welcome", "welcome.yaml"))
    assert act(case_of(ticket=NOW - DAY, standing=off, purpose=MARKETING)).rule == "ticket"


@pytest.mark.parametrize(("events", "since"), [
    ((), None),
    ((happened(TicketOpened.kind, "1", DAY),), NOW - DAY),
    ((happened(TicketOpened.kind, "1", DAY), happened(TicketSolved.kind, "1", HOUR)), None),
    ((happened(TicketOpened.kind, "1", DAY), happened(TicketSolved.kind, "2", HOUR)), NOW - DAY),
    ((happened(TicketSolved.kind, "1", 2 * HOUR), happened(TicketOpened.kind, "1", HOUR)), NOW - HOUR),
    ((happened(TicketOpened.kind, "1", HOUR), happened(TicketOpened.kind, "2", 3 * DAY)), NOW - HOUR),
])  # fmt: skip
def test_a_ticket_is_open_until_its_own_number_is_solved(events: tuple[Happened, ...], since: object) -> None:
    assert open_ticket(events) == since
    assert open_ticket(reversed(events)) == since
