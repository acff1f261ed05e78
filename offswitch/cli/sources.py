"""`offswitch sources`: who may send us forms and events, and what a sample of theirs would become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

import click

from offswitch.cli.output import answer, json_option, say, table, width
from offswitch.errors import Refused
from offswitch.intake.forms import known_kinds
from offswitch.intake.inbound import Shown, Source, secrets_of, source_of, sources_in
from offswitch.project.project import Project


@click.group("sources", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the declared sources: how each is signed, whether its secret is set, what it brings."""
    if context.invoked_subcommand is not None:
        return
    project = Project()
    _load_flows(project)
    sources, problems = sources_in(project.settings.sources)
    rows = [_row(one, project) for one in sources]
    data = {"sources": rows, "problems": list(map(str, problems))}
    answer(data, as_json, lambda: _listed(rows) or f"There is no source in {project.settings.sources}/.")
    if problems:
        raise Refused("\n".join(map(str, problems)))


@command.command()
@click.argument("name")
@click.argument("file")
@json_option
def preview(name: str, file: str, as_json: bool) -> None:
    """Show what FILE would become if the source NAME sent it. Nothing is stored.

    FILE is a body as the sender posts it, or a CSV, JSON or JSON-lines file.
    """
    project = Project()
    _load_flows(project)
    source = source_of(project.settings.sources, name)
    if source is None:
        raise Refused(f"there is no {project.settings.sources}/{name}.yaml; see `offswitch sources`")
    found = list(source.show(file, now=project.clock.now(), known_kinds=known_kinds()))
    data = [
        {"event": one.taken, "fields": {field: {"came": came, "is": taken} for field, came, taken in one.fields}, "notes": list(one.notes)}
        for one in found
    ]
    answer(data, as_json, lambda: "\n\n".join("\n".join(_shown(place, one)) for place, one in enumerate(found, 1)))
    if not any(one.taken for one in found):
        raise click.exceptions.Exit(1)


def _load_flows(project: Project) -> None:
    """A project's own kinds of event are known once its flows are loaded."""
    for problem in project.flows.problems:
        say(str(problem))


def _row(source: Source, project: Project) -> dict[str, Any]:
    secrets = len(secrets_of(source.name, project.settings.environment))
    return {"name": source.name, "signature": source.signature, "secrets": secrets, "events": list(source.kinds), "about": source.about}


def _listed(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    lines = [(row["name"], row["signature"], str(row["secrets"] or "missing"), kind) for row in rows for kind in row["events"]]
    first = {row["name"]: row["events"][0] for row in rows}
    return table(
        ("source", "signature", "secrets", "events"),
        [line if line[3] == first[line[0]] else ("", "", "", line[3]) for line in lines],
    )


def _shown(place: int, one: Shown) -> Iterator[str]:
    yield f"{place}. {one.taken or 'nothing is taken'}"
    wide = max((len(field) for field, _, _ in one.fields), default=0)
    for field, came, taken in one.fields:
        yield from _pair(f"   {field:<{wide}}  ", "-" if taken is None else str(taken))
        if came is not None and str(came) != str(taken):
            yield from _pair(" " * (wide + 5) + "from ", str(came))
    for note in one.notes:
        yield from wrap(note, width(), initial_indent="   ! ", subsequent_indent="     ", break_on_hyphens=False)


def _pair(head: str, text: str) -> list[str]:
    """Each on a line of its own: right-to-left text beside an arrow would turn it round."""
    return wrap(text, width(), initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False) or [head.rstrip()]
