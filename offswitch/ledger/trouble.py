"""What is wrong with a store, and what to do, in a line that names nobody: a database's own words may quote rows."""

from __future__ import annotations

import sqlite3
from errno import EDQUOT, EIO, ENOSPC, EROFS

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_FULL = "the disk is full: free some space. Nothing is sent until then, nothing is lost, and the next run goes on by itself"
_READ_ONLY = "the ledger can't be written: it is read-only here. Mend the mount or the permissions; until then nothing is sent"
_DAMAGED = (
    "the ledger is damaged: stop every offswitch process, keep the file for an expert, put the newest backup in its place and "
    "run `offswitch reconcile`. Nothing is sent until then; see docs/operations.md"
)
_BROKEN = "the disk gave an error: look at the machine's own log. Nothing is sent until it works again"
_BUSY = "the ledger was locked for too long by another process: is a backup or another program holding it?"
_CLOSED = "the ledger can't be opened: is its folder there, and may this user write in it?"
_BY_NAME = (  # how SQLite's names of errors begin
    ("SQLITE_FULL", _FULL),
    ("SQLITE_READONLY", _READ_ONLY),
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_IOERR", _BROKEN),
    ("SQLITE_BUSY", _BUSY),
    ("SQLITE_CANTOPEN", _CLOSED),
)
_BY_STATE = (("53100", _FULL), ("25006", _READ_ONLY), ("XX", _DAMAGED), ("58", _BROKEN), ("55P03", _BUSY))  # PostgreSQL's SQLSTATE

_BY_NUMBER = {ENOSPC: _FULL, EDQUOT: _FULL, EROFS: _READ_ONLY, EIO: _BROKEN}


def in_words(error: SQLAlchemyError | sqlite3.Error | OSError) -> str:
    """One line."""
    if isinstance(error, OSError):
        return _BY_NUMBER.get(error.errno or 0, str(error))
    cause = error.orig if isinstance(error, DBAPIError) else error
    name, state = getattr(cause, "sqlite_errorname", "") or "", getattr(cause, "sqlstate", "") or ""
    for start, words in _BY_NAME:
        if name.startswith(start):
            return words
    for start, words in _BY_STATE:
        if state.startswith(start):
            return words
    said = str(cause).splitlines() if isinstance(error, DBAPIError | sqlite3.Error) else []
    return f"the ledger can't be used: {said[0] if said else type(error).__name__}"
