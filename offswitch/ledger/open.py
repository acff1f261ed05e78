"""Opens the ledger that a URL names."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from offswitch.errors import ConfigError, Problem
from offswitch.ledger.base import Ledger
from offswitch.ledger.sqlite import SqliteLedger

HEAD = "0002"


def open_ledger(url: str) -> Ledger:
    """The ledger at this SQLAlchemy URL, made or migrated first where needed.

    The schema's number is read without Alembic, whose import would cost every command a quarter of a second.
    """
    if not url.startswith("sqlite"):
        raise ConfigError(Problem(url.rpartition("@")[2], 0, 0, "this ledger is not known", "use sqlite:///path/to/ledger.sqlite"))
    path = Path(make_url(url).database or "")
    if _head_of(path) != HEAD:
        from offswitch.ledger.migrate import upgrade

        upgrade(url)
    return SqliteLedger(url)


def _head_of(path: Path) -> str | None:
    if not path.is_file():
        return None
    connection = sqlite3.connect(path, timeout=30)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.close()
    return row[0] if row else None
