"""Two workers and a person edit one contact at the same time: one object is left, with the newest values."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crm.csv_folder import CsvFolder
from connectors.crm.local import LocalCrm
from offswitch.act.ports import Crm
from tests.connectors.registers import MONA, facts, note, order, write

ROOT = Path(__file__).parents[2]
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
WRITES = 8
# What a worker does: in rounds, a field of its own, one that both write, and a note that both write.
WORKER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from connectors.crm.{module} import {kind}
from tests.connectors.registers import note, order
me, began = int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
crm = {kind}(Path(sys.argv[1]))
left = []
for n in range({writes}):
    values = {{"both": str(2 * n + me), "tags": [f"t{{me}}"], f"own{{me}}": str(n)}}
    left += [order(f"{{me}}/{{n}}", decided=began + timedelta(seconds=2 * n + me), **values), note(f"note/{{n}}")]
while left:
    receipts = list(crm.perform(left[:2]))
    assert all(one.outcome.value in ("performed", "retry") for one in receipts), receipts
    left = [o for o, one in zip(left, receipts) if one.outcome.value == "retry"] + left[2:]
crm.close()
"""


def in_two_processes(module: str, kind: str, path: Path, person: Callable[[int], None]) -> None:
    """Two workers, and a person who edits until both are done, and once more."""
    code = WORKER.format(module=module, kind=kind, writes=WRITES)
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    workers = [subprocess.Popen([*command, str(me), BEGAN.isoformat()], cwd=ROOT) for me in (0, 1)]
    edits, until = 0, time.monotonic() + 60
    while any(worker.poll() is None for worker in workers) and time.monotonic() < until:
        person(edits)
        edits += 1
        time.sleep(0.01)
    for worker in workers:
        worker.kill()
    assert [worker.wait(10) for worker in workers] == [0, 0]
    person(edits)


def expected(last: str) -> dict[str, Any]:
    numbers = {"both": str(2 * WRITES - 1), "own0": str(WRITES - 1), "own1": str(WRITES - 1)}
    return {**numbers, "stage": last, "tags": ["t0", "t1"]}


def test_two_workers_and_a_person_in_the_local_register(tmp_path: Path) -> None:
    path = tmp_path / "crm.sqlite"
    crm = LocalCrm(path)
    write(crm, order("first", decided=BEGAN))
    said: list[str] = []

    def person(number: int) -> None:
        file = sqlite3.connect(path, timeout=20)
        with file:
            file.execute("update people set stage = ?", (f"hers {number}",))
        file.close()
        said.append(f"hers {number}")

    in_two_processes("local", "LocalCrm", path, person)
    assert facts(crm) == expected(said[-1])
    rows = sqlite3.connect(path)
    assert rows.execute("select (select count(*) from people), (select count(*) from notes)").fetchone() == (1, WRITES)
    rows.close()
    assert [edit.values["stage"] for edit in crm.edits("x:0").found] == said
    crm.close()


def test_two_workers_and_a_person_with_a_spreadsheet(tmp_path: Path) -> None:
    crm = CsvFolder(tmp_path)
    path = tmp_path / "people.csv"
    write(crm, order("first", decided=BEGAN, stage="hers 0"))
    cursor, said = crm.edits("").cursor, ["hers 0"]

    def person(number: int) -> None:
        """Opens the file, thinks, and saves the copy as spreadsheets do: written beside, and put in its place."""
        if number % 25:  # a few times a second
            return
        new = f"hers {number + 1}"
        try:
            copy = path.read_bytes()
        except FileNotFoundError:  # for an instant, while it is replaced
            return
        beside = tmp_path / "beside"
        beside.write_bytes(copy.replace(f",{said[-1]},".encode(), f",{new},".encode()))
        beside.replace(path)
        said.append(new)

    in_two_processes("csv_folder", "CsvFolder", tmp_path, person)
    crm.edits(cursor)
    assert facts(crm) == expected(said[-1])
    lines = path.read_text("utf-8-sig").splitlines(), (tmp_path / "notes.csv").read_text("utf-8-sig").splitlines()
    assert [len(one) for one in lines] == [2, WRITES + 1]
    crm.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(["first worker", "second worker", "person"]), st.sampled_from(["stage", "city"]), st.integers(0, 9)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("kind", [LocalCrm, CsvFolder])
@settings(max_examples=20)
@given(steps=STEPS)
def test_whatever_the_order_each_field_ends_with_the_newest_value(
    kind: type[LocalCrm | CsvFolder], steps: list[tuple[str, str, int]]
) -> None:
    """Workers carry out decisions up to nine minutes old; a person's edit is of now, which is newer than all of them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
        path = Path(folder) / ("crm.sqlite" if kind is LocalCrm else "")
        workers: dict[str, Crm] = {name: open_.enter_context(closing(kind(path))) for name in ("first worker", "second worker")}
        newest: dict[str, tuple[datetime, str]] = {}
        write(workers["first worker"], order("start", decided=BEGAN, stage="-", city="-"))
        for number, (who, field, minutes) in enumerate(steps):
            value, at = f"{who} {number}", BEGAN + timedelta(days=1, minutes=minutes)
            if who == "person":
                _by_hand(path, field, value)
                at = datetime.max.replace(tzinfo=UTC)
            else:
                write(workers[who], order(f"k{number}", decided=at, **{field: value}))
            if at >= newest.get(field, (BEGAN, ""))[0]:
                newest[field] = at, value
        write(workers["second worker"], note("last"))
        assert facts(workers["first worker"]) == {"stage": "-", "city": "-"} | {field: value for field, (_, value) in newest.items()}


def _by_hand(path: Path, field: str, value: str) -> None:
    if path.suffix == ".sqlite":
        file = sqlite3.connect(path)
        with file:
            own = "stage = ?" if field == "stage" else "fields = json_set(fields, '$.city', ?)"
            file.execute(f"update people set {own} where email = ?", (value, MONA))
        file.close()
        return
    sheet = path / "people.csv"
    lines = [line.split(",") for line in sheet.read_text("utf-8-sig").splitlines()]
    lines[1][lines[0].index(field)] = value
    sheet.write_text("\n".join(map(",".join, lines)) + "\n")
    os.utime(sheet, (datetime.now(UTC).timestamp() - 1,) * 2)
