"""The ledger: can it be reached, is it ours and of this version, and does its clock agree with ours?"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from offswitch.doctor.clock import apart
from offswitch.doctor.home import far_filesystem
from offswitch.errors import Refused
from offswitch.ledger.open import HEAD
from offswitch.ledger.trouble import in_words
from offswitch.model.finding import Finding, Level
from offswitch.project.project import Project

Told: TypeAlias = Generator[Finding, None, bool]  # findings, and whether there is something to read
_VERSION = "SELECT version_num FROM alembic_version"
_OLD = "the next command brings it up to date; make a backup first"
_MOUNTS = Path("/proc/self/mounts")


def of_ledger(project: Project) -> Iterator[Finding]:
    """Opened for reading alone: an old one is not migrated, a missing one is not made."""
    try:
        if project.settings.ledger_file is not None:
            ready = yield from _of_file(project.settings.ledger_file)
        else:
            ready = yield from _of_server(project)
        if ready:
            yield from _of_content(project)
    except (SQLAlchemyError, sqlite3.Error) as error:
        yield Finding("ledger", Level.TROUBLE, in_words(error), "see OFFSWITCH_LEDGER and docs/operations.md")
    except Refused as error:
        yield Finding("ledger", Level.TROUBLE, str(error), "see OFFSWITCH_LEDGER")


def _of_file(path: Path) -> Told:
    mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace") if _MOUNTS.exists() else ""
    if far := far_filesystem(path, mounts):
        todo = "put it on a disk of this machine, or use PostgreSQL"
        yield Finding("ledger", Level.TROUBLE, f"SQLite on a network file system ({far}) loses data when two machines write", todo)
    if not path.is_file():
        yield Finding("ledger", Level.FINE, "there is none yet: the first command makes it")
        return False
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as file:
        version = file.execute(_VERSION).fetchone()
    return (yield from _of_version("SQLite", version[0] if version else None))


def _of_server(project: Project) -> Told:
    from offswitch.ledger.postgres import PostgresLedger

    ledger = PostgresLedger(project.settings.ledger_url)
    try:
        ready = yield from _of_version("PostgreSQL", ledger.head())
        ours = project.clock.now()
        with ledger.read() as book:
            theirs = book.instant(ours)
    finally:
        ledger.close()
    yield apart("the clock of PostgreSQL", (theirs - ours).total_seconds())
    return ready


def _of_version(kind: str, version: str | None) -> Told:
    if version == HEAD:
        yield Finding("ledger", Level.FINE, f"{kind}, version {version}")
        return True
    newer = version is not None and version > HEAD
    level = Level.TROUBLE if newer else Level.ADVICE
    said = f"{kind}, version {version or 'none'}; this offswitch works with {HEAD}"
    yield Finding("ledger", level, said, "a newer offswitch has used it: update this one" if newer else _OLD)
    return False


def _of_content(project: Project) -> Iterator[Finding]:
    with project.ledger.read() as book:
        lost, clock = project.lost(book), project.clock_watch().refusal(book)
    project.ledger.close()
    if lost:
        yield Finding("ledger", Level.TROUBLE, lost, "run `offswitch reconcile`")
    yield (
        Finding("this machine's clock", Level.TROUBLE, clock)
        if clock
        else Finding("this machine's clock", Level.FINE, "goes on as it should")
    )
