"""Where DNS answers come from: name servers on real sockets, and files with records that are yet to be published."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from offswitch.doctor import answers
from offswitch.doctor.answers import NameServers, NotAnswered, Nowhere, planned
from offswitch.errors import Refused
from tests.doctor.records import Table

LONG = "v=DKIM1; p=" + "A" * 300


class _Server(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        asked = dns.message.from_wire(data)
        (question,) = asked.question
        name, told = str(question.name), dns.message.make_response(asked)
        told.flags |= dns.flags.RA
        if name.startswith("silent"):
            return
        if name.startswith("broken"):
            told.set_rcode(dns.rcode.SERVFAIL)
        elif name.startswith("lost"):
            told.set_rcode(dns.rcode.NXDOMAIN)
        elif not name.startswith("empty"):
            text = f'"{LONG[:255]}" "{LONG[255:]}"' if question.rdtype == 16 else "10 mx.example."
            told.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, text))
        sock.sendto(told.to_wire(), self.client_address)


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        monkeypatch.setattr(answers, "_SECONDS", 0.3)
        yield
        server.shutdown()


@contextmanager
def _not_answered(why: str) -> Iterator[None]:
    with pytest.raises(NotAnswered, match=why):
        yield


@pytest.mark.usefixtures("name_server")
def test_name_servers_say_what_is_there_what_is_not_and_what_nobody_knows() -> None:
    servers = NameServers()
    assert servers.ask("key.example", "TXT") == [LONG]
    assert servers.ask("key.example", "MX") == ["10 mx.example."]
    assert servers.ask("lost.example", "TXT") == servers.ask("empty.example", "TXT") == []
    with _not_answered("fail"):
        servers.ask("broken.example", "TXT")


@pytest.mark.usefixtures("name_server")
def test_silent_name_servers_are_not_waited_for_twice() -> None:
    servers, began = NameServers(), time.monotonic()
    for _ in range(20):
        with _not_answered("no name server answers"):
            servers.ask("silent.example", "TXT")
    assert time.monotonic() - began < 2


JSON = '{"bayan.example": {"txt": "v=spf1 -all", "MX": ["10 mx."]}, "s1._domainkey.bayan.example": {"CNAME": ["key.provider.example."]}}'
ZONE = """$ORIGIN bayan.example.
@ 3600 IN SOA ns hostmaster 1 7200 3600 86400 3600
@ IN TXT "v=spf1 " "-all"
@ IN MX 10 mx.
s1._domainkey IN CNAME key.provider.example.
"""
FULL = 'bayan.example. TXT "v=spf1 -all"\nbayan.example. MX 10 mx.\ns1._domainkey.bayan.example. CNAME key.provider.example.\n'


@pytest.mark.parametrize("text", [JSON, ZONE, FULL])
def test_a_file_answers_for_its_domains_and_others_are_asked_elsewhere(tmp_path: Path, text: str) -> None:
    elsewhere = Table({"key.provider.example TXT": [LONG], "bayan.example TXT": ["v=spf1 +all"]})
    (tmp_path / "records").write_text(text)
    plan = planned(tmp_path / "records", elsewhere)
    assert plan.ask("Bayan.Example.", "TXT") == ["v=spf1 -all"]
    assert plan.ask("bayan.example", "MX") == ["10 mx."]
    assert plan.ask("_dmarc.bayan.example", "TXT") == []
    assert plan.ask("s1._domainkey.bayan.example", "TXT") == [LONG]
    assert elsewhere.asked == ["key.provider.example"]


def test_offline_nobody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "records").write_text(JSON)
    plan = planned(tmp_path / "records", Nowhere())
    assert plan.ask("_dmarc.example", "TXT") == []
    with _not_answered("--offline"):
        plan.ask("provider.example", "TXT")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not understood"),
        ("[]", "not understood"),
        ('{"a": 1}', "not understood"),
        ("x TXT", "line:1"),
        ("", "no records"),
        ("{}", "no records"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "records").write_text(text)
    with pytest.raises(Refused, match=why):
        planned(tmp_path / "records", Nowhere())


def test_a_circle_of_aliases_ends(tmp_path: Path) -> None:
    (tmp_path / "records").write_text('{"a.example": {"CNAME": "b.example"}, "b.example": {"CNAME": "a.example"}}')
    assert planned(tmp_path / "records", Nowhere()).ask("a.example", "TXT") == []
