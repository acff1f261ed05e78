"""A real Prefect server for the tests that need one: `prefect_server` is its API, `prefect_env` what a subprocess needs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

READY_WITHIN = 120.0  # seconds; a quiet machine needs about ten

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_CLI_PROMPT": "false",
}
# What a fresh server does not need to do before it answers; saves a third of the start.
LEAN = {
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a server are slow, may wait for its start, and share one when several workers run the tests."""
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty PREFECT_HOME; `server.log` in it is what the server said."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_server(prefect_home: Path) -> Iterator[str]:
    """The API address of a server on a loopback port, with a database of its own, ended with the tests."""
    port = _free_port()
    log = prefect_home / "server.log"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as out:
        server = subprocess.Popen(
            command,
            env=_env(prefect_home) | LEAN,
            cwd=prefect_home,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    api = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until_ready(server, api, log)
        yield api
    finally:
        _end(server)


@pytest.fixture(scope="session")
def prefect_env(prefect_server: str, prefect_home: Path) -> dict[str, str]:
    """The environment of a `prefect` command or worker that talks to the server."""
    return _env(prefect_home) | {"PREFECT_API_URL": prefect_server}


def _env(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | QUIET | {"PREFECT_HOME": str(home)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(server: subprocess.Popen[bytes], api: str, log: Path) -> None:
    limit = time.monotonic() + READY_WITHIN
    while time.monotonic() < limit and server.poll() is None:
        try:
            if httpx.get(f"{api}/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the Prefect server did not start within {READY_WITHIN:.0f} s; it said:\n{log.read_text()[-4_000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server with all it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
