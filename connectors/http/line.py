"""The connection under httpx: nothing on it outlives the deadline of its call, and nothing of it reaches a log."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from connectors.http.settings import LOOPBACK
from offswitch.gate.permit import Permit

_PIECE = 65_536  # bytes per write, so that the deadline is looked at while a large body leaves
_IDLE = 5.0  # seconds that an unused connection is kept; providers close theirs after more, and a cut under a request is a doubt
_CONNECTIONS = 20


@dataclass
class Attempt:
    """One request on its way. `deadline` by the monotonic clock; `left`: its first byte that counts may have gone out.

    What counts is the body, or for a request without one its head.
    """

    deadline: float
    permits: Sequence[Permit]
    has_body: bool
    again: bool = False
    left: bool = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by httpcore about each phase: the permits begin right before the bytes that can't be undone. Raises Lapsed."""
        point = "http11.send_request_body.started" if self.has_body else "http11.send_request_headers.started"
        if event == point and info["request"].method != b"CONNECT":
            self._begin()

    def _begin(self) -> None:
        for permit in self.permits:
            if self.again:  # a lapse now must not take back the mark of the attempt before
                permit.check()
            else:
                permit.begin()
        self.left = True


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def on_the_line(attempt: Attempt) -> Iterator[None]:
    """What this thread sends and reads belongs to this attempt."""
    token = _current.set(attempt)
    try:
        yield
    finally:
        _current.reset(token)


def _left(seconds: float | None, late: type[Exception]) -> float | None:
    attempt = _current.get()
    if attempt is None:
        return seconds
    rest = attempt.deadline - time.monotonic()
    if rest <= 0:
        raise late
    return rest if seconds is None else min(seconds, rest)


class Line(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they come."""
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it."""
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> Line:
        """The same connection, encrypted."""
        return Line(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about the socket."""
        return self._stream.get_extra_info(info)


class Lines(httpcore.NetworkBackend):
    """Makes connections. Each address of a name gets only what is left of the time."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Line:
        """The first address that answers. Raises httpcore.ConnectError or ConnectTimeout."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(error) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses[:-1]:
            try:
                return self._dial(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._dial(addresses[-1], port, timeout)

    def _dial(self, address: str, port: int, timeout: float | None) -> Line:
        return Line(self._sockets.connect_tcp(address, port, _left(timeout, httpcore.ConnectTimeout), socket_options=()))


class Transport(httpx.HTTPTransport):
    """httpx over our lines, with the proxy that the environment names for this address."""

    def __init__(self, base_url: str, ca_file: Path | None) -> None:
        trust = _trust(ca_file) if urlsplit(base_url).scheme == "https" else None
        proxy = proxy_for(base_url)
        # httpx has no way to hand in a network backend; all else of its transport stays as it is.
        if proxy is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=trust, max_connections=_CONNECTIONS, keepalive_expiry=_IDLE, network_backend=Lines()
            )
        else:
            where, user = proxy
            self._pool = httpcore.HTTPProxy(
                where, user, ssl_context=trust, max_connections=_CONNECTIONS, keepalive_expiry=_IDLE, network_backend=Lines()
            )


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def proxy_for(base_url: str) -> tuple[str, tuple[str, str] | None] | None:
    """The proxy of the environment for this address and who we are to it; None for a direct connection."""
    target = urlsplit(base_url)
    host = target.hostname or ""
    named = getproxies().get(target.scheme)
    if not named or host in LOOPBACK or proxy_bypass(host):
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    name = f"[{proxy.hostname}]" if ":" in (proxy.hostname or "") else proxy.hostname
    user = (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return f"{proxy.scheme}://{name}:{proxy.port or (443 if proxy.scheme == 'https' else 80)}", user


def _not_ours(_: logging.LogRecord) -> bool:
    """What httpx and httpcore log of our calls holds addresses and keys; of others' calls it is not our business."""
    return _current.get() is None


for _name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(_not_ours)
