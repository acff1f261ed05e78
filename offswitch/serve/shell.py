"""Around every answer: headers that keep browsers strict, and a log without people."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offswitch.serve.pages import STYLE

_LOG = logging.getLogger(__name__)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Shell:
    """ASGI middleware. What goes wrong is logged by its kind and place: the words of an error may name a person."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def out(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, out)
        except ClientDisconnect:
            pass
        except Exception as error:  # noqa: BLE001 - the server would log the whole error, personal data included
            _LOG.error("%s at %s", type(error).__name__, _place(error))
            if not started:
                sorry = PlainTextResponse("something is wrong here; try again later\n", 500, {"Retry-After": "60"})
                await sorry(scope, receive, out)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
