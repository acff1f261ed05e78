"""`offswitch status`: every flow at a glance."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from textwrap import wrap
from typing import Any

import click

from offswitch.cli.output import ago, answer, json_option, table, width
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.registers import Register
from offswitch.metrics.account import account
from offswitch.metrics.capacity import by_hand
from offswitch.metrics.guardrails import in_words, watched
from offswitch.policy.drilled import last_drill
from offswitch.project.abandoned import abandoned
from offswitch.project.experiments import nothing_learnt, today_of
from offswitch.project.project import Project
from offswitch.shadow.run import running
from offswitch.worklist.kept import folder_of, kept
from offswitch.worklist.overdue import overdue

_AHEAD = timedelta(days=30)


@click.command("status")
@json_option
def command(as_json: bool) -> None:
    """Switch, rollout, who waits where, the last run, and what is in the way."""
    project = Project()
    now = project.clock.now()
    with project.ledger.read() as book:
        lists = kept(folder_of(project.settings.home))
        flows = [
            {**_flow(project, book, name, now), "list": lists[name].to_json() if name in lists else None}
            for name in sorted(project.flows.journeys)
        ]
        live = len(book.stops.live(book.instant(now)))
        clock = project.clock_watch().refusal(book)
        register = book.registers.of(project.settings.crm)
    broken = [str(problem) for problem in (*project.flows.problems, *abandoned(project))]
    data = {"schema": "offswitch.status/1", "at": now, "workers": live, "flows": flows, "broken": broken, "clock": clock}
    data["crm"] = asdict(register) if register else None
    rows = [(f["flow"], f["switch"], f["rollout"], f["waiting"], f["held"], f["worklist"], ago(f["last_run"], now)) for f in flows]

    def text() -> str:
        lines = [table(("FLOW", "SWITCH", "ROLLOUT", "WAITING", "HELD", "WORKLIST", "LAST RUN"), rows)]
        lines += dict.fromkeys(_named(f["flow"], reason) for f in flows for reason in f["in_the_way"])
        lines += [f"{f['flow']}: {remark}" for f in flows for remark in f["readiness"]]
        lines += [line for f in flows for note in _notes(f) for line in _folded(f"{f['flow']}: {note}")]
        lines += dict.fromkeys(_feast(**one) for f in flows for one in f["not_confirmed"])
        lines += [clock] if clock else []
        lines += [_turns(f["flow"], f["release"]["wait"], f["release"]["until"], now) for f in flows if f["release"]]
        lines += [_day(f["flow"], **f["by_hand"]) for f in flows if f["by_hand"] and f["by_hand"]["minutes"]]
        lines += [line for f in flows if f["guardrails"] for line in _folded(f"{f['flow']}: guardrails: {f['guardrails']['text']}")]
        lines += [f"{f['flow']}: dry-run: {f['shadow']['decided']:,} decided in shadow" for f in flows if f["shadow"]]
        late = [f"{f['flow']} {f['overdue']:,}" for f in flows if f["overdue"]]
        lines += [f"overdue with people: {', '.join(late)}; see `offswitch worklist list --overdue`"] if late else []
        ages = [f"{name} {ago(one.made, now)}" for name, one in lists.items()]
        lines += [f"list for 72 h, made: {', '.join(ages)}"] if ages else []
        lines += [_edited(register, now)] if register and (register.edited or register.strangers) else []
        drilled = [f"{f['flow']} {_drilled(f['drill'], now)}" for f in flows]
        lines += [f"drilled: {', '.join(drilled)}"] if any(f["drill"] for f in flows) else []
        return "\n".join([*lines, *broken])

    answer(data, as_json, text)


def _edited(register: Register, now: datetime) -> str:
    """When people last changed something in the CRM, as far as it was taken in."""
    unknown = f"; {register.strangers:,} changes about people whom nobody here knows" if register.strangers else ""
    return f"edits in {register.crm}, the newest: {ago(register.edited, now)}{unknown}"


def _flow(project: Project, book: Book, name: str, now: datetime) -> dict[str, Any]:
    journey = project.flows.get(name)
    standing = project.switchboard(journey).look(book)
    counts = account(book, journey, standing, now)
    last = book.history.last_run(name)
    drill = last_drill(project.settings.policies, name)
    day = by_hand(book, journey, standing.policy, now) if standing.policy else None
    return {
        "flow": name,
        "switch": standing.policy.switch.value if standing.policy else "?",
        "rollout": _rollout(standing, book.history.rung(name)),
        "waiting": counts.waiting,
        "held": counts.held,
        "worklist": counts.worklist,
        "overdue": overdue(book, journey, standing, now).total,
        "unknown": counts.unknown,
        "lost": counts.lost,
        "last_run": last.started if last else None,
        "in_the_way": in_the_way(standing),
        "stops": [asdict(stop) for stop in standing.stops],
        "readiness": list(standing.remarks),
        "lifted": [one.to_json() for one in standing.lifted],
        "review": {**asdict(standing.review), "text": str(standing.review)} if standing.review else None,
        "not_confirmed": _not_confirmed(standing, now),
        "release": _release(book, name, now),
        "drill": {"at": drill.at, "passed": drill.passed, "digest": drill.digest} if drill else None,
        "by_hand": {"minutes": day.minutes, "capacity": day.capacity} if day else None,
        "guardrails": _guardrails(book, name, standing, now),
        "experiments": _experiments(project, standing),
        "shadow": {"decided": book.shadow.count(name)} if running(standing) else None,
    }


def _not_confirmed(standing: Standing, now: datetime) -> list[dict[str, str]]:
    """The feasts of the next weeks whose first day hangs on the moon, and nobody has said it yet."""
    occasions = standing.policy.pace.calendar.occasions if standing.policy else ()
    found = ((one, one.unconfirmed(now.date(), _AHEAD)) for one in occasions)
    return [{"occasion": one.name.value, "about": span.first.isoformat()} for one, span in found if span is not None]


def _feast(occasion: str, about: str) -> str:
    return f"not confirmed: {occasion}, about {about}; see occasions in company.yaml"


def _guardrails(book: Book, flow: str, standing: Standing, now: datetime) -> dict[str, Any] | None:
    """What the guardrails see, if there are any."""
    if standing.policy is None or not standing.policy.guardrails:
        return None
    guards = watched(book, flow, standing.policy, now).guards
    return {"text": in_words(guards), "metrics": [guard.to_json() for guard in guards]}


def _experiments(project: Project, standing: Standing) -> list[dict[str, str]]:
    """Those that are over and from which nobody has learnt."""
    if standing.policy is None or not standing.policy.experiments:
        return []
    found = nothing_learnt(standing.flow, standing.policy.experiments, today_of(project))
    return [{"message": message, "text": f"{what}: {fix}"} for message, (what, fix) in found.items()]


def _notes(flow: dict[str, Any]) -> list[str]:
    """Which rules are lifted, when somebody looks at the flow next, and from which experiments nobody has learnt."""
    tried = [f"experiment {one['message']} {one['text']}" for one in flow["experiments"]]
    return [one["text"] for one in flow["lifted"]] + ([flow["review"]["text"]] if flow["review"] else []) + tried


def _folded(line: str) -> list[str]:
    return wrap(line, width(), subsequent_indent="  ", break_on_hyphens=False)


def _named(flow: str, reason: str) -> str:
    return reason if flow in reason or reason.startswith("everything is off") else f"{flow}: {reason}"


def _release(book: Book, flow: str, now: datetime) -> dict[str, Any] | None:
    """How many wait for their turn after a stop, and until when."""
    wait, until = book.backlog.turns(flow, now)
    return {"wait": wait, "until": until} if wait else None


def _turns(flow: str, wait: int, until: datetime, now: datetime) -> str:
    return f"{flow}: goes on after a stop; {wait:,} still wait for their turn, the last one {ago(until, now)}"


def _drilled(drill: dict[str, Any] | None, now: datetime) -> str:
    """When this flow was drilled last."""
    if drill is None:
        return "never"
    return ago(drill["at"], now) + ("" if drill["passed"] else " and FAILED")


def _day(flow: str, minutes: int, capacity: int | None) -> str:
    """How much work the flow would be today if people did it by hand."""
    if capacity is None:
        return f"{flow}: by hand today: {minutes} min/day; no capacity in force"
    return f"{flow}: by hand today: {minutes} of {capacity} min/day" + (", more than people can take over" if minutes > capacity else "")


def in_the_way(standing: Standing) -> list[str]:
    """Everything that keeps the machine from acting, in words."""
    return [*map(str, standing.stops), *standing.objections]


def _rollout(standing: Standing, rung: int) -> str:
    if standing.policy is None:
        return "?"
    steps = standing.policy.rollout.steps
    return str(steps[min(rung, len(steps) - 1)])
