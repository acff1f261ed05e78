"""The open connections to one mail server, each used for one letter at a time."""

from __future__ import annotations

import threading

from connectors.email.smtp.dial import SmtpSettings, end, open_session
from connectors.email.smtp.session import Session
from offswitch.errors import ConnectorError, Retryable

SETBACKS = 2  # connections lost one after the other without a letter taken; then the call gives up


class Pool:
    """Connections are kept between letters and between calls. Where the server refuses one more, those that are there must do."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._idle: list[Session] = []
        self._changed = threading.Condition()
        self._out = 0
        self.begin()

    def begin(self) -> None:
        """A new call: what kept the one before from being done may be over."""
        self._most = self._settings.connections
        self._setbacks = 0
        self._given_up: ConnectorError | None = None

    def take(self) -> Session:
        """A kept session that still lives, else a new one, else the first that comes back. Raises why the call gives up."""
        while True:
            session = self._free()
            if session is not None and session.quiet():
                return session
            if session is not None:
                session.close()
                self._came_back(None)
                continue
            try:
                return open_session(self._settings)
            except ConnectorError as error:
                self._refused(error)

    def put_back(self, session: Session, *, taken: bool) -> None:
        """Whoever took a session gives it back, and says whether the server took a letter."""
        if not session.idle:
            session.close()
        with self._changed:
            self._setbacks = 0 if taken else self._setbacks + (not session.idle)
        self._came_back(session if session.idle else None)

    def close(self) -> None:
        """Say good-bye."""
        while self._idle:
            end(self._idle.pop())

    def _free(self) -> Session | None:
        """A kept session, or None for leave to open one."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._given_up or self._out < self._most)
            if not self._idle:
                if self._setbacks >= SETBACKS:
                    self._given_up = Retryable("the mail server keeps cutting the connection; not tried again in this run")
                if self._given_up is not None:
                    raise self._given_up.with_traceback(None)
            self._out += 1
            return self._idle.pop() if self._idle else None

    def _came_back(self, session: Session | None) -> None:
        with self._changed:
            self._out -= 1
            if session is not None:
                self._idle.append(session)
            self._changed.notify_all()

    def _refused(self, error: ConnectorError) -> None:
        """Nobody can be reached; or enough are, and the server wants no more."""
        self._came_back(None)
        with self._changed:
            there = self._out + len(self._idle)
            self._most = max(there, 1)
            if not there:
                self._given_up = error
                self._changed.notify_all()
                raise error
