"""`offswitch schema`: what editors need to complete the keys of the policy files, and the page about every key."""

from __future__ import annotations

from pathlib import Path

import click

from offswitch.cli.output import answer, json_option
from offswitch.project.settings import read_settings


@click.command("schema")
@click.option("--reference", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the page about every key here too.")
@json_option
def command(page: Path | None, as_json: bool) -> None:
    """Write the JSON Schema files beside the policies, for completion in editors.

    A policy file names its schema in a comment:
    `# yaml-language-server: $schema=schema.json`.
    """
    from offswitch.policy.editor import write_schemas
    from offswitch.policy.reference import reference

    written = write_schemas(read_settings().policies)
    if page is not None:
        page.write_text(reference(), encoding="utf-8")
        written.append(page)
    answer({"written": list(map(str, written))}, as_json, lambda: "\n".join(f"written: {path}" for path in written))
