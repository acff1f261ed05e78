from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, hours, send
from offswitch.act.collect import collect
from offswitch.events import FormSubmitted
from offswitch.model.plan import Finish, Step
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem
from offswitch.testing.fakes import Answer, FakeMailer
from offswitch.worklist.ahead import ahead
from offswitch.worklist.as_if_off import BY_ITSELF
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, pair, ring, tour
from tests.act.rig import Rig
from tests.worklist.people import LINA, act, items, talk

ask = Journey("ask", starts_on=FormSubmitted)


@ask.step
def first(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("hello"), then=question, after=hours(2))


@ask.step
def question(lead: Facts) -> Decision:  # noqa: ARG001
    outcomes: dict[str, Step | Finish] = {"yes": offer, "perhaps": offer, "later": again, "no": finish("no")}
    return hand_over("ask them", outcomes=outcomes, due=hours(4), after=hours(1), overdue=again)


@ask.step
def offer(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("more"), then=finish("offered"))


@ask.step
def again(lead: Facts) -> Decision:  # noqa: ARG001
    return hand_over("ask again", then=question)


def chains(rig: Rig, journey: Journey) -> list[list[WorkItem]]:
    """What would be left to people if nothing worked any more."""
    with rig.desk(journey) as desk:
        while collect(desk) is not None:
            pass
        return list(ahead(desk))


def only_chain(rig: Rig, journey: Journey) -> list[WorkItem]:
    (chain,) = chains(rig, journey)
    return chain


def test_what_the_machine_would_do_by_itself_is_on_it_with_its_draft(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.submit("mona")
    (item,) = only_chain(rig, echo)
    assert items(rig, echo) == []
    assert (item.why, item.kind, item.channel) == (BY_ITSELF, Work.BY_HAND, "email")
    assert item.drafts[0].text.startswith("Hello Mona, this is hello.")


def test_what_follows_stands_below_with_its_earliest_time(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    hello, more = only_chain(rig, tour)
    assert (hello.follows, more.follows, more.only_if) == ("", hello.id, ())
    assert more.due - hello.due == days(2)
    assert more.title == "send more"


def test_nothing_beyond_72_hours_is_on_it(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.submit("mona")
    assert [item.visit for item in only_chain(rig, ring)] == [1, 2, 3]
    rig.clock.advance(days(-4))
    assert chains(rig, ring) == []


def test_what_depends_on_an_answer_says_on_which(rig_of: MakeRig) -> None:
    rig = rig_of(ask)
    rig.submit("mona")
    hello, asked, offered, later = only_chain(rig, ask)
    assert [one.title for one in (hello, asked, offered, later)] == ["send hello", "ask them", "send more", "ask again"]
    assert {one.follows for one in (offered, later)} == {asked.id}
    assert (offered.only_if, later.only_if) == (("yes", "perhaps"), ("later", "overdue"))
    assert offered.due == hello.due + hours(3)
    assert asked.due == hello.due + hours(6)


def test_a_way_back_is_not_followed_for_ever_but_said(rig_of: MakeRig) -> None:
    rig = rig_of(talk)
    rig.submit("mona")
    asked, later = only_chain(rig, talk)
    assert (asked.title, asked.more) == ("call them", True)
    assert later.only_if == ("now",)


def test_after_a_doubt_both_answers_are_followed(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=FakeMailer({"mona@example.com": [Answer(Outcome.UNKNOWN, "timed out", kept=True)]}))
    rig.submit("mona")
    rig.run(tour)
    doubt, resend, more = only_chain(rig, tour)
    assert (doubt.kind, resend.kind, resend.only_if) == (Work.UNKNOWN, Work.BY_HAND, ("did-not",))
    assert (more.title, more.only_if, more.follows) == ("send more", (), doubt.id)


def test_who_opted_out_bounced_or_is_through_is_not_on_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    for who in ("opted", "bounced", "through", "taken", "stays"):
        rig.submit(who)
    rig.run(tour)
    rig.switch(tour, "off")
    rig.clock.advance(days(2))
    act(rig, tour, "take", item=next(one for one in items(rig, tour) if one.reach.startswith("taken")))
    with rig.ledger.write() as book:
        book.consent.suppress("taken@example.com", "email", "erased", rig.clock.now())
    rig.submit("opt", kind="contact.unsubscribed", who="opted", consent=())
    rig.submit("bounce", kind="message.bounced", who="bounced", consent=())
    rig.submit("goal", kind="check.started", who="through", consent=())
    assert [chain[0].reach for chain in chains(rig, tour)] == ["stays@example.com"]


def test_what_is_held_or_waits_for_a_mended_file_is_on_it_with_its_reason(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.submit("mona")
    rig.policy(echo, switch="off", more="when_off: hold")
    rig.approve(echo)
    rig.run(echo)
    assert items(rig, echo) == []
    assert only_chain(rig, echo)[0].why == "stop: flow echo is off (echo.yaml)"
    rig.save(rig.policy_path(echo), "switch: [\n")
    assert [item.title for item in only_chain(rig, echo)] == ["send hello"]


def test_items_of_the_worklist_keep_their_names_kinds_and_owners(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all("mona", "omar")
    rig.run(tour)
    act(rig, tour, "take", item=items(rig, tour)[0])
    listed = {(item.id, item.kind, item.taken_by, item.why) for item in items(rig, tour)}
    assert {(chain[0].id, chain[0].kind, chain[0].taken_by, chain[0].why) for chain in chains(rig, tour)} == listed
    assert {item.taken_by for chain in chains(rig, tour) for item in chain} == {LINA, ""}


def test_register_changes_that_wait_are_on_it_and_done_by_hand_once(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    with rig.ledger.write() as book:
        book.stops.add("connector", "register", reason="", by="omar", at=rig.clock.now())
    rig.run(tour)
    (change,) = next(chain for chain in chains(rig, tour) if chain[0].channel == "crm")
    assert (change.title, change.changes) == ("make the changes", ("in the customer register: stage = new",))
    act(rig, tour, "done", item=change)
    assert not [chain for chain in chains(rig, tour) if chain[0].channel == "crm"]
    with rig.ledger.write() as book:
        book.stops.end("connector", "register", by="omar", at=rig.clock.now())
    rig.run(tour)
    assert rig.crm.journal == []


@settings(max_examples=4)
@given(st.dictionaries(st.sampled_from(["tour", "ring", "pair"]), st.integers(0, 50), min_size=1))
def test_it_is_exactly_what_the_machine_itself_sends_in_the_next_72_hours(ages: dict[str, int]) -> None:
    """The oracle is the machine: it goes on for 72 hours, from one due time to the next."""
    journeys = [journey for journey in (tour, ring, pair) if journey.name in ages]
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder) / "project", *journeys)
        for journey in sorted(journeys, key=lambda one: -ages[one.name]):
            rig.submit(journey.name)
            rig.run(journey)
        rig.clock.advance(hours(max(ages.values())))
        listed = [item for journey in journeys for chain in chains(rig, journey) for item in chain]
        before, end = len(rig.mailer.journal), rig.clock.now() + hours(72)
        while (due := next_due(rig, journeys)) is not None and due[0] <= end:
            rig.clock.advance(max(due[0] - rig.clock.now(), timedelta(0)))
            rig.run(due[1])
        drafts = Counter((draft.to, draft.subject) for item in listed for draft in item.drafts)
        assert drafts == Counter((letter.to, letter.subject) for _, letter in rig.mailer.journal[before:])
        rig.close()


def next_due(rig: Rig, journeys: list[Journey]) -> tuple[datetime, Journey] | None:
    waiting = [(entry.due, journey) for journey in journeys for entry in rig.entries(journey) if entry.ended is None]
    return min(waiting, key=lambda one: one[0], default=None)
