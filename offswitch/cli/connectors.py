"""`offswitch connectors`: which there are, what each promises, and how it stands."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from textwrap import wrap
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from offswitch.cli.output import answer, json_option, width
from offswitch.errors import ConfigError, Refused
from offswitch.gate.permit import uptime
from offswitch.policy.flow import OnOff
from offswitch.project.catalogue import PROMISES, Entry, catalogue
from offswitch.project.project import Project

SCHEMA = "offswitch.connectors/1"
_CHOICE = {"email": "OFFSWITCH_EMAIL", "crm": "OFFSWITCH_CRM"}
_MARGIN = " " * 14


@click.command("connectors")
@click.option("--reference", "page", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Renew the variables in this page.")
@json_option
def command(page: Path | None, as_json: bool) -> None:
    """List connectors: in use, guarantee, limits, breaker, switch, settings."""
    if page is not None:
        from offswitch.project.variables_page import renewed

        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
        answer({"schema": SCHEMA, "written": str(page)}, as_json, lambda: f"written: {page}")
        return
    project = Project()
    used = {"email": project.settings.email, "crm": project.settings.crm}
    off, states = _switched_off(project), _states()
    found = [_row(entry, used, off, states, project.settings.environment) for entry in catalogue()]
    there = {(row["kind"], row["name"]) for row in found}
    lacking = [f"{_CHOICE[kind]} is {name!r}: there is no such connector" for kind, name in used.items() if (kind, name) not in there]
    folder = project.settings.sources
    sources = sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []
    data = {"schema": SCHEMA, "connectors": found, "sources": sources, "problems": lacking}

    def text() -> str:
        lines = [line for kind in _CHOICE for line in [f"{kind}:", *(line for row in found if row["kind"] == kind for line in _shown(row))]]
        lines += [f"inbound: {len(sources)} sources in {folder}/, see `offswitch sources`"] if sources else []
        return "\n".join(lines + lacking)

    answer(data, as_json, text)


def _row(
    entry: Entry, used: Mapping[str, str], off: Mapping[str, str], states: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, Any]:
    state = states.get(entry.service) if entry.service else None
    return {
        "kind": entry.kind,
        "name": entry.name,
        "in_use": used.get(entry.kind) == entry.name,
        "guarantee": entry.guarantee.value,
        "promise": PROMISES[entry.guarantee],
        "limits": entry.limits,
        "off": off.get(entry.name, ""),
        "breaker": state and _breaker(state.breaker.condition(uptime())),
        "paused_for": round(state.pace.paused(uptime())) if state else 0,
        "missing": entry.missing(environment),
        "trouble": entry.trouble,
    }


def _breaker(condition: Any) -> dict[str, Any]:
    return {
        "position": condition.position.value,
        "failures": condition.failures,
        "open_for": round(condition.since),
        "holds_for": round(condition.seconds),
        "why": condition.why,
    }


def _shown(row: Mapping[str, Any]) -> list[str]:
    """A connector in a few lines: its name beside the first."""
    use = "in use; " if row["in_use"] else ""
    lines = [use + row["promise"]] if not row["trouble"] else [f"{use}not usable: {row['trouble']}"]
    lines += [row["limits"]] if row["limits"] else []
    lines += [f"OFF: {row['off']}"] if row["off"] else []
    lines += [_of_breaker(**row["breaker"])] if row["breaker"] else []
    lines += [f"the provider asked for a pause: {row['paused_for']} s more"] if row["paused_for"] else []
    lines += [f"{'MISSING' if row['in_use'] else 'to use it, set'}: {', '.join(row['missing'])}"] if row["missing"] else []
    folded = [part for line in lines for part in wrap(line, width() - len(_MARGIN), break_on_hyphens=False)]
    return [f"  {row['name']:<{len(_MARGIN) - 3}} {folded[0]}", *(_MARGIN + line for line in folded[1:])]


def _of_breaker(position: str, failures: int, open_for: int, holds_for: int, why: str) -> str:
    because = f": {why}" if why else ""
    if position == "closed":
        return f"breaker closed; {failures} failed in a row{because}" if failures else "breaker closed"
    goes = f"holds {holds_for} s more" if holds_for else "the next call tries"
    return f"BREAKER OPEN for {open_for} s, {failures} failures, {goes}{because}"


def _switched_off(project: Project) -> dict[str, str]:
    """Where a connector is off, and why, as far as files and ledger can be read."""
    found: dict[str, str] = {}
    file = project.settings.ledger_file
    with suppress(SQLAlchemyError, Refused):  # `offswitch doctor` says what is wrong with it
        if file is None or file.is_file():
            with project.ledger.read() as book:
                found |= {row.name: f"ledger, {row.reason or f'by {row.by}'}" for row in book.stops.now() if row.scope == "connector"}
    with suppress(ConfigError):
        found |= {name: "company.yaml" for name, switch in project.company().connectors.items() if switch is OnOff.OFF}
    return found


def _states() -> Mapping[str, Any]:
    """What the processes of this machine know of the providers, by the name of the service."""
    found: Mapping[str, Any] = importlib.import_module("connectors.http.traffic").states()
    return found
