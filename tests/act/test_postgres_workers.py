"""Workers that share a PostgreSQL ledger: killed, frozen, stopped, cut off from it, or with a clock of their own."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.act.run import run
from offswitch.clock import SystemClock
from offswitch.errors import Refused
from offswitch.failpoints import watched
from offswitch.journey.journey import Journey
from offswitch.ledger.verify import verify
from offswitch.project.project import Project
from offswitch.testing.postgres_server import PostgresServer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig
from tests.act.test_pace import test_a_rate_holds_when_workers_send_at_once  # noqa: F401 - it holds here too
from tests.act.test_together import at_once, marketing, test_two_workers_of_one_flow_send_each_letter_once  # noqa: F401 - it holds here too
from tests.act.yard import MINUTES, Yard

pytestmark = pytest.mark.slow
IN_DOUBT = ("begun", "accepted", "after accept")


@pytest.fixture
def rig_of(tmp_path: Path, postgres: PostgresServer) -> Iterator[MakeRig]:
    """As in conftest, on PostgreSQL."""
    made: list[Rig] = []

    def make(*journeys: Journey, **options: Any) -> Rig:
        made.append(Rig(tmp_path / f"project{len(made)}", *journeys, ledger=postgres.ledger(), **options))
        return made[-1]

    yield make
    for rig in made:
        with rig.ledger.read() as book:
            troubles = verify(book).troubles
        rig.close()
        assert troubles == []


@pytest.mark.parametrize(("point", "nth"), [("after intent", 2), ("accepted", 57), ("in record", 2)])
def test_a_kill_at_a_boundary_loses_nothing_and_sends_nothing_twice(tmp_path: Path, postgres: PostgresServer, point: str, nth: int) -> None:
    with Yard(tmp_path, 110, ledger=postgres.ledger()) as yard:
        assert yard.work(f"{point}:{nth}") == -signal.SIGKILL
        yard.later(5 * MINUTES)
        assert yard.work() == 0
        yard.judge(kills=int(point in IN_DOUBT))


def test_a_frozen_worker_that_wakes_after_its_lease_sends_nothing_twice(tmp_path: Path, postgres: PostgresServer) -> None:
    """In real time: the database's clock says when the lease is over."""
    with Yard(tmp_path, 130, ledger=postgres.ledger(), real=True) as yard:
        frozen = yard.start(limits=(2, 0.7, 500))
        yard.wait_for(60)
        frozen.send_signal(signal.SIGSTOP)
        time.sleep(2.2)
        assert yard.start(limits=(2, 0.7, 500)).wait(timeout=60) == 0
        frozen.send_signal(signal.SIGCONT)
        assert frozen.wait(timeout=60) == 0
        yard.judge(kills=1)


def test_workers_at_once_share_the_work_and_a_kill_among_them_costs_one_doubt(tmp_path: Path, postgres: PostgresServer) -> None:
    with Yard(tmp_path, 130, ledger=postgres.ledger()) as yard:
        workers = [yard.start(limits=(60, 25, 20)) for _ in range(2)]
        yard.wait_for(50)
        workers[0].kill()
        assert [worker.wait(timeout=100) for worker in workers][1:] == [0]
        yard.later(5 * MINUTES)
        assert yard.work() == 0
        yard.judge(kills=1)


def test_a_database_that_dies_in_the_middle_of_a_pass_loses_and_doubles_nothing(tmp_path: Path, postgres: PostgresServer) -> None:
    with Yard(tmp_path, 130, ledger=postgres.ledger()) as yard:
        worker = yard.start()
        yard.wait_for(55)
        postgres.stop()  # at once, as in a crash
        _, complaint = worker.communicate(timeout=60)
        assert worker.returncode == 1, complaint
        assert "OperationalError" in complaint
        letters = len(yard.taken())
        assert 55 <= letters < 130
        postgres.start()
        yard.later(5 * MINUTES)
        assert yard.work() == 0
        yard.judge(kills=0)


def test_after_a_stop_row_is_written_running_workers_start_nothing(tmp_path: Path, postgres: PostgresServer) -> None:
    with Yard(tmp_path, 300, ledger=postgres.ledger()) as yard:
        workers = [yard.start(limits=(60, 25, 50)) for _ in range(2)]
        yard.wait_for(40)
        with yard.rig.ledger.write() as book:
            book.stops.add("flow", "tour", reason="", by="mariam", at=yard.rig.clock.now())
        letters = len(yard.taken())
        assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
        assert letters <= len(yard.taken()) <= letters + len(workers)  # what was on its way
        assert letters < 280
        assert yard.rig.effects(tour) != []


class WrongClock(SystemClock):
    """The machine's clock, but somebody has set it."""

    def __init__(self, off: timedelta) -> None:
        self._off = off

    def now(self) -> datetime:
        return super().now() + self._off


@pytest.mark.parametrize(("off", "said"), [(3, "3 s ahead of"), (-3600, "3,600 s behind"), (1, "")])
def test_a_worker_whose_clock_is_off_stops_itself(rig_of: MakeRig, off: int, said: str) -> None:
    rig = rig_of(tour, start=datetime.now(UTC))
    rig.submit("mona")
    project = Project(rig.settings, WrongClock(timedelta(seconds=off)), rig.mailer, rig.crm)
    with project.desk(tour) as desk:
        if said:
            with pytest.raises(Refused, match=f"{said} the ledger's"):
                run(desk)
        else:
            run(desk)
    project.ledger.close()
    assert rig.sent() == ([] if said else ["mona"])


def test_a_cap_holds_though_every_worker_judges_before_any_has_committed(rig_of: MakeRig) -> None:
    """Each waits between its verdict and its commit: only the lock on the people keeps the others from judging meanwhile."""
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    marketing(rig, tour, echo)
    rig.submit_all(*(f"p{n:02}" for n in range(20)))
    with watched(lambda point, _: time.sleep(0.2) if point == "before intent" else None):
        at_once(rig, tour, echo)
    assert len(rig.sent()) == len(set(rig.sent())) == 20
