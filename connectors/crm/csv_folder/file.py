"""A file that people save whenever they like, read when they are done and replaced without losing what they save meanwhile."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from connectors.crm.csv_folder.sheet import Damaged

QUIET = 0.2  # seconds without a change before a file counts as saved
PATIENCE = 3.0


class Overtaken(Exception):
    """Somebody has saved the file since it was read: read it again."""


@dataclass(frozen=True)
class Saved:
    """What stood in a file, and when it was saved, in seconds since 1970. A file that is not there is empty."""

    path: Path
    content: bytes
    at: float


def read_saved(path: Path, left: str = "") -> Saved:
    """The file when nobody is writing it; `left` is the digest of what we left there, which needs no waiting. Raises Damaged, OSError."""
    patience = time.monotonic() + PATIENCE
    while True:
        restore(path)
        try:
            before = path.stat()
            content = path.read_bytes()
            after = path.stat()
        except FileNotFoundError:
            return Saved(path, b"", 0.0)
        still = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size) and after.st_size == len(content)
        if still and (digest(content) == left or abs(time.time() - after.st_mtime) > QUIET):
            return Saved(path, content, after.st_mtime)
        if time.monotonic() > patience:
            raise Damaged("is being saved all the time")
        time.sleep(QUIET / 4)


def replace(saved: Saved, content: bytes) -> None:
    """Put the new content there, on the disk. Raises Overtaken, and leaves what is there, if it is not what was read.

    What stood there is first taken away whole, so that a save in between is seen and never written over; it stays beside
    as `.NAME.before`. A save that comes after that stands where the file was, and wins.
    """
    path, before = saved.path, _before(saved.path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        if saved.content or path.exists():
            path.rename(before)
            if before.read_bytes() != saved.content:
                restore(path)
                raise Overtaken
        _place(fresh, path)
    except (FileExistsError, FileNotFoundError):
        raise Overtaken from None
    finally:
        fresh.unlink(missing_ok=True)
    _sync(path.parent)


def restore(path: Path) -> None:
    """Whoever died between taking the old file away and putting the new one there left neither."""
    if not path.exists():
        try:
            _place(_before(path), path)
        except (FileNotFoundError, FileExistsError):
            return


def digest(content: bytes) -> str:
    """Names what stands in a file."""
    return blake2b(content, digest_size=16).hexdigest()


def _place(file: Path, path: Path) -> None:
    """Give the file this name, if nobody has it. Raises FileExistsError, FileNotFoundError."""
    try:
        os.link(file, path)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a disk without hard links, as some shared folders are
        if path.exists():
            raise FileExistsError(path) from None
        file.rename(path)


def _before(path: Path) -> Path:
    return path.with_name(f".{path.name}.before")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
