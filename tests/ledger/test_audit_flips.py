"""A bit that flips on the disk: whatever it changes in the ledger is refused or reported."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from offswitch.errors import OffswitchError
from offswitch.ledger.digests import COVERED, LEFT_OUT
from offswitch.ledger.open import open_ledger
from offswitch.ledger.verify import verify
from offswitch.model.effect import Stage
from offswitch.testing.ledger_audit import fill
from offswitch.testing.ledger_rows import effect_of, entry_of

FLIPS = 400
Rows = dict[str, list[tuple[Any, ...]]]


def made(path: Path) -> None:
    """A small ledger in one file, with something in every table."""
    ledger = open_ledger(f"sqlite:///{path}")
    fill(ledger)
    for start in range(0, 150, 30):
        with ledger.write() as book:
            for n in range(start, start + 30):
                book.entries.add(entry_of(f"e{n}", contact_id=f"c{n}", version="v1", reason="منى"))
            book.effects.write([effect_of(f"e{n}", state=Stage.PERFORMED, plan={"then": "value"}) for n in range(start, start + 30)])
    ledger.close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def content(path: Path) -> Rows | None:
    """Everything that the log answers for, and the log; None when it can't be read."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.text_factory = bytes
    try:
        rows: Rows = {"audit": database.execute("SELECT * FROM audit NOT INDEXED").fetchall()}
        for name, covered in COVERED.items():
            columns = ", ".join(f'"{column.name}"' for column in covered.table.c if column.name not in LEFT_OUT.get(name, ()))
            rows[name] = database.execute(f"SELECT {columns} FROM {name} NOT INDEXED").fetchall()
    except (sqlite3.Error, UnicodeError):
        return None
    finally:
        database.close()
    return rows


def noticed(path: Path) -> bool:
    """Is the ledger refused, or its trouble reported?"""
    try:
        ledger = open_ledger(f"sqlite:///{path}")
        with ledger.read() as book:
            count = verify(book).count
        ledger.close()
    except (SQLAlchemyError, sqlite3.Error, UnicodeError, OffswitchError):
        return True
    return count > 0


@pytest.mark.slow
def test_every_flip_that_changes_something_is_refused_or_reported(tmp_path: Path) -> None:
    made(tmp_path / "whole.sqlite")
    whole, was = (tmp_path / "whole.sqlite").read_bytes(), content(tmp_path / "whole.sqlite")
    random, flipped, changed, missed = Random(7), tmp_path / "flipped.sqlite", 0, []
    for _ in range(FLIPS):
        at, bit = random.randrange(len(whole)), random.randrange(8)
        flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        if content(flipped) != was:
            changed += 1
            if not noticed(flipped):
                missed.append((at, bit))
        for left in tmp_path.glob("flipped.*"):
            left.unlink()
    assert missed == []
    assert changed > FLIPS // 8


def test_a_whole_ledger_is_not_suspected(tmp_path: Path) -> None:
    made(tmp_path / "whole.sqlite")
    assert not noticed(tmp_path / "whole.sqlite")
