"""Opens the ledger that a URL names."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DatabaseError, OperationalError

from offswitch.errors import ConfigError, Problem, Refused
from offswitch.ledger.base import Ledger
from offswitch.ledger.sqlite import SqliteLedger

HEAD = "0005"
_VERSION = "SELECT version_num FROM alembic_version"


def open_ledger(url: str, *, virtual: bool = False) -> Ledger:
    """The ledger at this SQLAlchemy URL, made or migrated first where needed. Raises Refused when it can't be reached.

    The schema's number is read without Alembic, whose import would cost every command a quarter of a second. `virtual`: the
    clock of whoever opens it is not the world's, so leases run by that one even where the store has a clock.
    """
    if url.startswith(("postgresql", "postgres:")):
        return _postgres(url, virtual)
    if not url.startswith("sqlite"):
        fix = "use sqlite:///path/to/ledger.sqlite or postgresql://user@host/database"
        raise ConfigError(Problem(url.rpartition("@")[2], 0, 0, "this ledger is not known", fix))
    ledger = SqliteLedger(url)
    if _head_of(ledger.path) != HEAD:
        _upgrade(url, ledger)
    return ledger


def _postgres(url: str, virtual: bool) -> Ledger:
    from offswitch.ledger.postgres import PostgresLedger

    ledger = PostgresLedger(url, virtual=virtual)
    try:
        if ledger.head() != HEAD:
            _upgrade(url, ledger)
    except (OperationalError, Refused) as error:
        ledger.close()
        if isinstance(error, Refused):
            raise
        why = " ".join(str(error.orig).split())
        raise Refused(f"the ledger can't be reached: {why}. See OFFSWITCH_LEDGER") from error
    return ledger


def _upgrade(url: str, ledger: Ledger) -> None:
    from offswitch.ledger.migrate import upgrade

    upgrade(url)
    with ledger.write() as book:
        book.audit.begin()


def _head_of(path: Path) -> str | None:
    if not path.is_file():
        return None
    connection = sqlite3.connect(path, timeout=30)
    try:
        row = connection.execute(_VERSION).fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        raise DatabaseError(_VERSION, None, error) from error
    finally:
        connection.close()
    return row[0] if row else None
