"""`offswitch retire`: ends everybody's journey in a flow, after a time in which it can be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from offswitch.act.report import Report
from offswitch.act.retire import end_journeys, retire, said, undo, undoing
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import Period, person
from offswitch.errors import Refused
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.ledger.retirements import Retirement
from offswitch.policy.values import written
from offswitch.project.agreement import Wish, two_people
from offswitch.project.project import Project

_AFTER = timedelta(hours=24)
_NAMES = 5


@click.command("retire")
@click.argument("flow")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--why", default="", help="The reason; needed to ask for it.")
@click.option("--after", type=Period(), default=written(_AFTER), show_default=True, metavar="24h", help="How long it can be undone.")
@click.option("--undo", "back", is_flag=True, help="Everything goes on as it was.")
@click.option("--look", is_flag=True, help="Only say who is inside.")
@json_option
def command(flow: str, by: str | None, why: str, after: float, back: bool, look: bool, as_json: bool) -> None:
    """End everybody's journey in FLOW.

    Says first who is inside. One person asks, another one, an approver, agrees:
    then the flow stops, and until the stated time --undo brings all back as it
    was. After it everybody leaves, and nobody enters any more.
    """
    project = Project()
    journey = project.flows.get(flow)
    with project.ledger.read() as book:
        retirement = book.retirements.of(flow)
        inside = _inside(book, flow)
    if look:
        answer({"flow": flow, "retirement": _as_json(retirement), "inside": inside}, as_json, lambda: _in_words(flow, retirement, inside))
    elif back:
        _undo(project, flow, person(project, by))
        answer({"flow": flow, "undone": True}, as_json, lambda: f"{flow} is not retired: everybody stands where they stood")
    elif retirement is not None:
        _end(project, journey, retirement, as_json)
    else:
        if not as_json:
            click.echo(_in_words(flow, None, inside))
        made = _ask(project, flow, inside, person(project, by), why, timedelta(seconds=after), as_json)
        answer({"flow": flow, "retirement": _as_json(made), "inside": inside}, as_json, lambda: _until(made))


def _ask(project: Project, flow: str, inside: dict[str, Any], by: str, why: str, after: timedelta, as_json: bool) -> Retirement:
    """Two people. Raises Refused while it is one."""
    now = project.clock.now()
    longer = [] if after == _AFTER else [f"--after {written(after)}"]
    wish = Wish("retire", flow, inside["people"], " ".join(["offswitch retire", flow, *longer]), why)
    with project.ledger.write() as book:
        agreement = two_people(book, project.company(), wish, by, now)
        book.audit.say(by, f"asked to retire it: {why}" if not agreement.agreed_by else f"agreed to retire it: {agreement.why}", flow)
        if not agreement.why:
            raise Refused("say why everybody's journey ends: --why TEXT")
        if agreement.agreed_by:
            return retire(book, flow, by=agreement.asked_by, agreed_by=by, why=agreement.why, now=now, until=now + after)
    answer({"asked": {"by": by, "size": inside["people"]}, "inside": inside}, as_json, lambda: f"asked by {by}; nothing has changed")
    raise Refused(f"{inside['people']:,} would leave {flow}: {agreement.text}")


def _undo(project: Project, flow: str, by: str) -> None:
    with project.ledger.write() as book:
        book.audit.say(by, "took the retirement back", flow)
        undo(book, flow, by=by, now=project.clock.now())


def _end(project: Project, journey: Journey, retirement: Retirement, as_json: bool) -> None:
    """It is retired already: when the time has come, everybody leaves now."""
    report = Report()
    with project.desk(journey) as desk:
        end_journeys(desk, report)
    with project.ledger.read() as book:
        now = book.retirements.of(journey.name) or retirement
    data = {"flow": journey.name, "retirement": _as_json(now), "left": report.total("exited")}
    answer(data, as_json, lambda: f"{journey.name}: {report.total('exited'):,} have left" if now.done else _until(now))


def _inside(book: Book, flow: str) -> dict[str, Any]:
    """Who would leave: how many stand where, some of their names, and how many somebody has taken."""
    places, some = book.entries.places(flow), book.entries.some(flow, _NAMES)
    contacts = book.contacts.get([entry.contact_id for entry in some])
    named = [(contacts[entry.contact_id].name or contacts[entry.contact_id].email or entry.contact_id, entry.taken_by) for entry in some]
    return {
        "people": sum(places.values()),
        "places": [{"step": step, "state": state, "count": count} for (step, state), count in places.items()],
        "with_people": book.entries.with_people(flow),
        "some": [{"name": name, "taken_by": taken} for name, taken in named],
    }


def _in_words(flow: str, retirement: Retirement | None, inside: dict[str, Any]) -> str:
    lines = [f"{flow}: {inside['people']:,} inside" if inside["people"] else f"{flow}: nobody is inside"]
    lines += [f"  {place['count']:>7,} at {place['step']}, {place['state']}" for place in inside["places"]]
    lines += [f"  {inside['with_people']:>7,} of them with people"] * bool(inside["with_people"])
    lines += [f"  {one['name']}" + (f", taken by {one['taken_by']}" if one["taken_by"] else "") for one in inside["some"]]
    lines += ["  …"] * (inside["people"] > len(inside["some"]))
    return "\n".join([*lines, *([_until(retirement)] if retirement else [])])


def _until(retirement: Retirement) -> str:
    if retirement.done:
        return f"{retirement.flow} is {said(retirement)}"
    return (
        f"{retirement.flow} stands still, and nobody enters.\n"
        f"Everybody leaves at {retirement.until:%Y-%m-%d %H:%M} UTC. Until then:\n  {undoing(retirement.flow)}"
    )


def _as_json(retirement: Retirement | None) -> dict[str, Any] | None:
    if retirement is None:
        return None
    return {name: getattr(retirement, name) for name in ("by", "agreed_by", "why", "at", "until", "done")}
