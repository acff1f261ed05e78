"""What every connector over HTTP can be told by its environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import Field, field_validator

from connectors.settings import ConnectorSettings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # hosts that no proxy and no eavesdropper stands before


class HttpSettings(ConnectorSettings):
    """A provider's settings begin with these; its class adds an `env_prefix`, a default `base_url` and its credentials.

    Seconds: `connect_timeout` for each address and for TLS, `write_timeout` and `read_timeout` for each silence, `deadline`
    for a whole call with all its attempts (each begins in its first half, so that it has the other half for its answer);
    a permit lasts 30. `largest_answer` in bytes, after unpacking. `ca_file` adds
    a private authority to those that the machine trusts. Proxies are those of the environment (HTTPS_PROXY, NO_PROXY).
    """

    base_url: str
    connect_timeout: float = Field(default=5, gt=0)
    write_timeout: float = Field(default=10, gt=0)
    read_timeout: float = Field(default=20, gt=0)
    deadline: float = Field(default=25, gt=0)
    largest_answer: int = Field(default=10_000_000, gt=0)
    ca_file: Path | None = None

    @field_validator("base_url")
    @classmethod
    def _keys_go_over_an_encrypted_line(cls, value: str) -> str:
        try:
            httpx.URL(value)
            url = urlsplit(value)
        except (httpx.InvalidURL, ValueError):
            raise ValueError("this is no address: write https://host/path") from None
        if url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query or url.fragment:
            raise ValueError("write the address as https://host/path, without a user or a question mark")
        if url.scheme == "http" and url.hostname not in LOOPBACK:
            raise ValueError("credentials go only over an encrypted line: write https://")
        return value.rstrip("/")
