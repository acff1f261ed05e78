"""Donor thanks: thank at once for every gift; get to know those who gave for the first time."""

from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, hours, send, update
from offswitch.events import DonationRefunded, DonationSucceeded, Replied

# In whole units of the gift's own currency. From here on a mail is too little: a person calls.
MAJOR_GIFT = 1_000

# No goal event: the aim is a second gift, which begins an entry of its own and ends this one ("gave again").
donor_thanks = Journey(
    "donor_thanks",
    starts_on=DonationSucceeded,
    exits={DonationRefunded: "refunded"},
    about="donation_id",
    again="per_subject",
)


@donor_thanks.step
def thanks(donor: Facts) -> Decision:
    """Thank for this gift. Known major donors hear from a person, never from the machine."""
    if donor.contact.get("tier") == "major":
        return hand_over("thank this major donor in person", then=finish("thanked in person"), due=hours(4))
    gift = donor.event(DonationSucceeded)
    return Plan(send("thanks"), update(tags=["donor"]), then=call if gift.amount >= MAJOR_GIFT else first_gift)


@donor_thanks.step
def call(donor: Facts) -> Decision:
    """A major gift: the mail was the receipt, the thanks are a call."""
    return hand_over(
        "call to thank for a major gift",
        outcomes={"thanked": finish("thanked in person"), "not reached": finish("thanked by mail")},
        due=days(1),
    )


@donor_thanks.step
def first_gift(donor: Facts) -> Decision:
    """Only those who gave for the first time need an introduction."""
    if donor.count(DonationSucceeded) > 1:
        return finish("thanked again")
    return Plan(then=who_we_are, after=days(3), or_when={Replied: answer})


@donor_thanks.step
def who_we_are(donor: Facts) -> Decision:
    """Day 3: the people behind the work."""
    if donor.count(DonationSucceeded) > 1:
        return finish("gave again")
    if not donor.may_get("marketing", "email"):
        return finish("no marketing consent")
    return Plan(send("who_we_are"), then=project_update, after=days(7), or_when={Replied: answer})


@donor_thanks.step
def answer(donor: Facts) -> Decision:
    """A reply ends the wait: a person answers, which introduces us better than a mail."""
    return hand_over("answer the reply", then=project_update, due=hours(4), after=days(7))


@donor_thanks.step
def project_update(donor: Facts) -> Decision:
    """Day 10: news only when there is approved news, so a person looks."""
    if donor.count(DonationSucceeded) > 1:
        return finish("gave again")
    if not donor.may_get("marketing", "email"):
        return finish("no marketing consent")
    return hand_over(
        "send the project's approved update; if nothing is approved, send nothing",
        outcomes={"sent": other_ways, "nothing approved": other_ways},
        due=days(2),
        after=days(11),  # day 21, so that no ask comes within 14 days of a gift
    )


@donor_thanks.step
def other_ways(donor: Facts) -> Decision:
    """Day 21: other ways to help; from a person to those who wrote to us."""
    if donor.count(DonationSucceeded) > 1:
        return finish("gave again")
    if donor.replied:
        return hand_over("they wrote to us: tell them in person about other ways to help", then=finish("in conversation"))
    return Plan(send("other_ways"), then=finish("series complete"))
