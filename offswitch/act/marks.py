"""How far a worker came, in a small file that outlives it.

A reservation says that an effect may have happened. The mark, written in memory that the kernel keeps when a process is
killed, says whether it began and how it ended; so a killed worker leaves at most one effect in doubt per connection. After a
power cut the file can't be trusted: the boot id differs, and everything that was reserved is in doubt.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

from offswitch.model.receipt import Outcome

SLOTS: Final = 1024
UNTOUCHED: Final = ord(".")
BEGUN: Final = ord("b")
_OUTCOMES: Final = {
    Outcome.PERFORMED: ord("p"),
    Outcome.REJECTED: ord("r"),
    Outcome.UNKNOWN: BEGUN,
    Outcome.RETRY: UNTOUCHED,
    Outcome.BROKEN: UNTOUCHED,
    Outcome.LAPSED: UNTOUCHED,
}
_HEADER: Final = 64
NO_BOOT_ID: Final = "no boot id"


class Marks:
    """One worker's own file. Slots count from 0 within a lease."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.path = folder / f"{worker}.mark"
        self._map: mmap.mmap | None = None

    def reset(self, token: int) -> None:
        """From now on slots belong to this lease. Call it before anything is reserved under it."""
        marks = self._map or self._open()
        marks[:_HEADER] = b" " * _HEADER  # while half written, the file speaks for no lease
        marks[_HEADER:] = bytes([UNTOUCHED]) * SLOTS
        marks[:_HEADER] = _header(token)

    def begun(self, index: int) -> None:
        """The effect in this slot starts now."""
        self._note(index, BEGUN)

    def untouched(self, index: int) -> None:
        """It did not start after all."""
        self._note(index, UNTOUCHED)

    def ended(self, index: int, outcome: Outcome) -> None:
        """The effect in this slot ended so."""
        self._note(index, _OUTCOMES[outcome])

    def outcome(self, index: int) -> Outcome:
        """What this file says of a slot."""
        return _read(self._map[_HEADER + index]) if self._map else Outcome.UNKNOWN

    def close(self, *, forget: bool) -> None:
        """Let go of the file; `forget` it when everything in it has been recorded."""
        if self._map is not None:
            self._map.close()
            self._map = None
        if forget:
            self.path.unlink(missing_ok=True)

    def _note(self, index: int, mark: int) -> None:
        assert self._map is not None, "marks belong to a lease: reset() first"
        self._map[_HEADER + index] = mark

    def _open(self) -> mmap.mmap:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("wb") as file:
            file.write(b" " * _HEADER + bytes([UNTOUCHED]) * SLOTS)
        with self.path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _HEADER + SLOTS)
        return self._map


def left_behind(folder: Path, worker: str, token: int) -> list[Outcome] | None:
    """What a dead worker's file says of its slots under this lease, or None when it can't be trusted.

    RETRY means surely not begun, UNKNOWN begun and not ended.
    """
    path = folder / f"{worker}.mark"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if len(content) != _HEADER + SLOTS or content[:_HEADER] != _header(token) or boot_id() == NO_BOOT_ID:
        return None
    return [_read(byte) for byte in content[_HEADER:]]


def _read(byte: int) -> Outcome:
    if byte == ord("p"):
        return Outcome.PERFORMED
    if byte == ord("r"):
        return Outcome.REJECTED
    return Outcome.RETRY if byte == UNTOUCHED else Outcome.UNKNOWN


def _header(token: int) -> bytes:
    return f"{boot_id()} {token}".encode().ljust(_HEADER)


def boot_id() -> str:
    """The kernel's name for this run of the machine; elsewhere than on Linux there is none, and marks are not trusted."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return NO_BOOT_ID
