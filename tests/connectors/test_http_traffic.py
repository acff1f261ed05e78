"""What all calls to a provider share: one breaker that holds and never drops, one pace, and the provider's wishes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from connectors.http import Answer, Busy, Client, HttpSettings, NotSent, Service, Unknown, conditions, receipt
from connectors.http.breaker import Breaker, Condition, Position, Rule
from connectors.http.client import _wait
from connectors.http.pace import Limit, Pace
from connectors.http.retry_after import LONGEST, retry_after
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import ClosedGuard, make_permit
from offswitch.testing.http_server import At, Fault, ScriptedHttpServer, reply
from tests.connectors.http_rig import READ, SAFE, WRITE, client_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DOWN = Fault(At.BODY, end="cut")


RULE = Rule(3, 30)
LIMIT = Limit(10, 5)


def enter(breaker: Breaker, *times: float) -> tuple[Breaker, list[float]]:
    waits = []
    for now in times:
        breaker, wait = breaker.enter(RULE, now)
        waits.append(wait)
    return breaker, waits


def test_a_breaker_holds_after_failures_in_a_row_and_lets_one_probe_through() -> None:
    breaker = Breaker().badly(RULE, 100).badly(RULE, 100).well().badly(RULE, 100).badly(RULE, 100)
    assert enter(breaker, 100)[1] == [0]
    breaker = breaker.badly(RULE, 100, "it hung up")
    assert (breaker.condition(101), enter(breaker, 100)[1]) == (Condition(Position.OPEN, 3, 29, 1, "it hung up"), [30])
    assert breaker.condition(130).position is Position.HALF_OPEN
    breaker, waits = enter(breaker, 130, 130)
    assert waits == [0, 30]  # the second waits for the probe
    breaker = breaker.badly(RULE, 130)
    assert breaker.condition(131).since == 31
    assert enter(breaker, 130, 160)[1] == [30, 0]
    assert breaker.well().condition(160) == Condition(Position.CLOSED, 0, 0)


def test_a_probe_that_never_reports_back_or_was_not_made_holds_nobody_for_ever() -> None:
    breaker, _ = enter(Breaker().badly(Rule(1, 30), 100), 130)
    assert enter(breaker.unused(), 130, 160)[1] == [0, 0]


def test_calls_are_held_while_the_provider_is_down_and_go_on_when_it_is_back() -> None:
    with ScriptedHttpServer({0: DOWN, 1: DOWN}) as server, client_of(server.url, {"failures": 2, "rest": 0.2}) as provider:
        assert [type(provider.call(WRITE)) for _ in range(2)] == [Unknown, Unknown]
        held = provider.call(WRITE)
        assert isinstance(held, Busy)
        assert len(server.asked) == 2
        made = receipt("k", held)
        assert (made.outcome, made.retry_at) == (Outcome.RETRY, held.until)
        assert provider.condition.position is Position.OPEN
        time.sleep(0.21)
        assert isinstance(provider.call(WRITE), Answer)
        assert provider.condition == Condition(Position.CLOSED, 0, 0.0)


def test_two_clients_of_one_provider_share_what_is_known_of_it() -> None:
    service = Service("shared", failures=1, tries=1)
    with ScriptedHttpServer(always=DOWN) as server:
        one, two = (Client(service, HttpSettings(base_url=server.url)) for _ in range(2))
        one.call(WRITE)
        assert isinstance(two.call(WRITE), Busy)
        assert conditions()["shared"].position is Position.OPEN
        one.close()
        two.close()


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), max_size=60))
def test_no_window_ever_holds_more_than_a_burst_and_what_the_rate_allows(asked: list[tuple[float, int]]) -> None:
    now, pace = 100.0, Pace(10, 100)
    gone: list[tuple[float, int]] = []
    for passed, cost in asked:
        now += passed
        pace, wait = pace.reserve(LIMIT, now, cost, 1.0)
        if wait <= 1.0:
            gone.append((now + wait, cost))
    for start, (begin, _) in enumerate(gone):
        for end, (finish, last) in enumerate(gone[start:], start):
            spent = sum(cost for _, cost in gone[start:end])  # a call may go once what came before it is paid for
            assert spent + min(last, 10) <= 10 + 2 * (finish - begin) + max(0, gone[start][1] - 10) + 1e-6


def test_threads_together_keep_the_pace_and_none_is_dropped() -> None:
    with ScriptedHttpServer() as server, client_of(server.url, {"calls": 5, "seconds": 0.25}) as provider:
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(provider.call, [WRITE] * 12))
        assert all(isinstance(result, Answer) for result in results)
        times = sorted(asked.t for asked in server.asked)
        assert times[-1] - times[0] > 7 * 0.05 - 0.05


def test_what_would_wait_too_long_for_its_turn_is_held_with_a_time() -> None:
    with ScriptedHttpServer() as server, client_of(server.url, {"calls": 1, "seconds": 60}) as provider:
        assert isinstance(provider.call(WRITE), Answer)
        held = provider.call(WRITE)
        assert isinstance(held, Busy)
        assert timedelta(seconds=50) < held.until - datetime.now(UTC) < timedelta(seconds=61)
        assert len(server.asked) == 1


def test_retry_after_within_the_deadline_is_obeyed_and_never_undercut() -> None:
    wait = Fault(At.BODY, reply(429, {}, {"Retry-After": "1"}))
    with ScriptedHttpServer({0: wait}) as server, client_of(server.url) as provider:
        assert isinstance(provider.call(SAFE), Answer)
        first, second = (asked.t for asked in server.asked)
        assert second - first >= 1


def test_one_threads_429_makes_all_of_them_wait() -> None:
    busy = Fault(At.BODY, reply(429, {}, {"Retry-After": "60"}))
    with ScriptedHttpServer({0: busy}) as server, client_of(server.url) as provider:
        first, *others = [provider.call(call) for call in (SAFE, WRITE, READ)]
        assert isinstance(first, Busy)
        assert first.why == "the provider answered 429"
        assert [type(other) for other in others] == [Busy, Busy]
        assert len(server.asked) == 1


def test_who_waits_for_a_turn_when_the_provider_asks_for_a_pause_waits_on() -> None:
    with ScriptedHttpServer() as server, client_of(server.url, {"calls": 1, "seconds": 0.3}) as provider:
        provider.call(WRITE)
        asked_for = Timer(0.02, provider._traffic.pause, [0.4])
        asked_for.start()
        assert isinstance(provider.call(WRITE), Answer)
        first, second = (asked.t for asked in server.asked)
        assert second - first > 0.4


def test_a_probe_that_a_stop_held_back_lets_the_next_call_try() -> None:
    with ScriptedHttpServer({0: DOWN}) as server, client_of(server.url, {"failures": 1, "rest": 0.3}) as provider:
        provider.call(WRITE)
        time.sleep(0.31)
        held = provider.call(WRITE, [make_permit(guard=ClosedGuard(after=1))])
        assert isinstance(held, NotSent)
        assert held.lapsed
        server.script.clear()
        assert isinstance(provider.call(WRITE), Answer)


def test_a_provider_that_says_what_503_means_leaves_no_doubt() -> None:
    with (
        ScriptedHttpServer(always=Fault(At.BODY, reply(503))) as server,
        client_of(server.url, {"unprocessed": frozenset({503})}) as provider,
    ):
        assert isinstance(provider.call(WRITE), NotSent)


def test_workers_that_failed_together_do_not_come_back_together() -> None:
    state = RetryCallState(Retrying(retry=retry_if_exception_type(OSError)), None, (), {})
    state.attempt_number = 2
    waits = [_wait(state) for _ in range(500)]
    assert 0 <= min(waits) < 0.1
    assert 0.9 < max(waits) <= 1.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "Sun, 01 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 01 Nov 2026 12:00:30 GMT", "date": "Sun, 01 Nov 2026 11:59:30 GMT"}, 60),
        ({"retry-after": "Sun, 01 Nov 2020 12:00:30 GMT"}, 0),
        ({"retry-after": "9" * 400}, LONGEST),
        ({"retry-after": "Fri, 01 Jan 9999 00:00:00 GMT"}, LONGEST),
        *(({"retry-after": junk}, None) for junk in ("", "soon", "-5", "1.5", "٥", "Sun, 99 Nov 2026 12:00:30 GMT")),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_by_the_providers_clock(told: dict[str, str], seconds: float | None) -> None:
    assert retry_after(told, NOW) == seconds
