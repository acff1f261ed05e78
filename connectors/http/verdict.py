"""What a status, or a break on the line, means for one attempt."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta

import httpx

from connectors.http.outcome import Answer, Busy, NotSent, Rejected, Result, Unknown
from connectors.http.request import Again, Request
from connectors.http.retry_after import limit_reset, retry_after
from connectors.http.traffic import Service

TOO_LONG, TOO_EARLY, TOO_MANY = 408, 425, 429
_CONFLICTS = frozenset({409, 423})
_BAD = frozenset({400, 422})  # with something else than JSON a gateway says so, which knows of no person
_PASSING = frozenset({500, 502, 503, 504})
_MOVED = frozenset({301, 307, 308})  # RFC 9110: the request was not carried out here


def by_status(answer: Answer, request: Request, service: Service) -> Result:
    """What the provider says by its status, for a request that it may have. Only a 2xx is an Answer."""
    status = answer.status
    why = f"the provider answered {status}"
    if 200 <= status < 300:
        return answer
    held = service.hold(answer)
    if held is not None:
        return Busy(f"{why}: its limit is used up", datetime.now(UTC) + timedelta(seconds=held), answer)
    seconds = _wished(answer)
    refused = status == TOO_MANY or status in service.unprocessed or (status in _PASSING and request.again is Again.READ)
    until = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
    if refused and until is not None:
        return Busy(why, until, answer)
    if status in {TOO_LONG, TOO_EARLY} or refused:
        return NotSent(f"{why}; it was not carried out", answer=answer)
    if 400 <= status < 500:
        if status in {401, 403}:
            return Rejected(f"{why}: check the credentials and what they may do", answer=answer)
        theirs = status in request.theirs | _CONFLICTS and (status not in _BAD or answer.json is not None)
        return Rejected(why, status not in _CONFLICTS, "contact" if theirs else "system", answer)
    if status in _MOVED or (300 <= status < 400 and request.again is Again.READ):
        return Rejected(f"{why}: it wants to be asked elsewhere; check the base URL", answer=answer)
    return doubt(f"{why}, which does not tell whether it was done", request, left=True, until=until)


def _wished(answer: Answer) -> float | None:
    """How long the provider wants to be left alone. The reset of a limit counts only where the limit is what it speaks of."""
    now = datetime.now(UTC)
    seconds = retry_after(answer.headers, now)
    return limit_reset(answer.headers, now) if seconds is None and answer.status == TOO_MANY else seconds


def doubt(why: str, request: Request, *, left: bool, until: datetime | None = None) -> NotSent | Unknown:
    """No certain word: unknown, unless nothing left or nothing could have been changed."""
    if not left:
        return NotSent(f"{why}; nothing was sent")
    return NotSent(why) if request.again is Again.READ else Unknown(why, until)


def cause(error: Exception) -> str:
    """What broke, in words of ours: what a server or a library writes may hold an address or a secret."""
    chain = list(_chain(error))
    for known, words in _WORDS:
        if any(isinstance(link, known) for link in chain):
            return words
    return "the connection failed"


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = error.args[0] if error.args else None  # httpcore puts what it caught there, and forgets it as the cause
        error = error.__cause__ or (inner if isinstance(inner, Exception) else None)
    return found


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "the provider's certificate is not trusted"),
    (ssl.SSLError, "the encrypted connection failed"),
    (socket.gaierror, "the provider's name was not found"),
    (ConnectionRefusedError, "the provider refused the connection"),
    (httpx.ConnectTimeout, "the provider could not be reached in time"),
    (httpx.PoolTimeout, "no connection was free in time"),
    (httpx.TimeoutException, "the provider did not answer in time"),
    (httpx.ProxyError, "the proxy did not let the call through"),
    (httpx.LocalProtocolError, "a header or an address has letters that HTTP can't carry"),
    (httpx.RemoteProtocolError, "the provider hung up, or its answer is not HTTP"),
    (httpx.NetworkError, "the provider cut the connection"),
)
