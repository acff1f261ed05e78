"""A freeze and a crisis of the whole company: what is kept goes on, the rest goes to people or waits, and nothing comes back at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from offswitch import hours
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.receipt import Receipt
from offswitch.testing.fakes import FakeMailer
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig


@pytest.fixture
def rig(rig_of: MakeRig) -> Rig:
    """The first letter is service, the second marketing."""
    rig = rig_of(tour)
    rig.letter(tour, "more", purpose="marketing")
    rig.approve(tour)
    return rig


def company(rig: Rig, line: str) -> None:
    """Change a line of company.yaml."""
    path = rig.settings.policies / "company.yaml"
    rig.save(path, "\n".join([*(one for one in path.read_text("utf-8").splitlines() if not one.startswith("mode:")), line, ""]))


@pytest.mark.parametrize("course", ["freeze", "crisis"])
def test_service_mail_goes_on(rig: Rig, course: str) -> None:
    company(rig, f"mode: {{{course}: we rewrite all texts}}")
    rig.submit("mona")
    rig.run(tour)
    assert rig.sent() == ["mona"]


def test_in_a_freeze_marketing_is_peoples_work_and_says_why(rig: Rig) -> None:
    rig.submit("mona")
    rig.run(tour)
    company(rig, "mode: {freeze: we rewrite all texts}")
    rig.run(tour, timedelta(days=2))
    assert rig.sent() == ["mona"]
    with rig.desk(tour) as desk:
        (item,) = worklist(desk)
    assert "the company is in freeze (company.yaml): we rewrite all texts" in item.why


class Freezing(FakeMailer):
    """Somebody freezes the company while the fourth letter is on its way to the gate."""

    rig: Rig

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        for order in orders:
            if len(self.journal) == 3:
                company(self.rig, "mode: freeze")
            yield self._receipt(order.permit, order.payload)


def test_a_freeze_in_the_middle_of_a_batch_stops_before_the_next_letter(rig_of: MakeRig) -> None:
    mailer = Freezing()
    rig = mailer.rig = rig_of(tour, mailer=mailer)
    rig.letter(tour, "hello", purpose="marketing")
    rig.approve(tour)
    rig.submit_all(*(f"p{n}" for n in range(20)))
    for _ in range(3):
        rig.run(tour, timedelta(minutes=1))
    assert len(rig.sent()) == 3
    assert rig.effects(tour, Stage.RESERVED) == rig.effects(tour, Stage.UNKNOWN) == []
    with rig.desk(tour) as desk:
        assert Counter(item.step for item in worklist(desk)) == {"hello": 17, "more": 3}


def test_in_a_crisis_marketing_waits_and_goes_out_when_it_is_over(rig: Rig) -> None:
    rig.submit("mona")
    rig.run(tour)
    company(rig, "mode: crisis")
    for _ in range(3):
        rig.run(tour, timedelta(days=1))
    assert rig.sent() == ["mona"]
    with rig.desk(tour) as desk:
        assert worklist(desk) == []
    company(rig, "mode: normal")
    rig.run(tour)
    rig.run(tour, hours(2))
    assert rig.sent() == ["mona", "mona"]


def test_a_crisis_that_lasts_drops_what_has_waited_too_long(rig: Rig) -> None:
    rig.policy(tour, more="max_defer: 12h")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    company(rig, "mode: crisis")
    rig.clock.advance(timedelta(days=2))
    for _ in range(15):
        rig.run(tour, hours(1))
    assert rig.sent() == ["mona"]
    assert any(effect.rule == "mode" for effect in rig.effects(tour))
