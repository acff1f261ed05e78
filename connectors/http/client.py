"""Calls to one provider: at most once for what must not be repeated, within a deadline, at the provider's pace."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay, wait_random_exponential

from connectors.http.breaker import Condition
from connectors.http.line import Attempt, Transport, on_the_line
from connectors.http.outcome import Answer, Busy, NotSent, Rejected, Result, Unknown
from connectors.http.reading import Unreadable, read
from connectors.http.request import Again, Request
from connectors.http.settings import HttpSettings
from connectors.http.traffic import Service, traffic_to
from connectors.http.verdict import by_status, cause, doubt
from offswitch.errors import Lapsed
from offswitch.gate.permit import Permit

_REDIRECTS = 3
_jitter = wait_random_exponential(multiplier=0.5, max=8)  # seconds: anything between nothing and twice as much each time


class _Again(Exception):
    """An attempt that may be repeated, not before `until`."""

    def __init__(self, result: Result, until: datetime | None = None) -> None:
        super().__init__()
        self.result = result
        self.seconds = 0.0 if until is None else max((until - datetime.now(UTC)).total_seconds(), 0.0)


@dataclass
class _Call:
    """One call with all its attempts, each of which begins before `start_by`. `doubted`: the first that may have been carried out."""

    request: Request
    url: httpx.URL
    permits: Sequence[Permit]
    start_by: float
    deadline: float
    begun: bool = False
    doubted: Unknown | None = None

    @property
    def patience(self) -> float:
        return self.start_by - time.monotonic()

    def settle(self, result: Result) -> Result:
        """Once in doubt, only an answer makes it certain."""
        if self.doubted is None or isinstance(result, Answer):
            return result
        return Unknown(self.doubted.why, result.until if isinstance(result, Busy | Unknown) else None)


class Client:
    """A provider at its base URL. `headers` is asked for before every attempt, so that credentials can change while it runs.

    Safe to share by threads. Nothing raises but `headers` and a mistake in the program. No result, log line or repr names a
    person or a key.
    """

    def __init__(self, service: Service, settings: HttpSettings, headers: Callable[[], Mapping[str, str]] = dict) -> None:
        self._service = service
        self._settings = settings
        self._headers = headers
        self._base = httpx.URL(settings.base_url)
        self._traffic = traffic_to(service, settings.base_url)
        self._attempts = Retrying(
            retry=retry_if_exception_type(_Again),
            wait=_wait,
            stop=stop_after_attempt(service.tries) | stop_before_delay(settings.deadline / 2),
            reraise=True,
        )
        self._transport = Transport(settings.base_url, settings.ca_file)
        self._http = httpx.Client(
            transport=self._transport,
            timeout=httpx.Timeout(
                settings.read_timeout, connect=settings.connect_timeout, write=settings.write_timeout, pool=settings.connect_timeout
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "offswitch"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"Client({self._service.name!r})"

    @property
    def condition(self) -> Condition:
        """How the breaker of this provider stands."""
        return self._traffic.condition

    def close(self) -> None:
        """Let go of connections. The next call makes new ones."""
        self._transport.close()

    def call(self, request: Request, permits: Sequence[Permit] = ()) -> Result:
        """Ask, within the deadline. Every permit begins right before the first byte of the body leaves; one lapse holds it all."""
        url = self._url(request)
        if url is None:
            return Rejected("the address of the call is not the provider's")
        now, deadline = time.monotonic(), self._settings.deadline
        call = _Call(request, url, permits, now + deadline / 2, now + deadline)
        try:
            return call.settle(self._attempt(call) if request.again is Again.NEVER else self._attempts(self._attempt, call))
        except _Again as last:
            return call.settle(last.result)

    def _attempt(self, call: _Call) -> Result:
        """One attempt. Raises _Again when another may follow."""
        held = self._wait_for_turn(call)
        if held is not None:
            return held
        line = Attempt(call.deadline, call.permits, bool(call.request.body.content), call.begun)
        try:
            with on_the_line(line):
                result, healthy = self._exchange(call, line)
        except Lapsed as lapse:
            self._traffic.unused()
            return NotSent(str(lapse), lapsed=True)
        finally:
            call.begun = call.begun or line.left
        if healthy:
            self._traffic.well()
        else:
            self._traffic.badly("" if isinstance(result, Answer) else result.why)
        return self._next(call, result)

    def _next(self, call: _Call, result: Result) -> Result:
        """The end of the call, when it is one. Raises _Again when the attempt may be repeated."""
        if isinstance(result, Answer | Rejected):
            return result
        if isinstance(result, Unknown):
            call.doubted = call.doubted or result
        again = _Again(result, None if isinstance(result, NotSent) else result.until)
        if again.seconds:
            self._traffic.pause(again.seconds)
        raise again

    def _wait_for_turn(self, call: _Call) -> Result | None:
        """The permits still hold, the breaker is closed and the pace allows it; else what the call ends with."""
        try:
            for permit in call.permits:
                permit.check()
        except Lapsed as lapse:
            return NotSent(str(lapse), lapsed=True)
        wait = self._traffic.reserve(call.request.cost, call.patience)
        while 0 < wait <= call.patience:
            time.sleep(wait)
            wait = self._traffic.paused()
        if wait > 0:
            return _busy("the provider's limit is used up; held", wait)
        wait = self._traffic.enter()
        return _busy("the provider failed several times in a row; calls are held", wait) if wait else None

    def _exchange(self, call: _Call, line: Attempt) -> tuple[Result, bool]:
        """What came of one attempt, and whether the other side seems to work. Raises Lapsed."""
        request = call.request
        try:
            answer = self._ask(self._build(call, line), request, line)
        except Unreadable as error:
            return self._unreadable(error, request), False
        except httpx.LocalProtocolError as error:
            return Rejected(cause(error)), True
        except httpx.PoolTimeout as error:  # our own connections are all in use
            return doubt(cause(error), request, left=False), True
        except httpx.HTTPError as error:
            return doubt(cause(error), request, left=line.left), False
        self._traffic.heard(answer.headers.get("date", ""))
        return by_status(answer, request, self._service), answer.status < 500

    def _unreadable(self, error: Unreadable, request: Request) -> Result:
        status = error.head.status
        if 200 <= status < 300:
            return doubt(f"the provider answered {status} with {error}", request, left=True)
        return by_status(error.head, request, self._service)

    def _ask(self, sent: httpx.Request, request: Request, line: Attempt, hops: int = _REDIRECTS) -> Answer:
        """The answer to one request, reads following the provider within its own host. Raises Lapsed, Unreadable, httpx.HTTPError."""
        with closing(self._http.send(sent, stream=True)) as response:
            if response.is_success:
                for permit in line.permits:
                    permit.accepted()
            onward = response.next_request
            if onward is None or not hops or request.again is not Again.READ or _origin(onward.url) != _origin(self._base):
                return read(response, request, self._settings.largest_answer)
        return self._ask(onward, request, line, hops - 1)

    def _build(self, call: _Call, line: Attempt) -> httpx.Request:
        request = call.request
        headers = {**self._headers(), **request.headers}
        if request.body.type:
            headers["Content-Type"] = request.body.type
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise httpx.LocalProtocolError("a header can't be sent")
        sent = self._http.build_request(
            request.method, call.url, params=dict(request.params) or None, content=request.body.content, headers=headers
        )
        sent.extensions["trace"] = line.trace
        return sent

    def _url(self, request: Request) -> httpx.URL | None:
        """Where a request goes; None when that is another host: no link in an answer takes our credentials elsewhere."""
        try:
            url = httpx.URL(str(self._base) + request.path if request.path.startswith("/") else request.path)
        except httpx.InvalidURL:
            return None
        return url if _origin(url) == _origin(self._base) else None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _busy(why: str, seconds: float) -> Busy:
    return Busy(why, datetime.now(UTC) + timedelta(seconds=seconds))


def _wait(state: RetryCallState) -> float:
    """Full jitter, and never earlier than the provider asked for."""
    error = state.outcome.exception() if state.outcome is not None else None
    least = error.seconds if isinstance(error, _Again) else 0.0
    return least + _jitter(state) if least else _jitter(state)
