"""An alert as a JSON POST. `text` is what Slack, Mattermost and Teams show."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from datetime import datetime
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

SECONDS = 10.0


def post(url: str, notices: Sequence[tuple[str, str]], at: datetime) -> None:
    """Tell the webhook. https, or http on this machine. A redirect is not followed, so that nobody else can be told.

    Raises OSError, ValueError or http.client.HTTPException when it was not taken.
    """
    parts = urlsplit(url)
    body = {
        "text": "\n".join(f"Offswitch: {text}" for _, text in notices),
        "at": at.isoformat(),
        "notices": [{"reason": reason, "text": text} for reason, text in notices],
    }
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request("POST", parts.path or "/", json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if status // 100 != 2:
        raise ConnectionError(f"the webhook answered {status}")


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
    if host not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("an alert leaves this machine only by https")
    return HTTPConnection(host, port, timeout=SECONDS)
