"""How the application is served: where it listens, few connections, no log of addresses."""

from __future__ import annotations

import socket

import uvicorn
from starlette.applications import Starlette

CONNECTIONS = 256  # more are told to come again; each may bring 1 MiB
ENDING = 30  # seconds for requests that have begun


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError. Connections inherit TCP_NODELAY, without which every answer is 40 ms late."""
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server_of(app: Starlette) -> uvicorn.Server:
    """A server that ends in peace when its `should_exit` is set."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,  # an address with a token in it is as good as a name
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=ENDING,
        )
    )
