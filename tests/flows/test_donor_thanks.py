"""Thanks (F14): every gift at once; a first gift begins an acquaintance (S3-01 to S3-04, S3-13, S3-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.donor_thanks import MAJOR_GIFT, answer, call, donor_thanks, first_gift, other_ways, project_update, thanks, who_we_are
from offswitch import Plan, days, finish, hand_over, hours, send, update
from offswitch.events import DonationRefunded, DonationSucceeded, Replied
from offswitch.model.facts import Facts, Unknown
from offswitch.model.plan import HandOver, Step
from tests.flows.people import happened, someone


def donor(amount: float = 50, *, gifts: int = 1, replied: bool = False, agreed: bool = True, tier: str = "") -> Facts:
    """Somebody whose newest gift began this entry."""
    given = [
        happened(DonationSucceeded, number, donation_id=f"D{number}", amount=amount, currency="SAR", project="the well")
        for number in range(1, gifts + 1)
    ]
    more = [happened(Replied, 99, donation_id=f"D{gifts}")] if replied else []
    return someone(*given, *more, trigger=gifts - 1, about="donation_id", subject=f"D{gifts}", agreed=agreed, tier=tier)


def test_a_gift_is_thanked_for_at_once() -> None:
    assert thanks(donor()) == Plan(send("thanks"), update(tags=["donor"]), then=first_gift)


def test_a_major_gift_is_thanked_for_by_mail_and_by_a_call() -> None:
    assert thanks(donor(MAJOR_GIFT)) == Plan(send("thanks"), update(tags=["donor"]), then=call)
    assert thanks(donor(MAJOR_GIFT - 1)) == thanks(donor())
    assert isinstance(call(donor(MAJOR_GIFT)), HandOver)


def test_a_known_major_donor_never_hears_from_the_machine() -> None:
    assert thanks(donor(5, tier="major")) == hand_over("thank this major donor in person", then=finish("thanked in person"), due=hours(4))


def test_a_gift_that_can_not_be_read_is_a_question_and_not_a_mail() -> None:
    with pytest.raises(Unknown, match="donation"):
        thanks(someone(happened(DonationSucceeded, donation_id="D1", amount="much"), about="donation_id", subject="D1"))


def test_a_repeated_gift_gets_thanks_only() -> None:
    assert first_gift(donor(gifts=2)) == finish("thanked again")


def test_a_first_gift_begins_an_acquaintance_after_three_days() -> None:
    assert first_gift(donor()) == Plan(then=who_we_are, after=days(3), or_when={Replied: answer})
    assert who_we_are(donor()) == Plan(send("who_we_are"), then=project_update, after=days(7), or_when={Replied: answer})
    assert other_ways(donor()) == Plan(send("other_ways"), then=finish("series complete"))


def test_news_of_a_project_is_sent_by_a_person_or_not_at_all() -> None:
    asked = project_update(donor())
    assert isinstance(asked, HandOver)
    assert asked.outcomes == {"sent": other_ways, "nothing approved": other_ways}
    assert asked.after == days(11)


@pytest.mark.parametrize("step", [who_we_are, project_update, other_ways])
def test_a_second_gift_ends_the_series(step: Step) -> None:
    assert step(donor(gifts=2)) == finish("gave again")


@pytest.mark.parametrize("step", [who_we_are, project_update])
def test_without_consent_thanks_are_all(step: Step) -> None:
    assert step(donor(agreed=False)) == finish("no marketing consent")


def test_on_every_way_no_ask_comes_within_14_days_of_the_gift() -> None:
    def earliest(step: Step) -> timedelta:
        decided = step(donor())
        assert isinstance(decided, Plan | HandOver)
        assert isinstance(decided.after, timedelta)
        return decided.after

    series = earliest(first_gift) + earliest(who_we_are) + earliest(project_update)
    replied_at_once = earliest(answer) + earliest(project_update)
    assert series == days(21)
    assert min(series, replied_at_once) >= days(14)


def test_who_wrote_to_us_hears_of_other_ways_from_a_person() -> None:
    assert isinstance(other_ways(donor(replied=True)), HandOver)


def test_each_gift_is_its_own_entry_and_a_refund_ends_it() -> None:
    assert (donor_thanks.about, donor_thanks.again) == ("donation_id", "per_subject")
    assert donor_thanks.exits == {DonationRefunded: "refunded"}
