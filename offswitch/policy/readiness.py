"""What people must have answered before a flow goes live, by name and day, with evidence; and how much of it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator

from offswitch.policy.days import DayAhead, PastDay
from offswitch.policy.runbook import Lack, lacks
from offswitch.policy.share import Share, share
from offswitch.policy.values import Duration, Line, Person, Prose, Section, between, checked, refuse, whole, word, written

DRILL = "survives_being_switched_off"  # the fourth question; no file can answer it, a drill does
PROCESS = ("manual_process_is_clear", "conversion_points_are_known", "serves_the_customer")
FOUR = (*PROCESS, DRILL)
CUSTOMER = ("worry", "hesitation", "moment_of_commitment", "language")
OPERATORS = 2  # so many people of the team must know the runbook


class Reply(StrEnum):
    """What somebody says to a question. In doubt counts as no."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Answered(Section):
    """A question about the process, and who answered it."""

    answer: Annotated[Reply, word(Reply)]
    """What holds today. unsure counts as no."""
    by: Person
    """Who says so. One of the people of company.yaml."""
    on: PastDay
    """When it was said."""
    evidence: Line
    """Where it can be seen: a page, a file, the notes of a talk."""


class Heard(Section):
    """What customers say, and who heard it."""

    answer: Prose
    """In the customers' own words where you can."""
    by: Person
    """Who says so. One of the people of company.yaml."""
    on: PastDay
    """When it was said."""
    evidence: Line
    """Where it can be seen: interviews, tickets, replies."""


class Acknowledgement(Section):
    """Somebody who works the list knows the runbook as it is. `offswitch readiness FLOW --ack` writes it."""

    by: Person
    """Who knows it. One of the flow's team."""
    on: PastDay
    """When it was said."""
    runbook: Line
    """Which runbook: an edit of its text voids this line."""


def two_people(people: tuple[str, ...]) -> tuple[str, ...]:
    """Two, and not one person twice."""
    if len(people) != 2:
        raise refuse(f"names {len(people)}", "write two people: [one who asks, one who agrees]")
    if people[0] == people[1]:
        raise refuse(f"is {people[1]} again", "nobody agrees with themselves: name a second person", 1)
    return people


class Waiver(Section):
    """Two people let a flow go on without its manual runs, for a few days. Every report says so."""

    waived_by: Annotated[tuple[Person, ...], AfterValidator(two_people)]
    """The two people who agreed; one of them is an approver."""
    why: Line
    """Why it can't wait for the manual runs."""
    until: DayAhead
    """The last day on which it holds, at most 7 days ahead."""


def runs_or_waiver(value: Any) -> Waiver | int:
    """`10`, or `{waived_by: [one, another], why: reason, until: 2026-11-08}`."""
    if isinstance(value, dict | Waiver):
        return Waiver.model_validate(value)
    return between(1, 1_000, value)


class Readiness(Section):
    """What people have answered about one flow. A threshold that is left out is the company's."""

    manual_process_is_clear: Answered | None = None
    """Is the process clear by hand, so that one sheet explains it from first touch to delivery?"""
    conversion_points_are_known: Answered | None = None
    """Is it known exactly when a visitor is a lead, a lead is an opportunity, and somebody is ready to buy?"""
    serves_the_customer: Answered | None = None
    """Does it serve the customer, and not only the team?"""
    worry: Heard | None = None
    """What really worries the customer here?"""
    hesitation: Heard | None = None
    """What makes the customer hesitate?"""
    moment_of_commitment: Heard | None = None
    """When does the customer decide?"""
    language: Heard | None = None
    """In which words does the customer speak of it?"""
    runbook_known: tuple[Acknowledgement, ...] = ()
    """Who of the team knows the runbook as it is; two different people are needed."""
    manual_runs: Annotated[Waiver | int, checked(runs_or_waiver)] | None = None
    """So many journeys that people finished by hand come before the machine's first; or who waived them."""
    stability: Annotated[Share, checked(share)] | None = None
    """At least this share of the manual runs took one path; judged from 5 runs on."""
    expires: Duration | None = None
    """An answer counts for so long."""
    drill_max_age: Duration | None = None
    """A drill counts for so long."""


class Thresholds(Section):
    """How much is asked of every flow before it goes live. Without this section only flows with one of their own are asked."""

    manual_runs: Annotated[int, whole(1, 1_000)] = 10
    """So many journeys that people finished by hand come before the machine's first."""
    stability: Annotated[Share, checked(share)] = Share(800_000)
    """At least this share of the manual runs took one path; judged from 5 runs on."""
    expires: Duration = timedelta(days=180)
    """An answer counts for so long."""
    drill_max_age: Duration = timedelta(days=90)
    """A drill counts for so long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one flow is asked, resolved, with the answers that its file gives.

    `team` works the list; `runbook` names the runbook's text, `lacks` is what that doesn't say.
    """

    said: Readiness
    manual_runs: int
    waiver: Waiver | None
    stability: Share
    expires: timedelta
    drill_max_age: timedelta
    team: tuple[str, ...]
    runbook: str
    lacks: tuple[Lack, ...] = ()


def asked_of(said: Readiness | None, company: Thresholds | None, runbook: str, team: tuple[str, ...]) -> Asked | None:
    """None when neither file asks anything."""
    if said is None and company is None:
        return None
    mine, theirs = said or Readiness(), company or Thresholds()
    runs = mine.manual_runs
    return Asked(
        said=mine,
        manual_runs=runs if isinstance(runs, int) else theirs.manual_runs,
        waiver=runs if isinstance(runs, Waiver) else None,
        stability=mine.stability or theirs.stability,
        expires=mine.expires or theirs.expires,
        drill_max_age=mine.drill_max_age or theirs.drill_max_age,
        team=team,
        runbook=runbook_digest(runbook),
        lacks=lacks(runbook),
    )


def runbook_digest(text: str) -> str:
    """Names the text of a runbook in twelve characters."""
    return sha256("\n".join(line.rstrip() for line in text.strip().splitlines()).encode()).hexdigest()[:12]


def canonical_readiness(asked: Asked | None) -> dict[str, Any]:
    """What an approval covers of it: how much is asked, and a waiver. Answers are evidence, and void nothing."""
    waiver = asked.waiver if asked else None
    return {
        "readiness": {
            "manual_runs": asked.manual_runs,
            "stability": str(asked.stability),
            "expires": written(asked.expires),
            "drill_max_age": written(asked.drill_max_age),
        }
        if asked
        else {},
        "readiness.waiver": {"waived_by": list(waiver.waived_by), "why": waiver.why, "until": str(waiver.until)} if waiver else {},
    }
