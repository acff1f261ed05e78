"""Nobody is lost and nothing is sent twice, whatever is switched, whoever dies, in whatever order."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from offswitch import days
from offswitch.act import advance
from offswitch.act.collect import collect
from offswitch.act.run import run
from offswitch.failpoints import POINTS, watched
from offswitch.ledger.verify import verify
from offswitch.model.entry import OVER, State
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import Answer
from tests.act.journeys import tour
from tests.act.rig import YES, Rig
from tests.act.world import TRIGGER, Journal, Killed, Sent, check

PEOPLE = st.integers(0, 5)  # counted from the newest: old acquaintances matter less
KINDS = st.sampled_from(["check.started", "message.replied", "test.left", "message.bounced", "contact.unsubscribed"])
PLAIN = (Outcome.RETRY, Outcome.BROKEN, Outcome.LAPSED, Outcome.REJECTED, Outcome.UNKNOWN)
ANSWERS = st.sampled_from(
    [*map(Answer, PLAIN), Answer(Outcome.UNKNOWN, "cut", kept=True), Answer(Outcome.REJECTED, "gone", address_refused=True)]
)


class World(RuleBasedStateMachine):
    """One flow, one frozen clock, people who come in crowds, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(mkdtemp(prefix="offswitch-world-"))
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(advance, "WINDOW", 2)  # so that few people are several windows
        self.rig = Rig(self.root / "project", tour)
        self.mailer = self.rig.project.mailer = self.rig.mailer = Journal(self.rig.clock)
        self.rig.company(caps="1 per day, 3 per week")
        self.rig.approve(tour)
        self.rig.run(tour)  # from here on the flow answers for every event
        self.sent, self.count, self.crowd, self.off = Sent(), 0, 0, False

    def name(self, who: int) -> str:
        return f"p{max(0, self.crowd - 1 - who)}"

    @rule(who=PEOPLE)
    def a_form_comes_in(self, who: int) -> None:
        self.count += 1
        name = self.name(who)
        self.rig.submit(str(self.count), kind=TRIGGER, who=name, consent=() if name in self.sent.opted_out else YES)
        self.sent.triggers.append(f"test:{self.count}")

    @rule(people=st.integers(1, 6))
    def a_crowd_comes_in(self, people: int) -> None:
        for _ in range(people):
            self.crowd += 1
            self.a_form_comes_in(0)

    @rule(who=PEOPLE, kind=KINDS)
    def something_happens(self, who: int, kind: str) -> None:
        self.count += 1
        name = self.name(who)
        self.rig.submit(str(self.count), kind=kind, who=name, consent=())
        if kind == "message.bounced":
            self.sent.bounced.setdefault(name, self.rig.clock.now())
        if kind == "contact.unsubscribed":
            self.sent.opted_out.setdefault(name, self.rig.clock.now())

    @rule(wait=st.sampled_from([timedelta(0), timedelta(minutes=2), timedelta(hours=5), days(1), days(2), days(4)]))
    def a_pass(self, wait: timedelta) -> None:
        self.rig.clock.advance(wait)
        before = len(self.mailer.journal)
        self.rig.run(tour)
        assert not self.off or len(self.mailer.journal) == before

    @rule(point=st.sampled_from(POINTS), left=st.integers(0, 3))
    def a_worker_dies(self, point: str, left: int) -> None:
        def reach(name: str, _at: str) -> None:
            nonlocal left
            left -= name == point
            if left < 0:
                raise Killed

        try:
            with watched(reach):
                self.rig.run(tour)
        except Killed:
            self.rig.clock.advance(timedelta(minutes=2))

    @rule(who=PEOPLE, kind=KINDS)
    def something_happens_in_the_middle_of_a_pass(self, who: int, kind: str) -> None:
        def happening() -> None:
            self.something_happens(who, kind)
            with self.rig.desk(tour) as other:
                collect(other)
            check(self.rig, self.mailer, self.sent)

        self.a_crowd_comes_in(6)
        self.mailer.between = happening
        self.a_pass(timedelta(0))

    @rule(who=PEOPLE, answer=ANSWERS)
    def the_mailer_will_say(self, who: int, answer: Answer) -> None:
        self.mailer._script.answers.setdefault(f"{self.name(who)}@example.com", []).append(answer)

    @precondition(lambda self: not self.off)
    @rule(to=st.sampled_from(["off", "company off", "broken"]))
    def somebody_switches_it_off(self, to: str) -> None:
        self.off = True
        if to == "company off":
            self.rig.company(switch="off", caps="1 per day, 3 per week")
        elif to == "broken":
            self.rig.save(self.rig.policy_path(tour), "switch: on\n")
        else:
            self.rig.switch(tour, "off")

    @precondition(lambda self: self.off)
    @rule()
    def somebody_switches_it_on(self) -> None:
        self.off = False
        self.rig.company(caps="1 per day, 3 per week")
        self.rig.switch(tour, "on")

    @invariant()
    def everything_adds_up(self) -> None:
        check(self.rig, self.mailer, self.sent)

    def log_is_true(self) -> None:
        with self.rig.ledger.read() as book:
            assert verify(book).troubles == []

    def teardown(self) -> None:
        try:
            self.log_is_true()
            self.ends_well()
            self.log_is_true()
        finally:
            self.patch.undo()
            self.rig.close()
            shutil.rmtree(self.root)

    def ends_well(self) -> None:
        """Once everything is on and answers, a month brings everybody to an end or to a person."""
        self.mailer._script.answers.clear()
        if self.off:
            self.somebody_switches_it_on()
        with self.rig.ledger.write() as book:  # a person's word, for the case that much is waiting
            book.stops.close_periods(tour.name, book.stops.periods(tour.name), "mariam@bayan.example", self.rig.clock.now())
        with self.rig.desk(tour) as desk:
            for wait in (0, 1, 2, 2, 7, 14):
                self.rig.clock.advance(days(wait))
                run(desk)
        check(self.rig, self.mailer, self.sent)
        assert {entry.state for entry in self.rig.entries(tour)} <= {*OVER, State.WORKLIST}


QUICK = settings(max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


class AtLength(World):
    """The same world for longer."""

    @invariant()
    def the_log_is_true(self) -> None:
        self.log_is_true()


TestWorld = World.TestCase
TestWorld.settings = QUICK
TestWorldAtLength = pytest.mark.slow(AtLength.TestCase)
TestWorldAtLength.settings = settings(QUICK, max_examples=4, stateful_step_count=40)
