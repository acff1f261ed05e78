"""Who may decide an item, by role, class and amount."""

from __future__ import annotations

from decimal import Decimal

import pytest

from offswitch import Decision as Decided
from offswitch import Facts, Journey, Plan, finish, send
from offswitch.errors import Refused
from offswitch.events import FormSubmitted
from offswitch.policy.authority import Authority, Ceiling, Member, Role, ceiling
from offswitch.policy.money import Money
from offswitch.worklist.authority import Decision, deciders, objection, stranger
from offswitch.worklist.labels import decision_in
from offswitch.worklist.text import shown
from tests.act.conftest import MakeRig
from tests.act.rig import Rig
from tests.worklist.people import LINA, act, only_item

OPERATOR, APPROVER, OWNER = (frozenset({role}) for role in (Role.OPERATOR, Role.APPROVER, Role.OWNER))
MATRIX = {"compensation": {Role.OPERATOR: ceiling("200 SAR"), Role.APPROVER: ceiling("2,000 SAR"), Role.OWNER: Ceiling(any=True)}}
AUTHORITY = Authority(
    MATRIX,
    {
        "lina": Member("Lina Farouk", OPERATOR, team=True),
        "omar": Member("Omar Saleh", APPROVER),
        "mariam": Member("Mariam Haddad", OWNER),
        "sara": Member("Sara Aziz", OWNER | OPERATOR),
    },
    owner="mariam",
)


def of(amount: str | None) -> Decision:
    found = amount and ceiling(amount).most
    return Decision("compensation", found or None, money=True)


@pytest.mark.parametrize(
    ("amount", "roles", "may"),
    [
        ("199 SAR", OPERATOR, True),
        ("200 SAR", OPERATOR, True),
        ("200.01 SAR", OPERATOR, False),
        ("200.01 SAR", APPROVER, True),
        ("2,000.01 SAR", OPERATOR | APPROVER, False),
        ("2,000.01 SAR", OWNER, True),
        ("1 USD", APPROVER, False),
        ("1 USD", OWNER, True),
        (None, APPROVER, False),
        (None, OWNER, True),
        ("1 SAR", frozenset({Role.COMPLIANCE}), False),
    ],
)
def test_an_amount_is_decided_up_to_the_ceiling_of_a_role(amount: str | None, roles: frozenset[Role], may: bool) -> None:
    assert (objection(of(amount), AUTHORITY, "lina", roles) == "") is may


def test_a_refusal_says_who_may_and_up_to_how_much() -> None:
    said = objection(of("500 SAR"), AUTHORITY, "lina", OPERATOR)
    assert said == "lina may not decide compensation of 500 SAR. Who may: Omar Saleh up to 2,000 SAR, Mariam Haddad"
    said = objection(of("5 USD"), AUTHORITY, "omar", APPROVER)
    assert said == "omar may not decide compensation of 5 USD (a limit in SAR says nothing about USD). Who may: Mariam Haddad"
    assert "compensation of an amount that is not known. Who may: Mariam Haddad" in objection(of(None), AUTHORITY, "omar", APPROVER)
    nobody = Authority({"price": {Role.OPERATOR: ceiling("0")}}, AUTHORITY.members)
    assert objection(Decision("price"), nobody, "lina", OPERATOR).endswith("Who may: nobody; see authority in company.yaml")


def test_zero_is_nothing_and_a_class_that_no_role_has_is_decided_as_ever() -> None:
    assert not ceiling("0").covers(Money(Decimal(0), "SAR"))
    assert objection(Decision("offer"), AUTHORITY, "lina", OPERATOR) == ""
    assert deciders(Decision("offer"), AUTHORITY) == ("Omar Saleh", "Mariam Haddad")


def test_team_owner_and_approvers_belong_to_a_flow_and_nobody_else() -> None:
    assert not any(stranger(AUTHORITY, who, AUTHORITY.members[who].roles) for who in ("lina", "omar", "mariam"))
    said = stranger(AUTHORITY, "sara", OWNER | OPERATOR)
    assert said == "sara is neither in this flow's team, nor its owner, nor an approver; these are: Lina Farouk, Omar Saleh, Mariam Haddad"


def test_who_may_is_told_in_arabic() -> None:
    assert decision_in("ar", "compensation: 500 SAR") == "تعويض: \u2066500 SAR\u2069"
    assert decision_in("ar", "compensation: amount not known") == "تعويض: المبلغ غير معروف"
    assert decision_in("ar", "Omar Saleh up to 2,000 SAR, Mariam") == "\u2068Omar Saleh\u2069 حتى \u20682,000 SAR\u2069، \u2068Mariam\u2069"


sorry = Journey("sorry", starts_on=FormSubmitted)


@sorry.step
def make_good(lead: Facts) -> Decided:  # noqa: ARG001 - the same for everybody
    return Plan(send("hello", gift="500 SAR"), then=finish("made good"))


owed = Journey("owed", starts_on=FormSubmitted, needs=("gift",))


@owed.step
def pay(lead: Facts) -> Decided:  # noqa: ARG001 - the same for everybody
    return Plan(send("hello"), then=finish("paid"))


def _asked(rig_of: MakeRig, journey: Journey = sorry, **facts: str) -> Rig:
    rig = rig_of(journey)
    rig.crm.people["mona@example.com"] = facts
    path = rig.settings.policies / "company.yaml"
    lines = "authority: {operator: {compensation: 200 SAR}, approver: {compensation: any}}\n"
    team = path.read_text().replace("[mariam@bayan.example]", "[mariam@bayan.example, lina@bayan.example]")
    lina, omar = "lina@bayan.example: {name: Lina Farouk, roles: [operator]}", "omar@bayan.example: {name: Omar Saleh, roles: [approver]}"
    people = f"people:\n  {lina}\n  {omar}\n"
    rig.save(path, team.replace("people:\n", people) + lines)
    rig.letter(journey, "hello", decides="compensation\namount: gift")
    letter = rig.settings.messages / journey.name / "hello.en.md"
    rig.save(letter, letter.read_text().replace("this is hello", "you get {{ gift }}"))
    rig.approve(journey)
    rig.submit("mona")
    rig.run(journey)
    return rig


def test_an_item_shows_its_amount_and_takes_the_yes_of_those_who_may(rig_of: MakeRig) -> None:
    rig = _asked(rig_of)
    item = only_item(rig, sorry)
    assert (item.decision, item.deciders) == ("compensation: 500 SAR", "Omar Saleh")
    assert "  decide    compensation: 500 SAR\n  who may   Omar Saleh\n" in shown(item, rig.clock.now())
    for outcome in ("approve", "done"):
        with pytest.raises(Refused, match=r"may not decide compensation of 500 SAR\. Who may: Omar Saleh"):
            act(rig, sorry, outcome, roles=OPERATOR)
    assert only_item(rig, sorry) == item
    act(rig, sorry, "approve", by="omar@bayan.example", roles=APPROVER)
    rig.run(sorry)
    assert rig.sent() == ["mona"]


def test_what_was_done_while_all_was_dead_is_entered_whoever_did_it(rig_of: MakeRig) -> None:
    rig = _asked(rig_of)
    act(rig, sorry, "done", by=LINA, roles=OPERATOR, at=rig.clock.now())
    assert (rig.states(sorry), rig.sent()) == (["finished"], [])


def test_the_amount_that_somebody_decided_goes_out_whatever_the_register_says_later(rig_of: MakeRig) -> None:
    rig = _asked(rig_of, owed, gift="100 SAR")
    act(rig, owed, "approve", by=LINA, roles=OPERATOR)
    rig.crm.people["mona@example.com"] = {"gift": "90,000 SAR"}
    rig.run(owed)
    assert ["you get 100 SAR" in letter.text for _, letter in rig.mailer.journal] == [True]
