"""Unsubscribe links that nobody can guess: a contact's id under a secret of this installation."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex


def secret(home: Path) -> bytes:
    """The installation's secret: OFFSWITCH_SECRET, else one that is made once and kept under `home`."""
    given = os.environ.get("OFFSWITCH_SECRET", "")
    if given:
        return given.encode()
    path = home / "secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f"secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(token_hex(32), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)  # whoever comes first, wins
        draft.unlink()
    return path.read_bytes()


def token(key: bytes, contact_id: str, channel: str = "email") -> str:
    """The last part of an unsubscribe link."""
    return f"{contact_id}.{_mac(key, contact_id, channel)}"


def contact_of(key: bytes, given: str, channel: str = "email") -> str | None:
    """The contact whom a token speaks for, None for one that we did not make."""
    contact_id, _, mac = given.rpartition(".")
    return contact_id if contact_id and hmac.compare_digest(mac.encode(), _mac(key, contact_id, channel).encode()) else None


def _mac(key: bytes, contact_id: str, channel: str) -> str:
    return hmac.new(key, f"unsubscribe\x1f{channel}\x1f{contact_id}".encode(), sha256).hexdigest()[:32]
