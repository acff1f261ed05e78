"""`offswitch experiment`: what the texts that are tried out show so far, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

import click

from offswitch.cli.output import answer, json_option, table, width
from offswitch.errors import Refused
from offswitch.metrics.experiment import Finding, Reading, read
from offswitch.metrics.size import shown
from offswitch.policy.experiments import OWN, Aim
from offswitch.policy.load import load_flow
from offswitch.policy.values import written
from offswitch.project.experiments import unsteady_experiments
from offswitch.project.project import Project

_DID = {Aim.GOAL: "reached the goal", Aim.CLICK: "followed a link", Aim.REPLY: "answered"}


@click.command("experiment")
@click.argument("flow")
@json_option
def command(flow: str, as_json: bool) -> None:
    """How a flow's experiments stand. Looking every day spoils nothing."""
    project = Project()
    journey, company = project.flows.get(flow), project.company()
    experiments = load_flow(project.settings.policies, journey.name, company).experiments
    if not experiments:
        raise Refused(f"{journey.name} tries nothing out: write `experiments:` in {journey.name}.yaml (docs/experiments.md)")
    zone, now = ZoneInfo(company.zone), project.clock.now()
    with project.ledger.read() as book:
        readings = [read(book, journey, message, one, zone, now) for message, one in experiments.items()]
        notes = unsteady_experiments(project, book, journey)
    shown: list[dict[str, Any]] = [{**reading.to_json(), "next": next_step(reading)} for reading in readings]
    data = {"schema": "offswitch.experiment/1", "at": now, "experiments": shown, "advice": list(map(str, notes))}
    answer(data, as_json, lambda: "\n\n".join([*map(as_text, readings), *(_folded(f"advice: {note}") for note in notes)]))


def as_text(reading: Reading) -> str:
    """One experiment for a terminal."""
    one = reading.experiment
    until = f"{one.starts} to {one.ends}" + (", over" if reading.over else "")
    head = [f"{reading.flow}/{reading.message}   {until}   owner {one.owner}", _folded(one.hypothesis)]
    counts = _folded(f"It counts who {_DID[one.metric]} within {written(one.within)} after the mail, once that time is over.")
    return "\n".join([*head, "", _arms(reading), "", counts, *map(_folded, _size(reading)), "", _folded(next_step(reading))])


def _arms(reading: Reading) -> str:
    """The shares are said of nobody while the lots are wrong."""
    said = reading.finding is not Finding.UNEVEN
    rows = [
        (
            arm.text,
            f"{arm.people:,}",
            f"{arm.counted:,}",
            f"{arm.reached:,}" if said else "-",
            f"{arm.share:.1%}" if said and arm.share is not None else "-",
            f"{arm.low:.1%} - {arm.high:.1%}" if said and arm.counted else "-",
            arm.unsubscribe,
            arm.complaint,
            arm.bounce,
        )
        for arm in reading.arms
    ]
    return table(("TEXT", "SENT", "COUNTED", "DID IT", "SHARE", "IN TRUTH", "OPT-OUT", "SPAM", "BOUNCE"), rows)


def _size(reading: Reading) -> Iterator[str]:
    one, size = reading.experiment, reading.size
    if size.people is None or size.rate is None:
        yield "How many it takes is open, as nobody knows what share does it now: state it in `baseline`."
        return
    better = shown(size.rate + one.smallest_effect.ppm / 1_000_000)
    known = "stated" if size.stated else "measured before the start"
    yield f"It takes {size.people:,} people to see the share go from {shown(size.rate)} ({known}) to {better}, in 8 of 10 cases."
    if size.days is not None and not reading.over:
        yield f"As people come now ({size.per_day:,.1f} a day) that is {size.days:,} days."


def next_step(reading: Reading) -> str:
    """What to do, in words."""
    one = reading.experiment
    match reading.finding:
        case Finding.WAITING:
            return f"Not begun: everybody gets {OWN} until {one.starts}."
        case Finding.SETTLED:
            return f"Settled: everybody gets {one.winner}. Learnt: {' '.join(one.learning.split())}"
        case Finding.UNEVEN:
            return (
                f"THE LOTS ARE WRONG (clear after {reading.uneven_after:,} people): the texts don't get equal shares, so nothing is "
                f"said of them. Find out which mails are missing (`offswitch metrics {reading.flow}`); begin anew with another `starts`."
            )
        case Finding.BETTER:
            return _better(reading)
        case Finding.SAME:
            return (
                f"No difference of {one.smallest_effect} was seen, and enough people were asked: keep {OWN}. "
                f"Write `winner: {OWN}` and what you learnt in {reading.flow}.yaml."
            )
        case Finding.EARLY:
            return _early(reading)


def _early(reading: Reading) -> str:
    of = f" of {reading.size.people:,}" if reading.size.people else ""
    if reading.over:
        return (
            f"It is over, and too few were asked: {reading.counted:,}{of}. Nobody can say which text is better: keep {OWN}, "
            f"and write `winner: {OWN}` and what you learnt in {reading.flow}.yaml; or let it go on with a later `ends`."
        )
    return f"Too early to say: {reading.counted:,}{of} people have had their time. Let it run."


def _better(reading: Reading) -> str:
    shares = {arm.text: f"{arm.share or 0:.1%} of {arm.counted:,}" for arm in reading.arms}
    rest = ", ".join(f"{text} {share}" for text, share in shares.items() if text != reading.best)
    harm = {arm.text: arm.unsubscribe + arm.complaint + arm.bounce for arm in reading.arms}
    careful = f" It harmed more people than {OWN}: look at the last columns first." if harm[reading.best] > harm[OWN] else ""
    return (
        f"{reading.best} is better: {shares[reading.best]}, against {rest}.{careful} "
        f"Write `winner: {reading.best}` and what you learnt in {reading.flow}.yaml."
    )


def _folded(text: str) -> str:
    return "\n".join(wrap(text, width(), break_on_hyphens=False))
