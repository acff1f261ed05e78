"""`offswitch demo`: the whole story on this machine."""

from __future__ import annotations

from time import monotonic

import click

from offswitch.project.settings import read_settings


@click.command("demo")
def command() -> None:
    """Forms in, mail out, off in the middle, people go on, on again.

    Real parts: an SMTP server that keeps every mail, a form server, Prefect,
    SQLite. Everything it makes lies in .offswitch/demo, and it can be run again.
    """
    from offswitch.demo.stage import set_stage
    from offswitch.demo.story import tell

    began = monotonic()
    tell(set_stage(read_settings()))
    click.echo(f"\nThe story took {monotonic() - began:.0f} s. Again: make demo")
