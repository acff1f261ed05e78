"""How AWS knows who calls: Signature Version 4, by AWS's own library."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

from pydantic import SecretStr

from connectors.http import Body
from offswitch.errors import ConfigError, Problem

_signing: ContextVar[bool] = ContextVar("signing", default=False)
# While it signs, botocore logs the session token.
logging.getLogger("botocore.auth").addFilter(lambda _: not _signing.get())


class Signature:
    """Signs calls to SES in one region. Raises ConfigError where botocore is not installed."""

    def __init__(self, region: str, access_key: SecretStr, secret_key: SecretStr, session_token: SecretStr) -> None:
        try:
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
        except ImportError:
            raise ConfigError(Problem("botocore", 0, 0, "the connector ses needs it", "install offswitch[ses]")) from None
        self._request: Any = AWSRequest
        self._auth: Any = SigV4Auth
        self._credentials: Any = Credentials
        self._secrets = access_key, secret_key, session_token
        self._region = region

    def __repr__(self) -> str:
        return "Signature()"

    def headers(self, method: str, url: str, body: Body) -> dict[str, str]:
        """The headers that say who asks, good for this request and five minutes."""
        request = self._request(method, url, headers={"Content-Type": body.type} if body.type else {}, data=body.content)
        access_key, secret_key, session_token = (secret.get_secret_value() for secret in self._secrets)
        token = _signing.set(True)
        try:
            self._auth(self._credentials(access_key, secret_key, session_token or None), "ses", self._region).add_auth(request)
        finally:
            _signing.reset(token)
        return {name: value for name, value in request.headers.items() if name != "Content-Type"}
