"""Reading a policy file whole: one version of it, as text, or an error that says what to do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import ConfigError, Problem

LIMIT = 64 * 1024  # bytes; far beyond any policy, and small enough for a parser without surprises
SETTLED = 0.02  # seconds after which a changed file counts as saved
TRIES = 50


class Stamp(NamedTuple):
    """Which version of a file this is."""

    device: int
    inode: int
    size: int
    changed: int


def stamp(path: Path) -> Stamp:
    """The version that stands there now. Raises OSError."""
    seen = path.stat()
    return Stamp(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)


def read_text(path: Path) -> tuple[str, Stamp]:
    """The text of one version of the file, line endings as they are. Raises ConfigError."""
    try:
        inside = path.resolve(strict=True)
        if path.parent.resolve() not in inside.parents:
            raise _error(path, "is a link to a file elsewhere", "put the file itself here")
        if not inside.is_file():
            raise _error(path, "is not a file", "a policy is a text file that ends in .yaml")
        for turn in range(TRIES):
            data, version = _once(path)
            if version is not None and (data or turn > 3):  # ext4 empties a file some time before it says so
                return _decoded(data, path), version
            time.sleep(SETTLED / 2)
    except FileNotFoundError as error:
        raise _error(path, "there is no such file", "create it, or correct the name") from error
    except (OSError, RuntimeError) as error:
        raise _error(path, f"can't be read: {getattr(error, 'strerror', None) or error}") from error
    raise _error(path, "keeps changing while it is read", "save it once and try again")


def _once(path: Path) -> tuple[bytes, Stamp | None]:
    """The bytes, and their version unless somebody may be writing right now."""
    now, before = time.time(), stamp(path)
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    fresh = -SETTLED < now - before.changed / 1e9 < SETTLED
    same = stamp(path) == before and len(data) == min(before.size, LIMIT + 1)
    return data, before if same and not fresh else None


def _decoded(data: bytes, path: Path) -> str:
    if len(data) > LIMIT:
        raise _error(path, "is larger than 64 KiB", "move long texts into the messages")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(path, "is saved as UTF-16", "save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _error(path, "begins with a byte-order mark", 'save it as "UTF-8", not as "UTF-8 with BOM"')
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        what = f"is not UTF-8 text (byte {data[error.start]:#04x})"
        raise ConfigError(Problem(str(path), line, column, what, "save it as UTF-8")) from error


def _error(path: Path, what: str, fix: str = "") -> ConfigError:
    return ConfigError(Problem(str(path), 0, 0, what, fix))
