"""The first journey (F01): confirm, greet, give value, lead to the checklist."""

from __future__ import annotations

from flows.welcome import answer, checklist, confirm, greet, value, welcome
from offswitch import Plan, days, finish, hand_over, hours, send, update
from offswitch.events import CheckStarted, FormSubmitted, Replied
from tests.flows.people import happened, someone

FORM = happened(FormSubmitted, form="contact")


def test_everybody_who_writes_gets_a_confirmation_at_once() -> None:
    expected = Plan(send("confirm"), update(stage="awareness"), then=greet, after=hours(1), or_when={Replied: answer})
    assert confirm(someone(FORM, agreed=False)) == confirm(someone(FORM)) == expected


def test_who_agreed_is_greeted_an_hour_later() -> None:
    assert greet(someone(FORM)) == Plan(send("greet"), then=value, after=days(2), or_when={Replied: answer})


def test_without_marketing_consent_the_confirmation_was_all() -> None:
    assert greet(someone(FORM, agreed=False)) == finish("no marketing consent")


def test_value_comes_before_the_checklist() -> None:
    assert value(someone(FORM)) == Plan(send("value"), then=checklist, after=days(3), or_when={Replied: answer})
    assert checklist(someone(FORM)) == Plan(send("checklist"), then=finish("series complete"))


def test_a_reply_goes_to_a_person() -> None:
    wrote = someone(FORM, happened(Replied, 2, text="A question"))
    assert value(wrote) == hand_over("answer the reply", then=checklist)
    assert answer(wrote) == hand_over(
        "answer the reply", outcomes={"send the checklist": checklist, "in conversation": finish("in conversation")}, due=hours(4)
    )


def test_the_journey_begins_with_a_form_aims_at_the_checklist_and_gives_up_after_a_fortnight() -> None:
    assert (welcome.starts_on, welcome.goal, welcome.give_up_after) == (FormSubmitted, CheckStarted, days(14))
    assert welcome.first is confirm
