"""`offswitch serve`: webhooks and unsubscribe links over HTTP, until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from offswitch.cli.output import say
from offswitch.errors import Refused
from offswitch.project.project import Project
from offswitch.serve.app import app_of
from offswitch.serve.secrets import HookSecrets
from offswitch.serve.server import listen, server_of

_SECRET = "OFFSWITCH_HOOK_SECRET"  # noqa: S105 - a name, not a secret


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Beyond this machine, put a proxy with TLS in front.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def command(host: str, port: int) -> None:
    """Take webhooks at /hooks/SOURCE and unsubscriptions at /u/….

    Every source has its secret in OFFSWITCH_HOOK_SECRET_<SOURCE>; two of them, with
    a space between, stand in OFFSWITCH_HOOK_SECRETS_<SOURCE> while one is changed.
    """
    project = Project()
    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("offswitch.serve").setLevel(logging.INFO)
    _open_ledger(project)
    if not any(name.startswith(_SECRET) for name in project.settings.environment):
        say(f"no {_SECRET}_<SOURCE> is set: every webhook will be refused")
    server = server_of(app_of(project, secrets=HookSecrets(project.settings, rereads=True)))
    try:
        listener = listen(host, port)
    except OSError as error:
        raise Refused(f"{host}:{port} can't be listened on: {error.strerror}; see --host and --port") from error

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends in peace and then raises the signal again
        signal.signal(number, end)
    click.echo(f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}")
    server.run([listener])


def _open_ledger(project: Project) -> None:
    try:
        project.expect()
    except (SQLAlchemyError, OSError) as error:
        raise Refused(f"the ledger can't be opened: {error}") from error
