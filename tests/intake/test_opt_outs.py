"""No opt-out, bounce or complaint is lost: not with a ledger that can't be written, not with a restored one."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.events import MailBounced, MailComplained, Unsubscribed
from offswitch.intake.opt_outs import KEPT, OptOut, OptOuts, obey_missing
from offswitch.intake.receive import receive
from offswitch.intake.stream import take_in
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.model.submission import Consent, Submission
from offswitch.testing.fakes import NOON, FrozenClock

MONA = "mona@example.com"
YES = (Consent("marketing", "email", "yes"),)


def no(name: str, kind: str = Unsubscribed.kind, at: datetime = NOON, **who: str) -> OptOut:
    return OptOut(f"test:{name}", kind, at, "test", f"digest of {name}", **({"address": MONA} | who), data={})


def form(at: datetime = NOON, **over: Any) -> Submission:
    values: dict[str, Any] = {"id": "f1", "kind": "form.submitted", "at": at, "source": "site", "email": MONA, "contact": {}, "data": {}}
    return Submission(**{**values, "consent": YES, "digest": "d", **over})


@pytest.fixture
def kept(tmp_path: Path) -> OptOuts:
    return OptOuts(tmp_path / "home" / "opt-outs.jsonl")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with opened.write() as book:
        receive(book, form(), NOON)
    yield opened
    opened.close()


def state(ledger: Ledger) -> tuple[bool, bool]:
    """Does Mona agree to marketing; may she get mail at all?"""
    with ledger.read() as book:
        mona = book.contacts.by_address([MONA])[MONA].id
        return bool(book.consent.of([mona])[mona]), not book.consent.suppressed([mona])


@pytest.mark.parametrize(
    ("kind", "after"), [(Unsubscribed.kind, (False, True)), (MailBounced.kind, (True, False)), (MailComplained.kind, (True, False))]
)
def test_what_the_ledger_has_missed_is_obeyed_once(ledger: Ledger, kept: OptOuts, kind: str, after: tuple[bool, bool]) -> None:
    kept.keep(no("one", kind))
    assert state(ledger) == (True, True)
    assert [obey_missing(ledger, kept, NOON) for _ in range(3)] == [1, 0, 0]
    assert state(ledger) == after


def test_a_later_yes_outlives_an_older_no_that_comes_late(ledger: Ledger, kept: OptOuts) -> None:
    kept.keep(no("one", at=NOON - timedelta(days=1)))
    obey_missing(ledger, kept, NOON)
    assert state(ledger) == (True, True)


def test_a_restored_ledger_catches_up_by_itself(ledger: Ledger, kept: OptOuts, tmp_path: Path) -> None:
    for name in ("one", "two"):
        kept.keep(no(name))
    obey_missing(ledger, kept, NOON)
    other = open_ledger(f"sqlite:///{tmp_path / 'older.sqlite'}")
    with other.write() as book:
        receive(book, form(), NOON)
    assert obey_missing(other, kept, NOON) == 2
    assert state(other) == (False, True)
    other.close()


def test_who_is_not_in_the_ledger_yet_has_said_no_all_the_same(kept: OptOuts, tmp_path: Path) -> None:
    empty = open_ledger(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    kept.keep(no("one", contact_id="c9", at=NOON + timedelta(hours=1)), no("two", contact_id="c8", address=""))
    assert obey_missing(empty, kept, NOON) == 2
    with empty.write() as book:
        receive(book, form(), NOON)
    assert state(empty) == (False, True)
    empty.close()


def test_a_file_that_is_older_than_the_ledger_is_read_from_the_start(ledger: Ledger, kept: OptOuts) -> None:
    kept.keep(no("one"))
    older = kept.path.read_bytes()
    kept.keep(no("two"), no("three"))
    obey_missing(ledger, kept, NOON)
    kept.path.write_bytes(older)
    kept.keep(no("new", MailComplained.kind))
    assert obey_missing(ledger, kept, NOON) == 1
    assert state(ledger) == (False, False)


def test_only_its_owner_may_read_it(kept: OptOuts) -> None:
    kept.keep(no("one"))
    kept.forget(NOON + timedelta(days=1), 1)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", [b'{"n":2,"id":"te', b"\xff\xfe\n", b"null\n", b'{"n":"x"}\n', b"\n\n"])
def test_half_a_line_costs_nobody_elses(ledger: Ledger, kept: OptOuts, torn: bytes) -> None:
    kept.keep(no("one", MailComplained.kind))
    with kept.path.open("ab") as file:
        file.write(torn)
    kept.keep(no("two"))
    assert [number for number, _ in kept.after(0)] == [1, 2]
    assert obey_missing(ledger, kept, NOON) == 2
    assert state(ledger) == (False, False)


def test_several_writers_lose_no_line_and_no_number(kept: OptOuts) -> None:
    others = [OptOuts(kept.path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(one.keep, no(f"{place} {n}")) for place, one in enumerate(others) for n in range(25)]
        assert [one.result() for one in done] == [None] * 100
    found = list(kept.after(0))
    assert [number for number, _ in found] == list(range(1, 101))
    assert len({one.id for _, one in found}) == 100


def test_it_is_kept_long_and_then_forgotten(ledger: Ledger, kept: OptOuts) -> None:
    kept.keep(no("old"), no("new", at=NOON + timedelta(days=300)))
    obey_missing(ledger, kept, NOON)
    assert obey_missing(ledger, kept, NOON + KEPT) == 0
    assert len(list(kept.after(0))) == 2
    assert obey_missing(ledger, kept, NOON + KEPT + timedelta(days=1)) == 0
    assert [one.id for _, one in kept.after(0)] == ["test:new"]
    kept.keep(no("newest"))
    assert [number for number, _ in kept.after(0)] == [2, 3]


def test_what_the_ledger_does_not_have_is_never_forgotten(kept: OptOuts) -> None:
    kept.keep(no("one"), no("two"))
    kept.forget(NOON + timedelta(days=1), 1)
    assert [one.id for _, one in kept.after(0)] == ["test:two"]


def test_a_file_of_complaints_is_kept_before_the_ledger_has_it(ledger: Ledger, kept: OptOuts) -> None:
    rows = [form(id=f"c{n}", kind=MailComplained.kind, consent=(), digest=f"d{n}") for n in range(3)] + [form(id="f2", digest="x")]
    for _ in range(2):
        list(take_in(ledger, iter(rows), "esp", FrozenClock(), kept))
    assert [(one.id, one.address) for _, one in kept.after(0)] == [(f"esp:c{n}", MONA) for n in range(3)]
    assert obey_missing(ledger, kept, NOON) == 0


def test_on_a_full_disk_the_spare_room_takes_it(kept: OptOuts, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.keep(no("one"))
    spare = kept.path.with_name("opt-outs.jsonl.spare")
    assert spare.stat().st_size == 256 * 1024
    write = os.pwrite

    def full(file: int, data: bytes, offset: int) -> int:
        return write(file, data[:9], offset) if spare.exists() else write(file, data, offset)

    monkeypatch.setattr(os, "pwrite", full)
    monkeypatch.setattr(OptOuts, "save_space", lambda _self: None)
    kept.keep(no("two"))
    assert [one.id for _, one in kept.after(0)] == ["test:one", "test:two"]
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: write(file, data[:9], offset))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        kept.keep(no("three"))
    monkeypatch.setattr(os, "pwrite", write)
    assert [one.id for _, one in kept.after(0)] == ["test:one", "test:two"]
    assert all(json.loads(line) for line in kept.path.read_bytes().splitlines())


@pytest.mark.slow
def test_whoever_is_killed_loses_nothing_that_was_kept(kept: OptOuts) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.intake.test_opt_outs import OptOuts, no\n"
        "for n in range(10_000): OptOuts(Path(sys.argv[1])).keep(no(str(n))); print(n, flush=True)"
    )
    root = Path(__file__).parents[2]
    worker = subprocess.Popen([sys.executable, "-c", code, str(kept.path)], cwd=root, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    while worker.stdout.readline().strip() != "30":
        assert worker.poll() is None
    worker.kill()
    said = worker.communicate()[0].split()
    last = int(said[-1]) if said else 30
    kept.keep(no("after"))
    ids = [one.id for _, one in kept.after(0)]
    assert ids[: last + 1] == [f"test:{n}" for n in range(last + 1)]
    assert ids[-1] == "test:after"
