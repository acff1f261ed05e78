"""Brings a ledger to the newest schema. The only module that imports Alembic."""

from __future__ import annotations

from fcntl import LOCK_EX, flock
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from offswitch.errors import Refused

_HERE = Path(__file__).parent / "migrations"


def upgrade(url: str) -> None:
    """Create or migrate the tables. Raises Refused when the ledger is newer than this program."""
    path = Path(make_url(url).database or "ledger")
    path.parent.mkdir(parents=True, exist_ok=True)
    config = _config(url)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with path.with_suffix(".lock").open("w") as lock:  # two processes may start on a fresh machine at once
        flock(lock, LOCK_EX)
        if _version(url) not in {None, *known}:
            raise Refused("the ledger was written by a newer Offswitch: upgrade the program, or use another OFFSWITCH_LEDGER")
        command.upgrade(config, "head")


def _version(url: str) -> str | None:
    engine = create_engine(url)
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    engine.dispose()
    return version


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
