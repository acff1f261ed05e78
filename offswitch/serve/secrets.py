"""Webhook secrets as they are now: a changed `.env`, or a changed Prefect block, holds without a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from offswitch.errors import ConfigError
from offswitch.intake.inbound import secrets_of
from offswitch.model.refusal import Refusal
from offswitch.project.settings import Settings, read_settings
from offswitch.secrets import PREFIX, reveal

FRESH = 60.0  # seconds for which a secret of a block is believed: strangers must not make us ask at every post


class HookSecrets:
    """The secrets of each source. Safe to share by threads."""

    def __init__(self, settings: Settings, *, rereads: bool = False) -> None:
        self._environment: Mapping[str, str] = settings.environment
        self._rereads = rereads
        self._version = _version()
        self._revealed: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def __call__(self, source: str) -> list[str]:
        """The secrets of this source, none where none is set. Raises Refusal where one can't be had now."""
        return [self._known(one) for one in secrets_of(source, self._now())]

    def _now(self) -> Mapping[str, str]:
        """The environment; one thread reads it anew."""
        with self._lock:
            version = _version()
            if self._rereads and version != self._version:
                self._environment, self._version = read_settings().environment, version
            return self._environment

    def _known(self, secret: str) -> str:
        if not secret.startswith(PREFIX):
            return secret
        until, value = self._revealed.get(secret, (0.0, ""))
        if time.monotonic() < until:
            return value
        try:
            value = reveal(secret)
        except ConfigError as error:
            raise Refusal(503, "the secret of this source can't be read now: send it again later") from error
        self._revealed[secret] = (time.monotonic() + FRESH, value)
        return value


def _version() -> tuple[int, int] | None:
    """Which `.env` stands there."""
    try:
        found = Path(".env").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
