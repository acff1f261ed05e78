"""`offswitch run` where no Prefect server is configured, or a dead one is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.testing.smtp_sink import SinkSmtpServer
from tests.orchestrate.small_project import ROOT, SmallProject, mails_to_people, small_project, until

COMMAND = [sys.executable, "-m", "offswitch", "run", "welcome"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def sink() -> Iterator[SinkSmtpServer]:
    with SinkSmtpServer() as server:
        yield server


def servers_of(project: SmallProject) -> list[int]:
    """Processes that run a private server of this project."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
        except OSError:
            continue
        if b"offswitch.orchestrate.private_server" in words and str(project.home).encode() in environment:
            found.append(int(folder.name))
    return found


def test_a_private_server_is_started_and_ends_with_the_command(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 3)
    done = subprocess.run(COMMAND, cwd=ROOT, env=project.environment(sink.port), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "welcome: entered 3, sent 3, written to the CRM 3\n"), done.stderr
    assert len(mails_to_people(sink)) == 3
    assert (project.home / "prefect" / "prefect.db").exists()
    assert not servers_of(project)


def test_two_first_starts_at_once_both_work(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 3)
    both = [subprocess.Popen(COMMAND, cwd=ROOT, env=project.environment(sink.port), stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(200) for one in both] == [0, 0]
    assert len(mails_to_people(sink)) == 3


def test_a_killed_command_leaves_no_server_behind(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 1)
    process = subprocess.Popen([*COMMAND, "--every", "1h"], cwd=ROOT, env=project.environment(sink.port))
    try:
        until(lambda: bool(sink.taken), 150, "mail")
        assert servers_of(project)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until(lambda: not servers_of(project), 30, "the end of the server")


def test_the_rounds_end_when_their_private_server_has_died(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 1)
    command = [*COMMAND, "--every", "1s"]
    environment = project.environment(sink.port, PREFECT_CLIENT_MAX_RETRIES="0")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: bool(sink.taken), 150, "mail")
    for server in servers_of(project):
        os.kill(server, signal.SIGKILL)
    said = process.communicate(timeout=200)[1]
    assert process.returncode == 1
    assert "the private Prefect server has ended" in said


def test_a_dead_server_is_an_error_that_names_the_way_without_it(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 1)
    with socket.create_server(("127.0.0.1", 0)) as taken_and_closed:
        port = taken_and_closed.getsockname()[1]
    env = project.environment(sink.port, PREFECT_API_URL=f"http://127.0.0.1:{port}/api")
    done = subprocess.run(COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--plain" in done.stderr
    assert f":{port}/api" in done.stderr
    assert "Traceback" not in done.stderr
    assert not sink.taken
