"""What people were alerted to on a day when the ledger can't be written: one small file for each reason, as old as the alert."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

QUIET = timedelta(hours=1)


class Stamps:
    """In `home`, or where that can't be written either, in this user's own folder for temporary files."""

    def __init__(self, home: Path) -> None:
        mine = f"offswitch-{os.getuid()}-{sha256(str(home.absolute()).encode()).hexdigest()[:12]}"
        self._folders = (home / "alerted", Path(gettempdir()) / mine)

    def claim(self, reasons: Iterable[str], now: datetime) -> list[str]:
        """Those that nobody was told of within the hour, from now on taken as told. Where nothing can be written, all of them."""
        return [reason for reason in dict.fromkeys(reasons) if not self._told(reason, now) and self._stamp(reason, now)]

    def give_back(self, reasons: Sequence[str]) -> None:
        """Nobody was reached: the next one may try again."""
        for folder in self._folders:
            for reason in reasons:
                try:
                    (folder / _name(reason)).unlink(missing_ok=True)
                except OSError:
                    continue

    def _told(self, reason: str, now: datetime) -> bool:
        times = [_time(folder / _name(reason)) for folder in self._folders]
        return any(time is not None and now - QUIET < time <= now for time in times)

    def _stamp(self, reason: str, now: datetime) -> bool:
        for folder in self._folders:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if folder.stat().st_uid == os.getuid():
                    path = folder / _name(reason)
                    path.touch(mode=0o600)
                    os.utime(path, (now.timestamp(), now.timestamp()))
                    return True
            except OSError:
                continue
        return True


def _name(reason: str) -> str:
    return sha256(reason.encode()).hexdigest()[:16]


def _time(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
