"""Where a provider signs an id and not the body (Mailgun): an id that comes again within the window must bring the same body."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from offswitch.model.refusal import Refusal

_MOST = 100_000  # ids kept at once


class Seen:
    """What came lately, by source and id. Safe to share by threads; forgotten when the process ends."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[datetime, bytes]] = {}
        self._lock = Lock()

    def check(self, source: str, id: str, body: bytes, now: datetime, window: timedelta) -> None:
        """Raise Refusal for an id that came with another body before."""
        digest = sha256(body).digest()
        with self._lock:
            if len(self._seen) >= _MOST:
                self._seen = {key: value for key, value in self._seen.items() if value[0] >= now - 2 * window}
            before = self._seen.setdefault((source, id), (now, digest))
        if before[1] != digest:
            raise Refusal(401, "this signature came before with another body")
