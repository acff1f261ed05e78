"""`offswitch review`: the figures that somebody looks at from time to time, and their signature that they have."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import wrap
from typing import Any

import click

from offswitch.cli.output import answer, json_option, width
from offswitch.cli.status import in_the_way
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.gate.review import next_review
from offswitch.gate.standing import Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.ledger.reviews import Review
from offswitch.metrics.account import account
from offswitch.metrics.guardrails import in_words, watched
from offswitch.policy.authority import Role
from offswitch.project.plan import said_of
from offswitch.project.project import Project
from offswitch.worklist.overdue import overdue

_EVER = datetime.fromtimestamp(0, UTC)
CAUSE = "review"  # of the off period while nobody has looked


@click.command("review")
@click.argument("flow")
@click.option("--by", metavar="ADDRESS", help="Who looks; else OFFSWITCH_USER.")
@click.option("--note", default="", help="What there is to say, for everybody who looks later.")
@click.option("--look", is_flag=True, help="Only show the figures.")
@json_option
def command(flow: str, by: str | None, note: str, look: bool, as_json: bool) -> None:
    """Look at FLOW, and sign that you have.

    Where a policy says `review: 7d`, people do the work of a flow at which nobody
    has looked for so long. Signing lets it go on: a little by itself, much after
    `offswitch on`. The owner of the flow signs, or an approver.
    """
    project = Project()
    journey = project.flows.get(flow)
    board, now = project.switchboard(journey), project.clock.now()
    with project.ledger.read() as book:
        standing, last = board.look(book), book.reviews.last(flow, now)
        figures = _figures(book, journey, standing, now, last)
    due = _sign(project, journey, standing, Review(flow, _signer(project, journey, by), note, now)) if not look else None
    data = {"schema": "offswitch.review/1", **figures, "signed": not look, "due": due}
    answer(data, as_json, lambda: "\n".join([*_text(figures), *([] if look else _signed(flow, standing, due))]))


def _signer(project: Project, journey: Journey, by: str | None) -> str:
    said = said_of(project, journey)
    assert said.policy is not None
    assert said.company is not None
    name = person(project, by)
    if name != said.policy.owner and Role.APPROVER not in said.company.people[name].roles:
        raise Refused(f"{name} neither owns {journey.name} nor is an approver in company.yaml; its owner is {said.policy.owner}")
    return name


def _sign(project: Project, journey: Journey, standing: Standing, review: Review) -> datetime | None:
    """Write it down; returns when the next one is due. A time that no pass has seen becomes an off period, as with `on`."""
    flow, every = journey.name, standing.policy.review if standing.policy else None
    with project.ledger.write() as book:
        book.audit.say(review.by, f"reviewed {flow}" + (f": {review.note}" if review.note else ""), flow)
        if standing.unreviewed and standing.review and CAUSE not in book.stops.periods(flow):
            book.stops.open_period(flow, CAUSE, standing.unreviewed, standing.review.due)
        book.reviews.sign(review)
    following = next_review(every, (review.by, review.at), "") if every else None
    return following.due if following else None


def _figures(book: Book, journey: Journey, standing: Standing, now: datetime, last: Review | None) -> dict[str, Any]:
    """What somebody should look at first."""
    flow, counts = journey.name, account(book, journey, standing, now)
    guards = watched(book, flow, standing.policy, now).guards if standing.policy and standing.policy.guardrails else ()
    return {
        "flow": flow,
        "last": {"by": last.by, "at": last.at, "note": last.note} if last else None,
        "switch": standing.policy.switch.value if standing.policy else "?",
        "in_the_way": in_the_way(standing),
        "since": book.reviews.figures(flow, last.at if last else _EVER),
        "open": {
            "waiting": counts.waiting,
            "held": counts.held,
            "worklist": counts.worklist,
            "overdue": overdue(book, journey, standing, now).total,
            "unknown": counts.unknown,
            "stored": counts.stored,
        },
        "guardrails": in_words(guards),
        "remarks": [*standing.remarks, *map(str, standing.lifted)],
    }


def _text(figures: dict[str, Any]) -> list[str]:
    """At most 80 columns, but for names."""
    last = figures["last"]
    who = f"since {last['at']:%Y-%m-%d %H:%M} UTC, reviewed by {last['by']}" if last else "since it began; nobody has reviewed it yet"
    lines = [
        f"{figures['flow']}: switch {figures['switch']}",
        *figures["in_the_way"],
        who + (f": {last['note']}" if last and last["note"] else ""),
        _counts(figures["since"]),
        "now: " + _counts(figures["open"]),
        *([f"guardrails: {figures['guardrails']}"] if figures["guardrails"] else []),
        *figures["remarks"],
    ]
    return [lines[0], *(row for line in lines[1:] for row in _wrapped(line))]


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in numbers.items())


def _signed(flow: str, standing: Standing, due: datetime | None) -> list[str]:
    following = f"The next review is due on {due:%Y-%m-%d %H:%M} UTC." if due else "No policy asks for reviews (`review: 7d`)."
    lines = [f"Signed. {following}"]
    if standing.unreviewed:
        lines.append(f"With the next pass it goes on by itself if little is due; else say `offswitch on {flow}`.")
    return [row for line in lines for row in wrap(line, width())]


def _wrapped(line: str) -> list[str]:
    return wrap(line, width(), initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
