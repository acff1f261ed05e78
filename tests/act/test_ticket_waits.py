"""S0-17, end to end: an open ticket holds marketing back, and a solved one lets it go within the hour."""

from offswitch import days, hours, minutes
from offswitch.events import TicketOpened, TicketSolved
from offswitch.model.event import Happened
from tests.act.conftest import MakeRig
from tests.act.journeys import echo
from tests.act.rig import Rig


def support(rig: Rig, kind: str) -> None:
    now = rig.clock.now()
    with rig.project.ledger.write() as book:
        book.events.add(Happened(f"desk:{kind}", kind, now, rig.person("mona"), {"number": "7"}, "desk", now), "d")


def test_it_goes_out_within_the_hour_after_the_ticket_is_solved(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.letter(echo, "hello", purpose="marketing")
    rig.approve(echo)
    rig.submit("mona")
    support(rig, TicketOpened.kind)
    rig.run(echo)
    rig.run(echo, days(2))
    assert (rig.sent(), rig.entry(echo).rule, rig.entry(echo).reason) == ([], "ticket", "a ticket is open")
    support(rig, TicketSolved.kind)
    rig.run(echo, minutes(1))
    rig.run(echo, hours(1))
    assert rig.sent() == ["mona"]
