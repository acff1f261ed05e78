"""`offswitch schema`: what editors need to complete the keys of the policy files, and the page about every key."""

from __future__ import annotations

from pathlib import Path

import click

from offswitch.cli.output import answer, json_option
from offswitch.project.settings import read_settings


@click.command("schema")
@click.option("--reference", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write the page about every key here too.")
@click.option(
    "--sources-page", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Renew the keys of sources in this page."
)
@json_option
def command(page: Path | None, sources_page: Path | None, as_json: bool) -> None:
    """Write the JSON Schema files beside policies and sources, for completion in editors.

    A policy file names its schema in a comment:
    `# yaml-language-server: $schema=schema.json`.
    """
    from offswitch.intake.inbound import keys_in, write_schema
    from offswitch.policy.editor import write_schemas
    from offswitch.policy.reference import reference

    settings = read_settings()
    written = write_schemas(settings.policies)
    if settings.sources.is_dir():
        written.append(write_schema(settings.sources))
    if page is not None:
        page.write_text(reference(), encoding="utf-8")
        written.append(page)
    if sources_page is not None:
        sources_page.write_text(keys_in(sources_page.read_text(encoding="utf-8")), encoding="utf-8")
        written.append(sources_page)
    answer({"written": list(map(str, written))}, as_json, lambda: "\n".join(f"written: {path}" for path in written))
