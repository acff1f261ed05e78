"""`offswitch off --wait` says what became of every worker that was live: who saw it, who ended, who died."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from offswitch.cli import off
from offswitch.errors import Refused
from offswitch.ledger.stops import WORKER_LASTS, Worker
from tests.cli.conftest import Shop

Call = Callable[..., Result]


def worker(name: str, seen: datetime, *, halted: bool, until: datetime | None = None, flow: str = "welcome") -> Worker:
    return Worker(name, "here", 1, flow, seen, until or seen + WORKER_LASTS, "r", halted)


@pytest.fixture
def workers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Worker], list[Worker]], None]:
    """Workers that are live when the command looks, and as they are a moment later."""

    def make(first: list[Worker], then: list[Worker]) -> None:
        def beat(rows: list[Worker]) -> None:
            with shop.project.ledger.write() as book:
                for row in rows:
                    book.stops.beat(row)

        beat(first)
        monkeypatch.setattr(off, "sleep", lambda _seconds: beat(then))

    return make


def test_who_died_has_not_acknowledged(call: Call, workers: Callable[[list[Worker], list[Worker]], None]) -> None:
    now = datetime.now(UTC)
    lapsing = worker("dead", now - WORKER_LASTS + timedelta(seconds=2), halted=False)
    sees = worker("sees", now + timedelta(seconds=30), halted=True)
    workers([lapsing, worker("sees", now, halted=False)], [sees])
    assert call("off", "welcome", "--wait").output.splitlines()[-1] == "1 acknowledged, 1 died"


def test_who_ended_by_itself_has_not_died(call: Call, workers: Callable[[list[Worker], list[Worker]], None]) -> None:
    now = datetime.now(UTC)
    workers([worker("short", now, halted=False)], [worker("short", now, halted=False, until=now)])
    assert call("off", "welcome", "--wait").output.splitlines()[-1] == "1 ended by itself"


def test_a_worker_of_another_flow_is_not_waited_for(call: Call, workers: Callable[[list[Worker], list[Worker]], None]) -> None:
    workers([worker("other", datetime.now(UTC), halted=False, flow="donor_thanks")], [])
    assert call("off", "welcome", "--wait").output.splitlines()[-1] == "no worker was live"


def test_a_worker_that_goes_on_is_named(
    call: Call, workers: Callable[[list[Worker], list[Worker]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(off, "_WAIT", timedelta(milliseconds=50))
    blind = worker("blind", datetime.now(UTC) + timedelta(seconds=30), halted=False)
    workers([blind], [blind])
    done = call("off", "welcome", "--wait")
    assert isinstance(done.exception, Refused)
    assert str(done.exception) == "a live worker has not acknowledged: blind"


def test_the_file_and_the_row_are_written_before_anybody_waits(shop: Shop, call: Call, tmp_path: Path) -> None:
    shop.switch("on")
    call("off", "welcome", "--wait", "--why", "price")
    with shop.project.ledger.read() as book:
        assert [(row.scope, row.name, row.reason) for row in book.stops.now()] == [("flow", "welcome", "price")]
    assert "switch: off " in (tmp_path / "policies" / "welcome.yaml").read_text("utf-8")
