"""`offswitch intake`: forms and events from a file, each taken once; what can't be taken is kept to be mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from textwrap import wrap
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from offswitch.cli.output import answer, json_option, on_terminal, say
from offswitch.errors import ConfigError, Refused
from offswitch.intake.forms import DEFAULT_KIND, SOURCE, Forms, forms, known_kinds
from offswitch.intake.inbound import source_of
from offswitch.intake.receive import Received
from offswitch.intake.rejects import keep
from offswitch.intake.stream import Tally, take_in
from offswitch.model.submission import Reject, Submission
from offswitch.project.project import Project

_SHOWN = 10  # warnings
_EVERY = 5_000  # rows between two lines of progress, where nobody watches


@click.command("intake")
@click.argument("file")
@click.option("--source", default="file", show_default=True, help="Who these come from. Within a source an id is taken once.")
@click.option("--event", default=DEFAULT_KIND, show_default=True, help="The kind of event, where a row names none.")
@json_option
def command(file: str, source: str, event: str, as_json: bool) -> None:
    """Take in forms or events from FILE: CSV, JSON or JSON lines; - is standard input.

    Where there is a sources/SOURCE.yaml, it says what each column becomes. A row
    that can't be taken is written with its reason to a file of rejects, and the
    others go on. Reading the same file again takes nothing twice.
    """
    project = Project()
    _check(project, source, event)
    readers = forms()
    declared = source_of(project.settings.sources, source)
    read = declared.rows if declared else readers.read_file
    rows = read(file, now=project.clock.now(), default_kind=event, known_kinds=known_kinds())
    broken: list[ConfigError] = []
    tally = _take(project, _until_broken(rows, broken), source)
    kept = _keep(project, readers, file, tally)
    if broken and not tally.read:
        raise broken[0]
    answer(_data(file, source, tally, kept), as_json, lambda: _text(file, tally, kept))
    if broken:
        raise broken[0]
    if tally.rejects and not tally.taken:
        raise click.exceptions.Exit(1)


def _check(project: Project, source: str, event: str) -> None:
    if not SOURCE.fullmatch(source):
        raise Refused(f"{source!r} can't be a source: write small letters, digits and _, such as site or spring_fair")
    for problem in project.flows.problems:
        say(str(problem))
    if event not in known_kinds():
        raise Refused(f"event {event!r} is not known; there are: {', '.join(sorted(known_kinds()))}")


def _until_broken(rows: Iterator[Submission | Reject], broken: list[ConfigError]) -> Iterator[Submission | Reject]:
    """The rows up to the place where the file itself breaks, so that they are taken first."""
    try:
        yield from rows
    except ConfigError as error:
        broken.append(error)


def _take(project: Project, rows: Iterator[Submission | Reject], source: str) -> Tally:
    tally = Tally()
    try:
        project.expect()
        for tally in take_in(project.ledger, rows, source, project.clock, project.opt_outs):
            _progress(tally)
    except DBAPIError as error:
        what = f"the ledger can't be written ({type(error.orig).__name__}) after {tally.read:,} rows"
        raise Refused(f"{what}: run the same command again, nothing is taken twice") from error
    finally:
        if on_terminal() and tally.read:
            click.echo("\r\x1b[K", err=True, nl=False)
    return tally


def _progress(tally: Tally) -> None:
    if on_terminal():
        click.echo(f"\r{tally.read:,} rows …", err=True, nl=False)
    elif tally.read % _EVERY == 0:
        say(f"{tally.read:,} rows")


def _keep(project: Project, readers: Forms, file: str, tally: Tally) -> Path | None:
    if not tally.rejects:
        return None
    stem = "stdin" if file == "-" else re.sub(r"[^\w.-]+", "-", Path(file).stem)[:60]
    name = f"{stem}-{project.clock.now():%Y%m%dT%H%M%S}-{token_hex(2)}"
    try:
        return keep(project.settings.home, name, tally.rejects, readers.write_rejects)
    except OSError as error:
        raise Refused(f"{tally.taken:,} rows were taken; the {len(tally.rejects):,} others can't be written: {error}") from error


def _data(file: str, source: str, tally: Tally, kept: Path | None) -> dict[str, Any]:
    return {
        "file": file,
        "source": source,
        **{received.value: tally.counts[received] for received in Received},
        "rejected": tally.rejected,
        "rejects": str(kept) if kept else None,
        "warnings": [{"what": what, "rows": count, "first": where} for what, (count, where) in tally.warnings.items()],
    }


def _text(file: str, tally: Tally, kept: Path | None) -> str:
    name = "standard input" if file == "-" else file
    counts = [f"{tally.counts[received]:,} {received.value}" for received in Received]
    lines = [f"{name}: {', '.join([*counts, f'{tally.rejected:,} rejected'])}"]
    if kept:
        lines += ["", "Not taken, each with its reason:", f"  {kept}", "Mend the file and take it in the same way."]
        lines += [line for reject in tally.rejects[:3] for line in _wrapped(f"{reject.where}: {reject.reason}")]
        lines += ["  …"] if len(tally.rejects) > 3 else []
    if tally.warnings:
        lines += ["", "Taken, but look at these:"]
        shown = list(tally.warnings.items())[:_SHOWN]
        lines += [line for what, (count, where) in shown for line in _wrapped(f"{what} ({count:,} times, first at {where})")]
        lines += [f"  … and {len(tally.warnings) - _SHOWN:,} more: see --json"] if len(tally.warnings) > _SHOWN else []
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    """At most 80 columns, but for a name that is longer."""
    return wrap(text, 80, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
