"""Who we are at Salesforce: a token by OAuth, asked for anew when it has run out, shown to Salesforce's own hosts alone.

https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_client_credentials_flow.htm and …oauth_refresh_token_flow.htm .
Every process has its own token; several that ask at once don't disturb each other.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from connectors.http import Again, Answer, Client, HttpSettings, Rejected, Request, Result, Service, as_form
from connectors.register.orders import Failed
from offswitch.gate.permit import Permit

TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
LIMIT_REST = 3600.0  # seconds; the daily limit counts the last 24 hours, so it comes back bit by bit


def hold(answer: Answer) -> float | None:
    """Salesforce says 403 when the calls of the day are used up: that is no lack of rights."""
    return LIMIT_REST if "REQUEST_LIMIT_EXCEEDED" in codes(answer.json) else None


def codes(errors: Any) -> set[str]:
    """The names of Salesforce's errors; what they say beside may hold data."""
    found = errors if isinstance(errors, list) else [errors]
    told = (one.get("errorCode") or one.get("statusCode") or one.get("error") for one in found if isinstance(one, dict))
    return {str(code) for code in told if code}


class Session:
    """Calls with a token that is good. `me` is the id of the user whose rights we have, once a call was made."""

    def __init__(self, service: Service, settings: HttpSettings, credentials: Mapping[str, SecretStr]) -> None:
        self._service = service
        self._settings = settings
        self._credentials = credentials
        self._login = Client(service, settings)
        self._api: Client | None = None
        self._token = ""
        self._lock = threading.Lock()
        self.me = ""

    def call(self, request: Request, permits: Sequence[Permit] = ()) -> Result:
        """As `Client.call`; a call that the token was too old for was surely not carried out, and is made once more."""
        api = self.enter()
        if not isinstance(api, Client):
            return api
        token = self._token
        result = api.call(request, permits)
        if not (isinstance(result, Rejected) and result.answer is not None and result.answer.status == 401):
            return result
        api = self.enter(stale=token)
        return api.call(request, permits) if isinstance(api, Client) else api

    def enter(self, stale: str = "") -> Client | Failed:
        """The client of the org, with a token that is not the stale one."""
        with self._lock:
            if self._api is None or self._token == stale:
                refused = self._log_in()
                if refused is not None:
                    return refused
            assert self._api is not None
            return self._api

    def close(self) -> None:
        """Let go of connections; the token is kept."""
        self._login.close()
        if self._api is not None:
            self._api.close()

    def _log_in(self) -> Failed | None:
        form = {name: secret.get_secret_value() for name, secret in self._credentials.items() if secret.get_secret_value()}
        grant = "refresh_token" if "refresh_token" in form else "client_credentials"
        asked = Request("POST", TOKEN, as_form({"grant_type": grant, **form}), Again.READ, theirs=frozenset())
        told = self._login.call(asked)
        if not isinstance(told, Answer):
            return told
        token, url, who = (str((told.json if isinstance(told.json, dict) else {}).get(name) or "") for name in _TOLD)
        if not token or not self._is_theirs(url):
            return Rejected("the answer to the log-in has no token, or one for a host that is not Salesforce's")
        self._token, self.me = token, who.rpartition("/")[2]
        if self._api is None:
            there = self._settings.model_copy(update={"base_url": url.rstrip("/")})
            self._api = Client(self._service, there, lambda: {"Authorization": f"Bearer {self._token}"})
        return None

    def _is_theirs(self, url: str) -> bool:
        if url.rstrip("/") == self._settings.base_url:
            return True
        found = urlsplit(url)
        return found.scheme == "https" and (found.hostname or "").endswith(".salesforce.com") and found.port in {None, 443}


_TOLD = ("access_token", "instance_url", "id")
