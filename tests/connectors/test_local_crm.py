"""The local register: one person per address, the same write twice is one, and a batch is on the disk or not there."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.crm.local import LocalCrm, connect
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import ClosedGuard, FakeCrm, make_change, make_contact, make_permit


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[LocalCrm]:
    register = LocalCrm(tmp_path / "crm.sqlite")
    yield register
    register.close()


def order(key: str = "e1/confirm/1/update", email: str = "mona@example.com", kind: Kind = Kind.UPDATE, **values: Any) -> Order[Change]:
    change = make_change(kind=kind, contact=make_contact(email=email), values=values, external_id=key)
    return Order(make_permit(key, recipient=email), change)


def write(crm: LocalCrm | FakeCrm, *orders: Order[Change]) -> list[Outcome]:
    return [receipt.outcome for receipt in crm.perform(orders)]


def count(crm: LocalCrm, table: str) -> int:
    return int(crm._open().execute(f"select count(*) from {table}").fetchone()[0])


def test_an_update_makes_the_person_and_merges_what_is_known(crm: LocalCrm) -> None:
    assert write(crm, order(stage="awareness", city="Riyadh", tags=["new"])) == [Outcome.PERFORMED]
    assert write(crm, order("k2", stage="interest", tier=2, tags="warm")) == [Outcome.PERFORMED]
    known = crm.read(["mona@example.com"])["mona@example.com"]
    assert known == {
        "name": "Mona Haddad",
        "language": "en",
        "stage": "interest",
        "city": "Riyadh",
        "tier": 2,
        "tags": ["new", "warm"],
    }


def test_one_address_is_one_person_however_it_is_typed(crm: LocalCrm) -> None:
    write(crm, order("k1", "Mona@Example.com", stage="a"), order("k2", " mona@example.com", city="Doha"))
    assert count(crm, "people") == 1
    assert crm.read(["MONA@example.com"])["MONA@example.com"]["city"] == "Doha"


def test_people_nobody_knows_are_absent(crm: LocalCrm) -> None:
    assert crm.read(["nobody@example.com"]) == {}


@pytest.mark.parametrize(("kind", "values"), [(Kind.NOTE, {"text": "called"}), (Kind.TASK, {"title": "Call", "due": "2026-12-01"})])
def test_a_note_or_task_written_five_times_is_one(crm: LocalCrm, kind: Kind, values: dict[str, str]) -> None:
    assert write(crm, *[order("k1", kind=kind, **values)] * 5) == [Outcome.PERFORMED] * 5
    assert count(crm, f"{kind}s") == 1


def test_a_task_that_somebody_finished_stays_finished(crm: LocalCrm, tmp_path: Path) -> None:
    write(crm, order("k1", kind=Kind.TASK, title="Call"))
    with sqlite3.connect(tmp_path / "crm.sqlite") as person:
        person.execute("update tasks set done = 1, title = 'Called'")
    person.close()
    write(crm, order("k1", kind=Kind.TASK, title="Call"))
    assert crm._open().execute("select title, done from tasks").fetchall() == [("Called", 1)]


def test_a_lapse_drops_its_own_order_only(crm: LocalCrm) -> None:
    lapsed = Order(make_permit("k2", guard=ClosedGuard()), make_change(values={"stage": "lost"}, external_id="k2"))
    assert write(crm, order("k1", stage="a"), lapsed, order("k3", city="Doha")) == [Outcome.PERFORMED, Outcome.LAPSED, Outcome.PERFORMED]
    assert crm.read(["mona@example.com"])["mona@example.com"]["stage"] == "a"


def test_a_person_without_an_address_is_refused(crm: LocalCrm) -> None:
    change = make_change(contact=make_contact(email=""))
    assert write(crm, Order(make_permit(recipient="c1"), change)) == [Outcome.REJECTED]


def test_it_knows_whether_a_key_arrived(crm: LocalCrm) -> None:
    write(crm, order("e1/confirm/1/update", stage="a"))
    seen, unseen = crm.look_up("e1\x1fconfirm\x1f1\x1fupdate"), crm.look_up("e2\x1fconfirm\x1f1\x1fupdate")
    assert seen is not None
    assert unseen is not None
    assert (seen.outcome, unseen.outcome) == (Outcome.PERFORMED, Outcome.RETRY)


def test_a_register_that_somebody_holds_is_tried_again_later(crm: LocalCrm, tmp_path: Path) -> None:
    crm.read([])
    crm._open().execute("pragma busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "crm.sqlite", isolation_level=None)
    other.execute("begin immediate")
    assert write(crm, order("k1", stage="a"), order("k2", stage="b")) == [Outcome.RETRY] * 2
    other.execute("rollback")
    other.close()
    assert write(crm, order("k1", stage="a")) == [Outcome.PERFORMED]


def test_a_file_that_is_no_register_is_broken_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "crm.sqlite"
    path.write_text("this is not a database, and it is long enough to be read as one" * 20)
    before = path.read_bytes()
    assert write(LocalCrm(path), order(stage="a")) == [Outcome.BROKEN]
    assert path.read_bytes() == before


def test_the_file_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path / "home"))
    for expected in (tmp_path / "home/crm.sqlite", tmp_path / "else.sqlite"):
        crm = connect()
        write(crm, order(stage="a"))
        crm.close()
        assert expected.exists()
        monkeypatch.setenv("OFFSWITCH_CRM_LOCAL_PATH", str(tmp_path / "else.sqlite"))


values = st.dictionaries(st.sampled_from(["stage", "city", "tier"]), st.text(max_size=5), min_size=1)
writes = st.lists(st.tuples(st.sampled_from(["a@x.example", "B@x.example", "b@x.example"]), values), max_size=8)


@given(writes, st.integers(1, 3))
def test_the_register_and_the_fake_end_alike_however_often_the_last_write_is_repeated(
    changes: list[tuple[str, dict[str, str]]], times: int
) -> None:
    real, fake = LocalCrm(Path(":memory:")), FakeCrm()
    for number, (email, change) in enumerate(changes):
        for _ in range(times):
            write(real, order(str(number), email, Kind.UPDATE, **change))
            write(fake, order(str(number), email, Kind.UPDATE, **change))
    people = ["a@x.example", "b@x.example"]
    kept = {who: {k: v for k, v in facts.items() if k not in ("name", "language")} for who, facts in real.read(people).items()}
    assert json.dumps(kept, sort_keys=True) == json.dumps(fake.read(people), sort_keys=True)
    real.close()
