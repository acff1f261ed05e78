"""The Prefect server that `offswitch run` uses: the configured one, or a private one under OFFSWITCH_HOME."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep

from offswitch.errors import Refused

START_LIMIT = 120.0  # seconds; the first start, which makes the database, takes about 20
ANSWER_LIMIT = 10.0  # seconds for a configured server
_QUIET = {"PREFECT_LOGGING_LEVEL": "WARNING", "DO_NOT_TRACK": "1"}
_PATIENCE = {"PREFECT_CLIENT_MAX_RETRIES": "2"}  # a dead private server stays dead; with the usual 5 each call takes a minute


@contextmanager
def prefect_server(home: Path) -> Iterator[Callable[[], None]]:
    """Prefect has a server that answers. Raises Refused where there is none to be had.

    Configured is what Prefect itself reads: PREFECT_API_URL, a profile, a settings file. Call what this yields when
    Prefect fails: it raises Refused when the private server is gone for good; a configured one may come back.
    """
    with _environment(_unset(_QUIET)):
        url = _configured()
        if not url:
            with _private(home / "prefect") as still_there:
                yield still_there
        elif _answers(ANSWER_LIMIT):
            yield lambda: None
        else:
            raise Refused(f"no Prefect server answers at {url} (PREFECT_API_URL): start it, or run without Prefect: --plain")


def _configured() -> str:
    from prefect.settings import get_current_settings

    return get_current_settings().api.url or ""


def _answers(seconds: float) -> bool:
    """Is there a server? Asked by Prefect's own client, with its own certificates and password."""
    from prefect.client.orchestration import get_client

    async def trouble() -> Exception | None:
        async with get_client() as client:
            return await client.api_healthcheck()

    try:
        return asyncio.run(asyncio.wait_for(trouble(), seconds)) is None
    except (OSError, RuntimeError):
        return False


@contextmanager
def _private(home: Path) -> Iterator[Callable[[], None]]:
    """A server for this command alone, on a port and with a password that nobody else knows. Its history stays in `home`."""
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    key = f"offswitch:{token_hex(16)}"
    with (home / "start.lock").open("w") as lock, socket.create_server(("127.0.0.1", 0), backlog=512) as door:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts at the same time would both make the database
        url = f"http://127.0.0.1:{door.getsockname()[1]}/api"
        process = _start(home, door, key)
        door.close()
        with _environment({"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": key, "PREFECT_HOME": str(home), **_unset(_PATIENCE)}):
            try:
                _wait(process, home / "server.log")
                _never_comes_back()
                fcntl.flock(lock, fcntl.LOCK_UN)
                yield lambda: _must_live(process, home / "server.log")
                _hand_in()
            finally:
                _end(process)


def _unset(settings: Mapping[str, str]) -> dict[str, str]:
    """What the user hasn't set otherwise."""
    return {name: value for name, value in settings.items() if name not in os.environ}


def _start(home: Path, door: socket.socket, key: str) -> subprocess.Popen[bytes]:
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_API_AUTH_STRING": key,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT__SERVER_EPHEMERAL": "1",  # without scheduler and the like: runs are started by the command alone
        "PREFECT__SERVER_FINAL": "1",
    }
    with (home / "server.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "offswitch.orchestrate.private_server", str(door.fileno())],
            env={**os.environ, **settings},
            pass_fds=[door.fileno()],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the command, which still needs its server then
        )


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    """Prefect's client is imported meanwhile. The open door keeps its first question until the server can answer."""
    end = monotonic() + START_LIMIT
    while not _answers(max(end - monotonic(), 1)):
        _must_live(process, log)
        if monotonic() > end:
            raise Refused(f"the private Prefect server is not ready after {START_LIMIT:.0f} s, see {log}; to run without Prefect: --plain")
        sleep(0.1)


def _must_live(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        raise Refused(f"the private Prefect server has ended, see {log}; to run without Prefect: --plain")


def _never_comes_back() -> None:
    """Three quick tries to hand in an event: waiting between ten for a dead server would keep the command alive a minute longer."""
    from prefect.events.clients import PrefectEventsClient
    from prefect.events.worker import EventsWorker

    EventsWorker.set_client_override(PrefectEventsClient, reconnection_attempts=2)


def _hand_in() -> None:
    """Prefect sends events and logs from threads of its own; what they still hold belongs into the history."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=5)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for this process and its children; Prefect looks at them anew."""
    from prefect.context import refresh_global_settings_context

    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    refresh_global_settings_context()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        refresh_global_settings_context()
