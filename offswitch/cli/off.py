"""`offswitch off`: first the file, then the ledger. Never needs a valid policy, an approval or Prefect."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from offswitch.cli.output import answer, json_option
from offswitch.errors import ConfigError, Refused
from offswitch.policy.edit import set_switch
from offswitch.project.settings import Settings, read_settings

if TYPE_CHECKING:
    from offswitch.ledger.stops import StopRow, Worker

_WAIT = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Target:
    """What is switched: where it stands in which file, and the ledger's name for it."""

    scope: str
    name: str
    path: Path
    keys: tuple[str, ...]

    def __str__(self) -> str:
        if self.scope == "step":
            flow, _, step = self.name.partition("/")
            return f"step {step} of {flow}"
        return "everything" if self.scope == "company" else f"{self.scope} {self.name}"

    @property
    def flow(self) -> str:
        """The one flow that this is about, or ""."""
        return self.name.partition("/")[0] if self.scope in ("flow", "step") else ""


def target_of(
    settings: Settings, flow: str | None, everything: bool, channel: str | None, connector: str | None, step: str | None = None
) -> Target:
    """The one thing that the command names. Raises click.UsageError for none or several."""
    if sum(map(bool, (flow, everything, channel, connector))) != 1 or (step and not flow):
        raise click.UsageError("name one FLOW, with or without --step S, or --all, --channel C or --connector C")
    company = settings.policies / "company.yaml"
    if everything:
        return Target("company", "", company, ("switch",))
    if channel:
        return Target("channel", channel, company, ("channels", channel))
    if connector:
        return Target("connector", connector, company, ("connectors", connector))
    path = settings.policies / f"{flow}.yaml"
    if not path.exists() and not (settings.flows / f"{flow}.py").exists():
        there = sorted(found.stem for found in settings.flows.glob("[a-z]*.py"))
        raise Refused(f"there is no flow called {flow!r}; there are: {', '.join(there) or 'none'}")
    if step:
        return Target("step", f"{flow}/{step}", path, ("steps", step, "switch"))
    return Target("flow", str(flow), path, ("switch",))


@click.command("off")
@click.argument("flow", required=False)
@click.option("--step", metavar="S", help="Only one step of FLOW.")
@click.option("--all", "everything", is_flag=True, help="Switch every flow off.")
@click.option("--channel", metavar="C", help="Switch one channel off, such as email.")
@click.option("--connector", metavar="C", help="Switch one connector off, such as smtp.")
@click.option("--why", default="", help="The reason, for everybody who looks later.")
@click.option("--until", "end", metavar="TIME", help="Ends by itself: 3d, 2026-12-01 (the last day), 2026-12-01T09:00.")
@click.option("--wait", is_flag=True, help="Return when every live worker has seen it.")
@json_option
def command(
    flow: str | None,
    step: str | None,
    everything: bool,
    channel: str | None,
    connector: str | None,
    why: str,
    end: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Stop a flow, a step, a channel, a connector or everything. Needs no approval, ever.

    Due work goes to the worklist, or is held, as the policy says. What arrives
    meanwhile is kept. With --until the stop stands in the ledger alone, and the
    file stays as it is: when the time is over, a little goes on by itself, and
    much waits for `offswitch on`.
    """
    settings = read_settings()
    target = target_of(settings, flow, everything, channel, connector, step)
    done, failed = _stop(settings, target, why) if end is None else _stop_until(settings, target, why, _end(settings, end))
    seen = _wait_for_workers(settings, target) if wait else ""
    result = {"off": str(target), "done": done, "failed": failed, "workers": seen}
    head = f"{target} is off" if done or end is None else f"{target} is not off"
    answer(result, as_json, lambda: "\n".join([head, *(f"  {line}" for line in [*done, *failed]), *([seen] if seen else [])]))
    _known(settings, target)
    if not done and end is not None:
        raise Refused("nothing is off: say it without --until, then the file is edited and a stop needs no ledger")
    if not done:
        raise Refused("nothing could be written: set OFFSWITCH_STOP=1, or stop the worker processes")


def _stop(settings: Settings, target: Target, why: str) -> tuple[list[str], list[str]]:
    """Every source that can be set is set; one that can't says so and hinders no other."""
    done: list[str] = []
    failed: list[str] = []
    try:
        set_switch(target.path, target.keys, "off")
        done.append(f"file    {target.path}: {'.'.join(target.keys)}: off")
    except (ConfigError, OSError) as error:
        failed.append(f"file    not edited: {error}")
        if target.scope in ("flow", "company"):
            done += _touch(settings, target)
    written, unwritten = _stop_until(settings, target, why, None)
    return [*done, *written], [*failed, *unwritten]


def _stop_until(settings: Settings, target: Target, why: str, end: datetime | None) -> tuple[list[str], list[str]]:
    """The ledger's row alone: what has an end must have it in one place, which a deployment doesn't change."""
    try:
        row = _write_row(settings, target, why, end)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the ledger, the file is what stops
        what = str(error).strip().partition("\n")[0] or type(error).__name__  # not the statement and its parameters
        return [], [f"ledger  not written: {what}"]
    if end is None:
        return ["ledger  stop written"], []
    if row.until != end:
        until = f"until {row.until:%Y-%m-%d %H:%M} UTC" if row.until else "without an end"
        return [f"ledger  off already, {until}, by {row.by}: that stays"], []
    return [f"ledger  stop written, until {end:%Y-%m-%d %H:%M} UTC; the file stays as it is"], []


def _end(settings: Settings, text: str) -> datetime:
    """Until when. A day ends by the company's clock, by UTC while company.yaml can't be read. Raises click.BadParameter."""
    from pydantic_core import PydanticCustomError

    from offswitch.policy.load import load_company
    from offswitch.policy.until import until

    try:
        zone = ZoneInfo(load_company(settings.policies).zone)
    except ConfigError:
        zone = ZoneInfo("UTC")
    try:
        return until(text, datetime.now(UTC), zone)
    except PydanticCustomError as error:
        raise click.BadParameter(f"it {error.message()}: {(error.context or {}).get('fix', '')}", param_hint="--until") from error


def _known(settings: Settings, target: Target) -> None:
    """A stop of something that nobody knows stands in the file, but it stops nothing: say so."""
    names = {"channel": ["email", "crm"], "connector": [settings.email, settings.crm]}.get(target.scope)
    name = target.keys[-2] if target.scope == "step" else target.name
    if target.scope == "step":
        from offswitch.project.flows import load_flows

        journey = load_flows(settings.flows).journeys.get(target.flow)
        names = list(journey.steps) if journey else None
    if names is not None and name not in names:
        near = get_close_matches(name, names, 1) or [", ".join(names)]
        raise Refused(f"nothing is called {target.scope} {name!r}, so this stops nothing; did you mean {near[0]}?")


def _touch(settings: Settings, target: Target) -> list[str]:
    path = settings.stop_file(target.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        return []
    return [f"file    {path}: stop file made instead"]


def _write_row(settings: Settings, target: Target, why: str, end: datetime | None) -> StopRow:
    from offswitch.ledger.highwater import HighWater
    from offswitch.ledger.marked import MarkedLedger
    from offswitch.ledger.open import open_ledger

    highwater = HighWater(settings.mark, lambda: datetime.now(UTC))
    ledger = MarkedLedger(open_ledger(settings.ledger_url), highwater, settings.ledger_file)
    with ledger.write() as book:
        until = f" until {end:%Y-%m-%d %H:%M} UTC" if end else ""
        book.audit.say(who(settings), f"switched {target} off{until}" + (f": {why}" if why else ""), target.flow)
        row = book.stops.add(target.scope, target.name, reason=why, by=who(settings), at=datetime.now(UTC), until=end)
    ledger.close()
    return row


def _wait_for_workers(settings: Settings, target: Target) -> str:
    """Until no live worker goes on with what is off. What is already on its way to a server may still arrive."""
    from offswitch.ledger.open import open_ledger

    ledger = open_ledger(settings.ledger_url)
    end = monotonic() + _WAIT.total_seconds()
    heard: dict[str, Worker] = {}
    live: list[Worker] = []
    try:
        with ledger.read() as book:
            began = book.instant(datetime.now(UTC))
        while monotonic() < end:
            with ledger.read() as book:
                now = book.instant(datetime.now(UTC))
                live = [one for one in book.stops.live(now) if target.flow in ("", one.flow)]
                heard |= {one.id: one for one in (*live, *book.stops.known(heard))}
            if all(_has_seen(one, target, began) for one in live):
                return _heard([*heard.values()], target, began)
            sleep(0.05)
    finally:
        ledger.close()
    raise Refused("a live worker has not acknowledged: " + ", ".join(sorted(one.id for one in live)))


def _has_seen(worker: Worker, target: Target, began: datetime) -> bool:
    return worker.seen >= began and (worker.halted or target.scope not in ("flow", "company"))


def _heard(workers: list[Worker], target: Target, began: datetime) -> str:
    """What became of every worker that was live: who ends by itself cuts its own time short, who dies doesn't."""
    seen = [one for one in workers if _has_seen(one, target, began)]
    ended = [one for one in workers if one not in seen and one.ended]
    counts = {"acknowledged": len(seen), "ended by itself": len(ended), "died": len(workers) - len(seen) - len(ended)}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "no worker was live"


def who(settings: Settings) -> str:
    """Who gives the command: OFFSWITCH_USER, else the login name."""
    try:
        return settings.user or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
