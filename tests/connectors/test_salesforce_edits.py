"""What people change in Salesforce is told, ours is not, and nothing is stepped over."""

import pytest

from connectors.crm.salesforce import Salesforce
from offswitch.act.ports import Edit
from offswitch.errors import Permanent
from tests.connectors.fakes.salesforce import PERSON, FakeSalesforce
from tests.connectors.hubspot_rig import MONA, order, write
from tests.connectors.salesforce_rig import salesforce_before

HISTORY = [False, True]


def all_edits(salesforce: Salesforce, cursor: str) -> tuple[list[Edit], str]:
    found: list[Edit] = []
    for _ in range(20):
        edits = salesforce.edits(cursor)
        found += edits.found
        cursor = edits.cursor
        if not edits.more:
            return found, cursor
    raise AssertionError("it never comes to an end")


@pytest.mark.parametrize("history", HISTORY)
def test_a_persons_change_is_an_edit_and_ours_is_none(history: bool) -> None:
    fake = FakeSalesforce(history=history)
    with salesforce_before(fake, history=history) as salesforce:
        _, cursor = all_edits(salesforce, "")
        write(salesforce, order(city="Doha"))
        nothing, _ = all_edits(salesforce, cursor)
        fake.edit(MONA, Offswitch_Stage__c="customer")
        (edit,), _ = all_edits(salesforce, cursor)
    assert nothing == []
    assert (edit.email, edit.values["stage"], edit.by) == (MONA, "customer", PERSON)
    assert edit.values == ({"stage": "customer"} if history else {"stage": "customer", "city": "Doha", "tags": "", "level": ""})


def test_with_history_an_edit_is_told_though_we_wrote_after_it() -> None:
    fake = FakeSalesforce(history=True)
    with salesforce_before(fake, history=True) as salesforce:
        fake.edit(MONA)
        _, cursor = all_edits(salesforce, "")
        fake.edit(MONA, Offswitch_Stage__c="customer")
        write(salesforce, order(city="Doha"))
        (edit,), _ = all_edits(salesforce, cursor)
    assert edit.values == {"stage": "customer"}


@pytest.mark.parametrize("history", HISTORY)
def test_a_change_told_twice_bears_one_id(history: bool) -> None:
    fake = FakeSalesforce(history=history)
    with salesforce_before(fake, history=history) as salesforce:
        fake.edit(MONA)
        _, cursor = all_edits(salesforce, "")
        fake.edit(MONA, MailingCity="Doha")
        first, cursor = all_edits(salesforce, cursor)
        second, _ = all_edits(salesforce, cursor)
    assert [edit.id for edit in first] == [edit.id for edit in second]
    assert len(first) == 1


@pytest.mark.parametrize("at_one_time", [False, True])
def test_no_page_is_stepped_over(at_one_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeSalesforce()
    people = [f"p{number}@example.com" for number in range(450)]
    with salesforce_before(fake) as salesforce:
        _, cursor = all_edits(salesforce, "")
        if at_one_time:
            now = fake._tick()
            monkeypatch.setattr(fake, "_tick", lambda: now)
        for person in people:
            fake.edit(person, MailingCity="Doha")
        found, _ = all_edits(salesforce, cursor)
    assert {edit.email for edit in found} == set(people)


def test_a_query_that_fails_raises_and_a_wrong_cursor_says_so() -> None:
    with salesforce_before(FakeSalesforce(), client_secret="wrong") as salesforce:
        with pytest.raises(Permanent, match="400"):
            salesforce.edits("")
        with pytest.raises(Permanent, match="400"):
            salesforce.read([MONA])
        with pytest.raises(ValueError, match="no cursor"):
            salesforce.edits("yesterday")
