"""A permit is looked at right before the first byte that can't be undone, and a lapse leaves nothing behind."""

import time
from dataclasses import dataclass, field

import pytest

from connectors.http import Again, Answer, NotSent, Request, Unknown, receipt
from offswitch.gate.permit import Permit
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import ClosedGuard, make_permit
from offswitch.testing.http_server import Asked, At, Fault, ScriptedHttpServer, reply
from tests.connectors.http_rig import SAFE, WRITE, client_of

pytestmark = pytest.mark.usefixtures("at_once")

DELETE = Request("DELETE", "/people/7", again=Again.SAFE, expects="nothing")


@dataclass
class Notes:
    """A mark that remembers what it was told."""

    told: list[str] = field(default_factory=list)

    def begun(self, index: int) -> None:
        self.told.append("begun")

    def untouched(self, index: int) -> None:
        self.told.append("untouched")


@dataclass
class StopOnceTheHeadArrived:
    """Somebody stops everything at the very moment when the provider has read the head of the request."""

    server: ScriptedHttpServer
    looks: int = 0
    seen: list[Asked] = field(default_factory=list)

    def objection(self) -> str:
        self.looks += 1
        if self.looks == 1:
            return ""
        end = time.monotonic() + 2
        while not self.server.asked and time.monotonic() < end:
            time.sleep(0.001)
        self.seen = list(self.server.asked)
        return "stopped by hand"


def permit_with(looks: int, notes: Notes | None = None) -> Permit:
    return make_permit(guard=ClosedGuard(after=looks), mark=notes or Notes())


def test_a_stop_between_the_head_and_the_body_holds_the_body() -> None:
    with ScriptedHttpServer() as server, client_of(server.url) as provider:
        guard, notes = StopOnceTheHeadArrived(server), Notes()
        result = provider.call(WRITE, [make_permit(guard=guard, mark=notes)])
        assert result == NotSent("stopped by hand", lapsed=True)
        assert [asked.whole for asked in guard.seen] == [False]
        assert (server.taken, notes.told) == ([], ["begun", "untouched"])
        assert receipt("k", result).outcome is Outcome.LAPSED
        assert isinstance(provider.call(WRITE), Answer)


def test_a_request_without_a_body_does_not_even_begin() -> None:
    with ScriptedHttpServer() as server, client_of(server.url) as provider:
        assert provider.call(DELETE, [permit_with(1)]) == NotSent("stopped for this test", lapsed=True)
        assert server.asked == []
        assert isinstance(provider.call(DELETE), Unknown)  # this server answers something where nothing is expected
        assert [asked.whole for asked in server.asked] == [True, True]


def test_a_permit_that_lapsed_before_needs_no_connection() -> None:
    with ScriptedHttpServer() as server, client_of(server.url) as provider:
        assert provider.call(WRITE, [permit_with(0)]) == NotSent("stopped for this test", lapsed=True)
        assert server.connections == 0


def test_one_lapse_in_a_batch_holds_the_whole_batch() -> None:
    with ScriptedHttpServer() as server, client_of(server.url) as provider:
        result = provider.call(WRITE, [permit_with(9), permit_with(9), permit_with(1)])
        assert isinstance(result, NotSent)
        assert (result.lapsed, server.taken) == (True, [])


def test_a_stop_before_the_second_try_leaves_the_doubt_of_the_first() -> None:
    for looks in (2, 3):  # it lapses before the second try, and in the midst of it
        notes = Notes()
        fault = Fault(At.BODY, reply(500), kept=True)
        with ScriptedHttpServer(always=fault) as server, client_of(server.url) as provider:
            assert isinstance(provider.call(SAFE, [permit_with(looks, notes)]), Unknown)
            assert (len(server.taken), notes.told) == (1, ["begun"])


def test_every_try_asks_the_permit_again_and_a_late_success_is_one() -> None:
    notes = Notes()
    script = {0: Fault(At.BODY, end="cut"), 1: Fault(At.BODY, reply(503))}
    with ScriptedHttpServer(script) as server, client_of(server.url, {"tries": 3}) as provider:
        assert isinstance(provider.call(SAFE, [permit_with(6, notes)]), Answer)
        assert (len(server.asked), len(server.taken), notes.told) == (3, 1, ["begun"])


def test_a_connection_is_used_again_and_one_that_was_cut_in_between_is_no_doubt() -> None:
    with ScriptedHttpServer({2: Fault(At.BODY, reply(200, {}), "cut", kept=True)}) as server, client_of(server.url) as provider:
        for _ in range(3):
            assert isinstance(provider.call(WRITE), Answer)
        assert server.connections == 1
        time.sleep(0.05)
        assert isinstance(provider.call(WRITE), Answer)
        assert (server.connections, len(server.taken)) == (2, 4)
