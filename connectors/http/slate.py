"""A few bytes that all processes of this machine read and write together, in a file; where that can't be, this process alone."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

T = TypeVar("T")
_PATIENCE = 1.0  # seconds for a lock that is kept for microseconds: longer, and its holder is frozen
_LOOK = 0.001
_STALE = 2 * 86_400.0  # seconds after which what an earlier run of the machine left is taken away


def boot() -> str:
    """A short name for this run of the machine: what `uptime()` counts from. Elsewhere than on Linux all runs are one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        return "boot"


class Slate:
    """`path` ends in the boot's name. The file and its folder are made when it is first used. Safe to share by threads."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.trouble = ""
        self._size = size
        self._memory = b""
        self.renew()
        _all.add(self)

    def renew(self) -> None:
        """A forked child has its own lock and opens the file by itself: a lock on the same opening would keep nobody out."""
        self._guard = threading.Lock()
        self._file = -1

    def change(self, edit: Callable[[bytes], tuple[bytes, T]]) -> T:
        """What `edit` says, having turned the bytes before into those after. Nobody else changes them meanwhile."""
        with self._guard:
            if not self._ready():
                self._memory, told = edit(self._memory)
                return told
            with self._alone():
                self._memory, told = edit(os.pread(self._file, self._size, 0))
                try:
                    os.pwrite(self._file, self._memory, 0)
                except OSError as error:
                    self._give_up(error)
            return told

    def read(self) -> bytes:
        """The bytes as they are."""
        with self._guard:
            return os.pread(self._file, self._size, 0) if self._ready() else self._memory

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The kernel takes the lock from whoever dies. Whoever is frozen with it is not waited for: at worst a call is not counted."""
        file, end = self._file, 0.0
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                end = end or time.monotonic() + _PATIENCE
                if time.monotonic() > end:
                    break
                time.sleep(_LOOK)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _ready(self) -> bool:
        """The file is open and still the one that the others find under its name."""
        if self.trouble:
            return False
        if self._file >= 0 and os.fstat(self._file).st_nlink:
            return True
        try:
            self._open()
        except OSError as error:
            self._give_up(error)
        return not self.trouble

    def _open(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _sweep(self.path)

    def _give_up(self, error: OSError) -> None:
        self.trouble = error.strerror or type(error).__name__

    def __del__(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)


def _sweep(path: Path) -> None:
    for old in path.parent.glob(f"{path.stem}.*"):
        with suppress(OSError):
            if old.suffix != path.suffix and time.time() - old.stat().st_mtime > _STALE:
                old.unlink()


_all: WeakSet[Slate] = WeakSet()


def _renew_all() -> None:
    for slate in list(_all):
        slate.renew()


os.register_at_fork(after_in_child=_renew_all)
