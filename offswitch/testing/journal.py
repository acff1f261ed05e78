"""What the other side of a connector took, told by the other side itself: the oracle of every send-once test."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Taken:
    """One accepted message. `t` is the machine's monotonic clock, `at` the wall's; `data` without dot-stuffing."""

    t: float
    at: datetime
    message_id: str
    sender: str
    to: str
    data: bytes


class Journal:
    """Accepted messages in order, in memory and, with a path, as JSON lines that outlive a killed process.

    `sync` puts each line on the disk before the server answers. `keep` False keeps nothing in memory.
    """

    def __init__(self, path: Path | None = None, *, sync: bool = False, keep: bool = True) -> None:
        self.taken: list[Taken] = []
        self._sync = sync
        self._keep = keep
        self._lock = threading.Lock()
        self._file = None if path is None else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, sender: str, to: str, data: bytes) -> Taken:
        """Write a message down. Call it before the answer that accepts it."""
        taken = Taken(time.monotonic(), datetime.now(UTC), message_id(data), sender, to, data)
        with self._lock:
            if self._keep:
                self.taken.append(taken)
            if self._file is not None:
                os.write(self._file, _line(taken))
                if self._sync:
                    os.fsync(self._file)
        return taken

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def message_id(data: bytes) -> str:
    """The Message-ID of a message, "" without one."""
    found = _MESSAGE_ID.search(data[: data.find(b"\r\n\r\n") + 2])
    return found[1].decode("ascii", "replace") if found else ""


def _line(taken: Taken) -> bytes:
    told = {"t": taken.t, "at": taken.at.isoformat(), "message_id": taken.message_id, "to": taken.to, "accepted": True}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
