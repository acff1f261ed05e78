"""How the application is served: few connections, no log of addresses."""

from __future__ import annotations

import uvicorn
from starlette.applications import Starlette

CONNECTIONS = 256  # more are told to come again; each may bring 1 MiB
ENDING = 30  # seconds for requests that have begun


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
