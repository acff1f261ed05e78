"""Calls of Tryton's JSON-RPC, in a session that is opened when it is first needed and again when it has ended."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import SecretStr

from connectors.http import Again, Answer, Client, HttpSettings, NotSent, Rejected, Request, Result, Service, as_json
from connectors.http.outcome import Busy, Unknown
from offswitch.gate.permit import Permit

MEANWHILE = "somebody changed the record meanwhile"
REFUSED = "Tryton refuses it for this person"
_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_NO_ANSWER = "the answer is none of Tryton's"
Failed = NotSent | Busy | Rejected | Unknown


@dataclass(frozen=True, slots=True)
class Said:
    """What a call returned, and what Tryton's clock said then."""

    value: Any
    at: datetime


class Rpc:
    """One database of a server. `user` is our own number there, 0 before the first call."""

    def __init__(self, service: Service, settings: HttpSettings, login: str, password: SecretStr) -> None:
        self.user = 0
        self._login = login
        self._password = password
        self._token: SecretStr | None = None
        self._client = Client(service, settings, self._headers)

    def ask(self, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Said | Failed:
        """A question, which changes nothing."""
        return self._call(Again.READ, f"model.{method}", [*params, dict(context or {})], ())

    def tell(self, method: str, *params: Any, permits: Sequence[Permit] = (), context: Mapping[str, Any] | None = None) -> Said | Failed:
        """Something that changes records: all of it or nothing."""
        return self._call(Again.NEVER, f"model.{method}", [*params, dict(context or {})], permits)

    def close(self) -> None:
        """Let go of connections. The session ends by itself."""
        self._client.close()
        self._token = None

    def _headers(self) -> Mapping[str, str]:
        if self._token is None:
            return {}
        words = f"{self._login}:{self.user}:{self._token.get_secret_value()}"
        return {"Authorization": f"Session {b64encode(words.encode()).decode()}"}

    def _call(self, again: Again, method: str, params: list[Any], permits: Sequence[Permit]) -> Said | Failed:
        for known in (self._token is not None, False):
            trouble = None if known else self._open()
            if trouble is not None:
                return trouble
            result = self._client.call(_request(method, params, again), permits)
            ended = isinstance(result, Rejected) and result.answer is not None and result.answer.status == 401
            if not ended or not known:
                return _said(result, changes=again is Again.NEVER)
        return Rejected("Tryton ends our session at once")  # never reached: the second round is not `known`

    def _open(self) -> Failed | None:
        """A new session. Nothing is changed by it, so that it may be tried again."""
        self._token = None
        params = [self._login, {"password": self._password.get_secret_value()}]
        said = _said(self._client.call(_request("common.db.login", params, Again.READ)))
        if not isinstance(said, Said):
            return Rejected("Tryton does not let us in: check login, password and the name of the database") if _is_login(said) else said
        self.user, token = int(said.value[0]), str(said.value[1])
        self._token = SecretStr(token)
        return None


def _request(method: str, params: Sequence[Any], again: Again) -> Request:
    """The method stands in the address, too, so that the server's log of requests tells what was asked; Tryton reads the body."""
    return Request("POST", "/rpc/", as_json({"id": 1, "method": method, "params": params}), again, params={"method": method})


def _is_login(said: Failed) -> bool:
    return isinstance(said, Rejected) and (said.answer is None or said.answer.status in {401, 403, 404})


def _said(result: Result, *, changes: bool = False) -> Said | Failed:
    """Tryton answers 200 to what it refuses, too, and says so in the body; its words may name people and are not passed on."""
    if not isinstance(result, Answer):
        return result
    body = result.json if isinstance(result.json, dict) else {}
    match body.get("error"):
        case None if "result" in body:
            return Said(_typed(body["result"]), _clock(result))
        case ["ConcurrencyException", *_]:
            return Rejected(MEANWHILE, permanent=False, fault="contact")
        case ["UserError" | "UserWarning", *_]:
            return Rejected(REFUSED, fault="contact")
        case ["LoginException", *_]:
            return Rejected("Tryton asks for more than a password")
        case None:
            return Unknown(_NO_ANSWER) if changes else Rejected(f"{_NO_ANSWER}: check the address")
        case _:
            return Rejected("Tryton knows no such field or method, or failed: see the log of its server")


def _clock(answer: Answer) -> datetime:
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _typed(value: Any) -> Any:
    if isinstance(value, list):
        return [_typed(one) for one in value]
    if isinstance(value, dict):
        if value.get("__class__") == "datetime":
            return datetime(**{part: value[part] for part in _PARTS}, tzinfo=UTC)
        return {name: _typed(one) for name, one in value.items()}
    return value


def moment(at: datetime) -> dict[str, Any]:
    """An instant as Tryton writes it, in UTC."""
    at = at.astimezone(UTC)
    return {"__class__": "datetime", **{part: getattr(at, part) for part in _PARTS}}
