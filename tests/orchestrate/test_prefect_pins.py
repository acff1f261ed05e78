"""Guards the pins in pyproject.toml: with the wrong FastAPI the server dies, with the wrong SQLAlchemy nothing is ever scheduled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

SCHEDULED_WITHIN = 120.0  # seconds


@pytest.fixture
def api(prefect_server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=prefect_server, timeout=30) as client:
        yield client


def post(api: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    answer = api.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def scheduled_runs(api: httpx.Client, deployment: str) -> list[dict[str, Any]]:
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    found: list[dict[str, Any]] = post(api, "/flow_runs/filter", wanted)
    return found


def test_a_deployment_with_a_schedule_gets_a_scheduled_run(api: httpx.Client, prefect_home: Path) -> None:
    flow = post(api, "/flows/", {"name": "pins"})
    schedule = {"active": True, "schedule": {"cron": "*/5 * * * *", "timezone": "Africa/Cairo"}}
    deployment = post(
        api, "/deployments/", {"name": "pins", "flow_id": flow["id"], "entrypoint": "flows.pins:pins", "schedules": [schedule]}
    )
    limit = time.monotonic() + SCHEDULED_WITHIN
    while not (runs := scheduled_runs(api, deployment["id"])) and time.monotonic() < limit:
        time.sleep(0.5)
    assert runs, (
        f"nothing was scheduled within {SCHEDULED_WITHIN:.0f} s; the server said:\n{(prefect_home / 'server.log').read_text()[-4_000:]}"
    )
    assert runs[0]["auto_scheduled"]


@pytest.mark.parametrize("name", ["prefect", "fastapi", "sqlalchemy"])
def test_what_is_installed_is_what_is_pinned(name: str) -> None:
    pins = (Path(__file__).parents[2] / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    assert f"{name}=={version(name)}" in pins


def test_the_server_answers_that_it_is_ready(api: httpx.Client) -> None:
    assert api.get("/ready").is_success
