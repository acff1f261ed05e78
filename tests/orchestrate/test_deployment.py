"""prefect.yaml, as it stands, from `prefect deploy --all` to mail that a worker's run has sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from offswitch.testing.smtp_sink import SinkSmtpServer
from tests.orchestrate.small_project import ROOT, mails_to_people, small_project, until

FLOWS = {"welcome", "diagnostic_triage", "donor_thanks"}


def prefect(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "prefect", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def worker(env: dict[str, str], log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "offswitch"]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(20)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue


@pytest.fixture(scope="module")
def deployed(prefect_server: str, prefect_env: dict[str, str]) -> str:
    prefect(prefect_env, "work-pool", "create", "offswitch", "--type", "process")
    prefect(prefect_env, "--no-prompt", "deploy", "--all")
    prefect(prefect_env, "deployment", "schedule", "pause", "--all")  # no run but those that a test asks for
    return prefect_server


def test_every_flow_is_deployed_once_at_a_time_and_staggered(deployed: str) -> None:
    found = httpx.post(f"{deployed}/deployments/filter", json={"deployments": {"tags": {"all_": ["offswitch"]}}}, timeout=30).json()
    assert {one["name"] for one in found} == FLOWS
    assert {one["concurrency_options"]["collision_strategy"] for one in found} == {"CANCEL_NEW"}
    assert {one["global_concurrency_limit"]["limit"] for one in found} == {1}
    assert len({one["schedules"][0]["schedule"]["cron"] for one in found}) == len(FLOWS)
    assert str(ROOT) not in json.dumps(found)


@pytest.mark.usefixtures("deployed")
def test_a_workers_run_sends_the_mail(tmp_path: Path, prefect_env: dict[str, str]) -> None:
    project = small_project(tmp_path, 4)
    with SinkSmtpServer() as sink:
        env = project.environment(sink.port, PREFECT_WORKER_QUERY_SECONDS="2", **prefect_only(prefect_env))
        with worker(env, tmp_path / "worker.log"):
            told = prefect(env, "deployment", "run", "welcome/welcome", "--watch", "--watch-timeout", "100")
    assert sorted(one.to for one in mails_to_people(sink)) == [f"p{number}@example.com" for number in range(4)]
    assert "Completed" in told


def test_a_run_that_prefect_cancels_sends_nothing_more(tmp_path: Path, deployed: str, prefect_env: dict[str, str]) -> None:
    project = small_project(tmp_path, 4000)
    with SinkSmtpServer() as sink:
        env = project.environment(sink.port, PREFECT_WORKER_QUERY_SECONDS="2", **prefect_only(prefect_env))
        with worker(env, tmp_path / "worker.log"):
            prefect(env, "deployment", "run", "welcome/welcome")
            until(lambda: len(sink.taken) >= 50, 150, "mail")
            run, asked = cancel_the_run(deployed), time.monotonic()
            until(lambda: state_of(deployed, run) == "CANCELLED", 90, "the end of the run")
        taken = len(mails_to_people(sink))
        time.sleep(1)
        assert len(mails_to_people(sink)) == taken < 4000
        assert max(one.t for one in sink.taken) < asked + 10  # the worker looks for cancellations by itself; `off` is at once


def prefect_only(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(("PREFECT_", "DO_NOT_TRACK"))}


def cancel_the_run(server: str) -> str:
    running = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    (one,) = httpx.post(f"{server}/flow_runs/filter", json=running, timeout=30).json()
    state = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": True}
    httpx.post(f"{server}/flow_runs/{one['id']}/set_state", json=state, timeout=30).raise_for_status()
    return str(one["id"])


def state_of(server: str, run: str) -> str:
    return str(httpx.get(f"{server}/flow_runs/{run}", timeout=30).json()["state"]["type"])
