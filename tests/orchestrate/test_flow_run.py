"""A pass as a Prefect flow run at a real server."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from offswitch.testing.smtp_sink import SinkSmtpServer
from tests.orchestrate.small_project import ROOT, SmallProject, mails_to_people, small_project, until

FLOW_PROCESS = [sys.executable, "-c", "import asyncio; from flows.welcome import welcome; asyncio.run(welcome.flow())"]


@pytest.fixture
def sink() -> Iterator[SinkSmtpServer]:
    with SinkSmtpServer() as server:
        yield server


@pytest.fixture
def prefect(prefect_env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in prefect_env.items() if name.startswith(("PREFECT_", "DO_NOT_TRACK"))}


def newest(server: str, what: str = "flow_runs", **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.post(f"{server}/{what}/filter", json={"limit": 50, **more}, timeout=30).json()
    return found


def last_run(server: str, flow: str) -> dict[str, Any]:
    begun = {"state": {"type": {"not_any_": ["SCHEDULED"]}}}
    return newest(server, flows={"name": {"any_": [flow]}}, flow_runs=begun, sort="START_TIME_DESC")[0]


def run(project: SmallProject, port: int, prefect: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "offswitch", "run", *words]
    return subprocess.run(command, cwd=ROOT, env=project.environment(port, **prefect), capture_output=True, text=True, check=False)


def test_a_pass_is_a_flow_run_and_its_phases_are_task_runs(
    tmp_path: Path, sink: SinkSmtpServer, prefect_server: str, prefect: dict[str, str]
) -> None:
    done = run(small_project(tmp_path, 5), sink.port, prefect, "welcome")
    assert (done.returncode, done.stdout) == (0, "welcome: entered 5, sent 5, written to the CRM 5\n"), done.stderr
    flow_run = last_run(prefect_server, "welcome")
    assert flow_run["name"].startswith("welcome, 20")
    assert (flow_run["state"]["name"], flow_run["state"]["message"]) == ("Completed", "entered 5, sent 5, written to the CRM 5")
    of_this_run = {"flow_runs": {"id": {"any_": [flow_run["id"]]}}}
    until(lambda: len(newest(prefect_server, "task_runs", **of_this_run)) >= 5, 60, "task runs")
    names = {task_run["name"] for task_run in newest(prefect_server, "task_runs", **of_this_run)}
    assert names == {"collect", "advance 1", "advance 2", "crm", "report"}


def test_artifacts_count_and_name_nobody(tmp_path: Path, sink: SinkSmtpServer, prefect_server: str, prefect: dict[str, str]) -> None:
    assert run(small_project(tmp_path, 5), sink.port, prefect, "welcome").returncode == 0
    of_this_run = {"flow_runs": {"id": {"any_": [last_run(prefect_server, "welcome")["id"]]}}}
    found = newest(prefect_server, "artifacts", **of_this_run)
    assert {one["key"] for one in found} == {"welcome-progress", "welcome-pass"}
    assert not [one for one in found if "@" in str(one["data"]) or "Person" in str(one["data"])]


def test_a_flow_that_is_off_ends_as_halted(tmp_path: Path, sink: SinkSmtpServer, prefect_server: str, prefect: dict[str, str]) -> None:
    done = run(small_project(tmp_path, 2), sink.port, prefect, "donor_thanks")
    assert done.returncode == 0, done.stderr
    state = last_run(prefect_server, "donor_thanks")["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Halted")
    assert "donor_thanks is off" in state["message"]


def test_a_pass_that_fails_says_why_in_a_line(tmp_path: Path, prefect_server: str, prefect: dict[str, str]) -> None:
    done = run(small_project(tmp_path, 1), 1, prefect | {"OFFSWITCH_LEDGER": "mysql://nowhere/ledger"}, "welcome")
    assert done.returncode == 1
    assert "this ledger is not known" in done.stderr
    assert "Traceback" not in done.stderr
    state = last_run(prefect_server, "welcome")["state"]
    assert (state["name"], "this ledger is not known" in state["message"]) == ("Failed", True)


def test_sigterm_to_a_flow_run_stops_it_between_two_effects(
    tmp_path: Path, sink: SinkSmtpServer, prefect_server: str, prefect: dict[str, str]
) -> None:
    project = small_project(tmp_path, 600)
    process = subprocess.Popen(FLOW_PROCESS, cwd=ROOT, env=project.environment(sink.port, **prefect), stderr=subprocess.DEVNULL)
    sink.at(100, lambda: process.send_signal(signal.SIGTERM))
    process.wait(90)
    assert 99 <= len(mails_to_people(sink)) < 400  # a batch is 500
    assert last_run(prefect_server, "welcome")["state"]["type"] in ("CRASHED", "CANCELLED")
    assert run(project, sink.port, {}, "welcome", "--plain").returncode == 0
    assert sorted(one.to for one in mails_to_people(sink)) == sorted(f"p{number}@example.com" for number in range(600))


def test_sigterm_to_the_command_cancels_the_flow_run_and_exits_0(
    tmp_path: Path, sink: SinkSmtpServer, prefect_server: str, prefect: dict[str, str]
) -> None:
    project = small_project(tmp_path, 600)
    command = [sys.executable, "-m", "offswitch", "run", "welcome", "--every", "1h"]
    process = subprocess.Popen(command, cwd=ROOT, env=project.environment(sink.port, **prefect), stderr=subprocess.DEVNULL)
    sink.at(100, lambda: process.send_signal(signal.SIGTERM))
    assert process.wait(90) == 0
    assert 99 <= len(mails_to_people(sink)) < 400  # a batch is 500
    state = last_run(prefect_server, "welcome")["state"]
    assert (state["type"], "asked to stop" in state["message"]) == ("CANCELLED", True)
