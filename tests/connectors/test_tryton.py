"""A real Tryton server: one party for each address, notes once, and a colleague's newer value stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from connectors.crm.tryton import Tryton, TrytonSettings
from connectors.crm.tryton.rpc import Said
from offswitch.errors import Permanent
from offswitch.model.action import Kind
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import CrmContract, OtherSide
from tests.connectors.registers import facts, note, order, write
from tests.connectors.tryton_server import COLLEAGUE, PASSWORD, serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tryton")]  # one server, not one for each worker
_people = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("tryton")) as url:
        yield url


def at(url: str, **over: Any) -> Tryton:
    return Tryton(TrytonSettings(**{"base_url": url, "password": PASSWORD, "settled": 0, **over}))


@pytest.fixture
def crm(server: str) -> Iterator[Tryton]:
    with closing(at(server)) as connected:
        yield connected


@pytest.fixture
def colleague(server: str) -> Iterator[Tryton]:
    """Somebody else, who writes through Tryton as we do, under their own name."""
    with closing(at(server, login=COLLEAGUE)) as connected:
        yield connected


@pytest.fixture
def who() -> str:
    """The address of somebody whom no other test knows."""
    return f"p{next(_people)}@example.com"


def asked(crm: Tryton, method: str, *params: Any) -> Any:
    said = crm._rpc.ask(method, *params)
    assert isinstance(said, Said)
    return said.value


def parties(crm: Tryton, email: str) -> int:
    found = asked(crm, "party.contact_mechanism.search_read", [["value", "ilike", email]], 0, None, None, ["party"])
    return len({row["party"] for row in found})


def notes(crm: Tryton) -> list[str]:
    numbers = asked(crm, "party.party.search", [], 0, None, None)
    everybody = [f"party.party,{number}" for number in numbers]
    return [row["message"] for row in asked(crm, "ir.note.search_read", [["resource", "in", everybody]], 0, None, None, ["message"])]


class TestTryton(CrmContract):
    @pytest.fixture
    def other_side(self, crm: Tryton) -> OtherSide:
        for number in asked(crm, "party.party.search", [["contact_mechanisms.value", "like", "person%"]], 0, None, None):
            crm._rpc.tell("party.party.delete", [number])
        before = notes(crm)
        return OtherSide(crm, lambda: [one for one in notes(crm) if one not in before])


def test_an_update_makes_the_party_and_moves_its_stage(crm: Tryton, who: str) -> None:
    assert write(crm, order("k1", who, stage="trust", tags=["new"], name="منى حداد", language="en")) == [Outcome.PERFORMED]
    assert write(crm, order("k2", who.upper(), stage="decision", tags="warm")) == [Outcome.PERFORMED]
    assert facts(crm, who) == {"name": "منى حداد", "language": "en", "stage": "decision", "tags": ["new", "warm"]}
    assert parties(crm, who) == 1


def test_what_tryton_has_no_place_for_is_said_and_nothing_is_written(crm: Tryton, who: str) -> None:
    (receipt,) = crm.perform([order("k1", who, stage="a", shoe_size="44")])
    assert (receipt.outcome, "shoe_size" in receipt.reason) == (Outcome.BROKEN, True)
    assert parties(crm, who) == 0


@pytest.mark.parametrize(("earlier", "stays"), [(0, "ours"), (60, "hers")])
def test_the_newer_value_stays(crm: Tryton, colleague: Tryton, who: str, earlier: float, stays: str) -> None:
    write(crm, order("k1", who, name="first", stage="first"))
    write(colleague, order("k2", who, name="hers"))
    time.sleep(0.01)
    write(crm, order("k3", who, decided=datetime.now(UTC) - timedelta(seconds=earlier), name="ours", stage="second"))
    assert (facts(crm, who)["name"], facts(crm, who)["stage"]) == (stays, "second")


def test_a_field_of_people_is_written_only_while_it_is_empty(crm: Tryton, who: str) -> None:
    write(crm, order("k1", who, yielding=["stage"], stage="first"), order("k2", who, yielding=["stage"], stage="second", name="N"))
    assert (facts(crm, who)["name"], facts(crm, who)["stage"]) == ("N", "first")


def test_what_somebody_saves_between_our_look_and_our_write_stays(
    crm: Tryton, colleague: Tryton, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(crm, order("k1", who, name="first"))
    tell, late = crm._rpc.tell, order("k2", who, name="ours", tags=["t"])

    def meanwhile(method: str, *params: Any, **more: Any) -> Any:
        monkeypatch.setattr(crm._rpc, "tell", tell)
        write(colleague, order("k3", who, name="hers"))
        return tell(method, *params, **more)

    asked(crm, "party.category.search", [], 0, None, None)
    write(colleague, order("k0", who, tags=["t"]))
    write(crm, order("k1b", "elsewhere@example.com", tags=["t"]))
    monkeypatch.setattr(crm._rpc, "tell", meanwhile)
    assert write(crm, late) == [Outcome.PERFORMED]
    assert facts(crm, who)["name"] == "hers"


def test_notes_and_tasks_of_two_workers_are_there_once(server: str, crm: Tryton, who: str) -> None:
    orders = [note(f"n/{who}", "called", who), note(f"t/{who}", "Call again", who, kind=Kind.TASK)]
    write(crm, order("k1", who, stage="a"))
    together(server, [lambda one: write(one, *orders)] * 3)
    found = [one for one in notes(crm) if who in one]
    assert sorted(found) == [f"called\n[n/{who}]", f"☐ Call again\ndue: 2026-12-01\n[t/{who}]"]


def together(server: str, works: list[Callable[[Tryton], Any]], login: str = "offswitch") -> None:
    """Each with a connection of its own, at the same time."""
    start, failed = threading.Barrier(len(works)), []

    def one(work: Callable[[Tryton], Any]) -> None:
        with closing(at(server, login=COLLEAGUE if work.__name__ == "person" else login)) as crm:
            start.wait()
            try:
                work(crm)
            except Exception as error:  # noqa: BLE001 - told by the main thread
                failed.append(error)

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_two_workers_and_a_person_end_in_one_party_with_the_newest_values(server: str, crm: Tryton, who: str) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)

    def worker(me: str) -> Callable[[Tryton], None]:
        def work(one: Tryton) -> None:
            for n in range(6):
                change = order(f"{me}/{who}/{n}", who, decided=began, name=f"{me} {n}", tags=[f"{me}{n}"])
                while write(one, change, note(f"n/{who}/{n}", "hello", who)) != [Outcome.PERFORMED] * 2:
                    time.sleep(0.01)

        return work

    def person(one: Tryton) -> None:
        for n in range(6):
            while write(one, order(f"p/{who}/{n}", who, name=f"hers {n}")) != [Outcome.PERFORMED]:
                time.sleep(0.01)

    together(server, [worker("a"), worker("b"), person])
    assert parties(crm, who) == 1
    assert facts(crm, who)["name"] == "hers 5"
    assert len([one for one in notes(crm) if f"n/{who}/" in one]) == 6


def test_what_a_colleague_changes_or_makes_is_an_edit_and_what_we_do_is_none(crm: Tryton, colleague: Tryton, who: str) -> None:
    other = f"other-{who}"
    write(crm, order("k1", who, stage="a"))
    cursor = crm.edits("").cursor
    write(crm, order("k2", who, tags=["t"]))
    write(colleague, order("k3", who, name="منى", stage="b"), order("k4", other, name="New"))
    time.sleep(1.1)  # Tryton tells the time in whole seconds
    edits = crm.edits(cursor)
    mine = {edit.email: edit for edit in edits.found if edit.email in (who, other)}
    assert mine[who].values == {"name": "منى", "stage": "b", "tags": ["t"]}
    assert (mine[other].values, mine[other].by) == ({"name": "New"}, "Mariam")
    assert crm.edits(cursor).found == edits.found
    assert not crm.edits(edits.cursor).found


def test_a_session_that_has_ended_is_opened_again(crm: Tryton, who: str) -> None:
    write(crm, order("k1", who, stage="a"))
    with closing(at(str(crm._rpc._client._base))) as other:
        asked(other, "party.party.search_count", [])
        crm._rpc._token = other._rpc._token.__class__("0" * 64) if other._rpc._token else None
    assert write(crm, order("k2", who, stage="b")) == [Outcome.PERFORMED]


def test_a_wrong_password_is_said_once_and_for_all(server: str, who: str) -> None:
    with closing(at(server, login="somebody", password="wrong")) as crm:
        (receipt,) = crm.perform([order("k1", who, stage="a")])
        assert (receipt.outcome, "login" in receipt.reason) == (Outcome.BROKEN, True)
        assert [finding.level for finding in crm.diagnose()] == [Level.TROUBLE]
        with pytest.raises(Permanent):
            crm.read([who])


def test_a_diagnosis_says_what_this_tryton_lacks(crm: Tryton) -> None:
    assert [(finding.about, finding.level) for finding in crm.diagnose()] == [
        ("Tryton", Level.FINE),
        ("Tryton's languages", Level.ADVICE),
    ]
