"""`offswitch on`: says first what would happen; clears this flow's manual stops and nothing else."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from offswitch.act.release import Outlook, outlook
from offswitch.cli.off import Target, target_of, who
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.gate.standing import WAITS, Standing, Stop
from offswitch.ledger.base import Book
from offswitch.policy.edit import set_switch
from offswitch.policy.load import load_flow
from offswitch.policy.schema import Effective, Late
from offswitch.project.agreement import Wish, two_people
from offswitch.project.project import Project
from offswitch.shadow.run import running


@dataclass(frozen=True, slots=True)
class Look:
    """What would happen if a flow went on now, and what would still be in the way."""

    flow: str
    standing: Standing
    policy: Effective
    outlook: Outlook
    stays: list[str]


@click.command("on")
@click.argument("flow", required=False)
@click.option("--step", metavar="S", help="Only one step of FLOW.")
@click.option("--all", "everything", is_flag=True, help="End the stop of everything.")
@click.option("--channel", metavar="C", help="Switch one channel on again.")
@click.option("--connector", metavar="C", help="Switch one connector on again.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--yes", is_flag=True, help="Let all go on that is due, however many.")
@click.option("--look", is_flag=True, help="Only say what would happen.")
@json_option
def command(
    flow: str | None,
    step: str | None,
    everything: bool,
    channel: str | None,
    connector: str | None,
    by: str | None,
    yes: bool,
    look: bool,
    as_json: bool,
) -> None:
    """Let a flow go on: edits its file, ends its stop row and stop file.

    Says first how many are due and how they are let go. Many need --yes, very
    many a second person. Automatic, company, channel and environment stops
    stay: they are listed, and the exit code is 1. What people did by hand stays
    done.
    """
    project = Project()
    target = target_of(project.settings, flow, everything, channel, connector, step)
    name = person(project, by) if by or project.settings.user else who(project.settings)
    names = [target.flow] if target.flow else sorted(project.flows.journeys)
    seen = {one: found for one in names if (found := _look(project, one, target)) is not None}
    looks = {one: _as_json(found) for one, found in seen.items()}
    if look:
        answer({"flows": looks}, as_json, lambda: "\n".join(map(_in_words, seen.values())))
        return
    if target.flow:
        if not as_json:
            click.echo(_in_words(seen[target.flow]))
        _agree(project, target, seen[target.flow], name, yes, as_json)
    results = _switch_on(project, target, seen, name)
    answer({"on": str(target), "looks": looks, "flows": results}, as_json, lambda: _text(target, results))
    if target.flow and (stays := results[target.flow]["in_the_way"]):
        raise Refused(f"{target.flow} stays off: {'; '.join(stays)}")


def _look(project: Project, flow: str, target: Target) -> Look | None:
    """None for a flow that never had a valid policy. Raises ConfigError for the one that is named, when a file is invalid."""
    journey = project.flows.get(flow)
    if target.flow:
        load_flow(project.settings.policies, flow, project.company())
    with project.ledger.read() as book:
        standing = project.switchboard(journey).look(book)
        if standing.policy is None:
            return None
        found = outlook(book, journey, standing.policy, project.clock.now())
    stays = [str(stop) for stop in standing.stops if not _ends(project, target, stop)]
    return Look(flow, standing, standing.policy, found, [*stays, *standing.objections])


def _ends(project: Project, target: Target, stop: Stop) -> bool:
    """Does this command end this stop? Automatic ones and the environment's it never ends."""
    if stop.source == WAITS:
        return bool(target.flow)
    if stop.source == "stop file":
        return target.scope in ("flow", "company") and stop.reason == str(project.settings.stop_file(target.name))
    name = target.keys[-2] if target.scope == "step" else target.name
    return (stop.scope, stop.name) == (target.scope, name) and not stop.automatic and stop.source != "environment"


def _agree(project: Project, target: Target, seen: Look, name: str, yes: bool, as_json: bool) -> None:
    """A backlog goes out only when somebody has seen its size; a large one when two have. Raises Refused until then."""
    size, part = seen.outlook.acted_on, f" --step {target.keys[-2]}" if target.scope == "step" else ""
    if size > seen.policy.second_person_above:
        wish = Wish("on", target.name, size, f"offswitch on {target.flow}{part} --yes")
        with project.ledger.write() as book:
            book.audit.say(name, f"asked to let {size} go on", target.flow)
            agreement = two_people(book, project.company(), wish, person(project, name), project.clock.now())
        if not agreement.agreed_by:
            data = {"asked": {"by": name, "size": size}, "looks": {seen.flow: _as_json(seen)}}
            answer(data, as_json, lambda: f"asked by {name}; nothing has changed")
            raise Refused(f"{size:,} are due in {target.flow}: {agreement.text}")
    elif size > seen.policy.without_asking and not yes:
        if not sys.stdin.isatty():
            raise Refused(f"{size:,} are due in {target.flow} now: look at `offswitch plan {target.flow}`, then say --yes")
        click.confirm(f"{size:,} are due in {target.flow} now. Go on?", abort=True, err=True)


def _switch_on(project: Project, target: Target, seen: dict[str, Look], by: str) -> dict[str, dict[str, Any]]:
    """First the file, then the ledger."""
    set_switch(target.path, target.keys, "on")
    if target.scope in ("flow", "company"):
        project.settings.stop_file(target.name).unlink(missing_ok=True)
    with project.ledger.write() as book:
        book.audit.say(by, f"switched {target} on", target.flow)
        since = {(row.scope, row.name): row.at for row in book.stops.now()}.get((target.scope, target.name))
        book.stops.end(target.scope, target.name, by=by, at=project.clock.now())
        return {one: _resume(project, book, found, target, by, since) for one, found in seen.items()}


def _resume(project: Project, book: Book, seen: Look, target: Target, by: str, since: datetime | None) -> dict[str, Any]:
    """End the off periods whose cause has gone, and say what waits and what is still in the way."""
    flow, now = seen.flow, project.clock.now()
    journey = project.flows.get(flow)
    standing = project.switchboard(journey).look(book)
    if target.flow:
        cause = f"{target.scope} {target.keys[-2] if target.scope == 'step' else flow}"
        if cause in seen.standing.causes and cause not in book.stops.periods(flow):  # no run has seen it, but off it was
            book.stops.open_period(flow, cause, seen.standing.causes[cause], since or now)
        ended = [cause for cause in book.stops.periods(flow) if cause not in standing.causes]
        book.stops.close_periods(flow, ended, f"by {by}", now)
        standing = project.switchboard(journey).look(book)
    whole = [str(stop) for stop in standing.stops if stop.scope in ("company", "flow")]
    parts = [str(stop) for stop in standing.stops if stop.scope not in ("company", "flow")]
    in_the_way = [*whole, *standing.objections]
    return {"due_now": seen.outlook.acted_on, "in_the_way": in_the_way, "parts_off": parts}


def _text(target: Target, results: dict[str, dict[str, Any]]) -> str:
    lines = [f"{target}: switched on"]
    for name, result in results.items():
        lines += [f"  {name}: {result['due_now']:,} due now, for the next run"] * (not target.flow)
        lines += [f"    still in the way: {line}" for line in (*result["in_the_way"], *result["parts_off"])]
    return "\n".join(lines)


def _as_json(seen: Look) -> dict[str, Any]:
    found = seen.outlook
    return {
        "acted_on": found.acted_on,
        "late": found.late,
        "stored": found.stored,
        "with_people": found.with_people,
        "release": str(found.cap),
        "takes_seconds": round(found.takes.total_seconds()),
        "second_person": found.acted_on > seen.policy.second_person_above,
        "stays_in_the_way": seen.stays,
    }


def _in_words(seen: Look) -> str:
    """At most 80 columns, but for what stands in the way."""
    found, late = seen.outlook, {Late.REVIEW: "a person looks first", Late.SKIP: "not sent", Late.SEND: "sent"}[seen.policy.late_then]
    pace = f"{found.cap}, about {_span(found.takes)}" if found.takes else "all with the next run"
    lines = [
        (found.due + found.stored, f"due: {pace}"),
        (found.stored, "of them came meanwhile; nobody has looked at them yet"),
        (found.late, f"too late: {late}"),
        (found.with_people, "with people, and stay with them"),
    ]
    ends = ["  its dry run ends: nobody in it is carried over"] if running(seen.standing) else []
    shown = [f"  {count:>7,} {words}" for count, words in lines if count] or ["  nothing is due"]
    return "\n".join([f"{seen.flow}, when it goes on:", *shown, *ends, *(f"  stays in the way: {line}" for line in seen.stays)])


def _span(length: timedelta) -> str:
    for unit, size in (("d", timedelta(days=4)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if length >= size:
            return f"{length / (timedelta(days=1) if unit == 'd' else size):.0f} {unit}"
    return "a minute"
