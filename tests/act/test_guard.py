"""Too much harm stops a flow before its next batch, and only a named person lets it go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offswitch.act.run import Pass
from offswitch.gate.standing import GUARDRAIL
from offswitch.metrics.guardrails import Finding, Watched, watched
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Answer
from offswitch.testing.fakes import Answer as Reply
from offswitch.testing.fakes import FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig

GUARDRAILS = "guardrails: {complaint: 0.1%, unsubscribe: 0.5%, bounce: 2%}"
NEXT = timedelta(minutes=1)
PEOPLE = tuple(f"p{n:03}" for n in range(100))


def guarded(rig: Rig, more: str = GUARDRAILS) -> Rig:
    rig.policy(tour, more=more)
    rig.approve(tour)
    return rig


def harm(rig: Rig, kind: str, *people: str, **data: bool) -> None:
    for who in people:
        rig.submit(f"{kind} {who} {rig.clock.now()}", kind=kind, who=who, at=None, consent=(), **data)


def seen(rig: Rig) -> Watched:
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        policy = desk.switchboard.look(book).policy
        assert policy is not None
        return watched(book, "tour", policy, rig.clock.now())


def release(rig: Rig, by: str = "omar@bayan.example") -> None:
    with rig.ledger.write() as book:
        assert book.stops.lift("tour", GUARDRAIL, by=by, at=rig.clock.now()) == 1


def test_complaints_stop_the_flow_before_the_next_batch_and_an_edit_doesn_t_start_it(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour))
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    assert len(rig.sent()) == 100
    harm(rig, "message.complained", *PEOPLE[:3])
    rig.submit_all("late")
    rig.clock.advance(NEXT)
    report = rig.run(tour)
    assert "late" not in rig.sent()
    told = dict(report.notices)["guardrail tour"]
    assert told.startswith("tour was stopped: complaint 3 of 100 sends, too many for a ceiling of 0.1%; a named approver ends it: ")
    rig.switch(tour, "off")
    rig.switch(tour, "on")
    rig.run(tour, NEXT)
    assert "late" not in rig.sent()
    release(rig)
    rig.run(tour, NEXT)
    assert rig.sent()[-1] == "late"


def test_in_the_middle_of_a_pass_it_stops_too(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour))
    rig.submit_all(*PEOPLE)
    with rig.desk(tour) as desk:
        one = Pass(desk)
        one.start()
        assert one.advance() is not None
        harm(rig, "message.complained", *PEOPLE[:3])
        rig.submit_all("late")
        one.advance()
        assert "late" not in rig.sent()


def test_while_somebody_has_it_off_the_machine_still_puts_its_own_stop_beside(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour))
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    rig.switch(tour, "off")
    harm(rig, "message.complained", *PEOPLE[:3])
    rig.run(tour, NEXT)
    rig.switch(tour, "on")
    rig.submit_all("late")
    rig.run(tour, NEXT)
    assert "late" not in rig.sent()


def test_without_guardrails_nobody_looks_at_harm(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    harm(rig, "message.complained", *PEOPLE)
    rig.submit_all("late")
    rig.run(tour, NEXT)
    assert rig.sent()[-1] == "late"


def test_a_lower_ceiling_counts_from_the_next_pass_on(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour), "guardrails: {complaint: 10%}")
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    harm(rig, "message.complained", *PEOPLE[:3])
    rig.run(tour, NEXT)
    assert seen(rig).breaches == ()
    rig.policy(tour, more="guardrails: {complaint: 0.1%}")
    rig.submit_all("late")
    rig.run(tour, NEXT)
    assert "late" not in rig.sent()


def test_a_release_starts_a_new_test(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour))
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    harm(rig, "message.complained", *PEOPLE[:3])
    rig.run(tour, NEXT)
    assert [guard.finding for guard in seen(rig).breaches] == [Finding.BREACH]
    release(rig)
    assert [guard.finding for guard in seen(rig).guards] == [Finding.NO_DATA] * 3
    harm(rig, "message.complained", *PEOPLE[3:9])  # after messages of the old test
    rig.submit_all("late")
    rig.run(tour, NEXT)
    assert rig.sent()[-1] == "late"
    assert (seen(rig).guards[0].sends, seen(rig).guards[0].harmed) == (1, 0)


def test_a_contact_counts_once_and_only_after_a_message_of_this_flow(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour))
    rig.submit_all(*PEOPLE)
    harm(rig, "message.complained", "stranger", "p000")
    rig.run(tour, NEXT)
    assert "p000" not in rig.sent()
    for _ in range(4):
        rig.clock.advance(NEXT)
        harm(rig, "contact.unsubscribed", "p001")
    harm(rig, "message.bounced", "p002", hard=False)
    rig.clock.advance(timedelta(days=14, minutes=1))
    harm(rig, "message.complained", "p003")
    assert [(guard.metric.value, guard.harmed) for guard in seen(rig).guards] == [("complaint", 0), ("unsubscribe", 1), ("bounce", 0)]
    assert {guard.sends for guard in seen(rig).guards} == {99}


def test_a_later_message_of_another_flow_claims_what_follows(rig_of: MakeRig) -> None:
    rig = guarded(rig_of(tour, echo))
    rig.submit_all("mona")
    rig.run(tour)
    rig.clock.advance(NEXT)
    rig.run(echo)
    assert rig.sent() == ["mona", "mona"]
    harm(rig, "message.complained", "mona")
    assert seen(rig).guards[0].harmed == 0


def test_the_provider_s_refusal_of_an_address_is_a_bounce_and_its_own_trouble_is_none(rig_of: MakeRig) -> None:
    gone, spam = Reply(Outcome.REJECTED, "550 5.1.1", address_refused=True), Reply(Outcome.REJECTED, "554 5.7.1 looks like spam")
    broken = [Outcome.BROKEN]
    mailer = FakeMailer({"p000@example.com": [gone], "p001@example.com": [spam], "p002@example.com": broken})
    rig = guarded(rig_of(tour, mailer=mailer))
    rig.submit_all("p000", "p001", "p003", "p004")
    rig.run(tour)
    rig.submit_all("p002")
    rig.run(tour, NEXT)
    found = {guard.metric.value: (guard.harmed, guard.sends) for guard in seen(rig).guards}
    assert found == {"complaint": (0, 2), "unsubscribe": (0, 2), "bounce": (1, 3)}


ON_BREACH = [("stop", Answer.HAND_OVER, 1), ("hold", Answer.HOLD, 1), ("step_back", Answer.HOLD, 0)]


@pytest.mark.parametrize(("word", "answer", "rung"), ON_BREACH)
def test_on_breach_says_who_gets_the_work_and_whether_the_rollout_goes_back(rig_of: MakeRig, word: str, answer: Answer, rung: int) -> None:
    rig = rig_of(tour)
    rig.policy(tour, steps='50%", "100%')
    guarded(rig, f"guardrails: {{complaint: 0.1%, on_breach: {word}}}")
    with rig.ledger.write() as book:
        book.history.set_rung("tour", 1, by="omar", why="", at=rig.clock.now())
    rig.submit_all(*PEOPLE)
    rig.run(tour, NEXT)
    harm(rig, "message.complained", *PEOPLE[:3])
    rig.run(tour, NEXT)
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        halt = desk.switchboard.look(book).halt
        assert halt is not None
        assert (halt.answer, book.history.rung("tour")) == (answer, rung)
