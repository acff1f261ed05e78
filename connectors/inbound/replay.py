"""Where a provider signs an id and not the body (Mailgun): an id that comes again within the window must bring the same body."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from threading import Lock

from connectors.inbound.scheme import FIVE_MINUTES
from offswitch.model.refusal import Refusal


class Seen:
    """What came lately, by source and id. Safe to share by threads; forgotten when the process ends."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[datetime, bytes]] = {}
        self._lock = Lock()

    def check(self, source: str, id: str, body: bytes, now: datetime, window: timedelta) -> None:
        """Raise Refusal for an id that came with another body before."""
        digest = sha256(body).digest()
        with self._lock:
            self._forget(now - window - FIVE_MINUTES)
            before = self._seen.setdefault((source, id), (now, digest))
        if before[1] != digest:
            raise Refusal(401, "this signature came before with another body")

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._seen)

    def _forget(self, before: datetime) -> None:
        """What came longer ago; the oldest stands first. By then its time stamp alone has it refused."""
        for key in list(takewhile(lambda key: self._seen[key][0] < before, self._seen)):
            del self._seen[key]
