"""Alerts to a real mail server and a real webhook: who is told, how often, and what when nobody can be reached."""

from __future__ import annotations

import email
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from offswitch.project.notices import tell
from offswitch.project.project import Project
from offswitch.testing.fakes import NOON, FrozenClock
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer
from tests.serve.site import form, project_in, served

OFF = ("stop welcome", "welcome is off: flow welcome is off (welcome.yaml)")
MARIAM, OMAR = "mariam@bayan.example", "omar@bayan.example"


def project_with(folder: Path, server: ScriptedSmtpServer, clock: FrozenClock, **environment: str) -> Project:
    known = {"OFFSWITCH_SMTP_HOST": "127.0.0.1", "OFFSWITCH_SMTP_PORT": str(server.port), **environment}
    return project_in(folder, clock, environment=known)


def letters(server: ScriptedSmtpServer) -> list[tuple[str, EmailMessage]]:
    return [(taken.to, email.message_from_bytes(taken.data, policy=default)) for taken in server.taken]


def company(project: Project, old: str, new: str) -> None:
    path = project.settings.policies / "company.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


class Hook(BaseHTTPRequestHandler):
    """Keeps what it gets. `status` is what it answers."""

    got: ClassVar[list[bytes]] = []
    status: ClassVar[int] = 204

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def hook(status: int = 204) -> Iterator[tuple[str, list[bytes]]]:
    class Answering(Hook):
        got: ClassVar[list[bytes]] = []

    Answering.status = status
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/alerts", Answering.got
        server.shutdown()


def test_everybody_who_is_named_gets_a_plain_mail_while_everything_is_off(tmp_path: Path) -> None:
    with ScriptedSmtpServer() as server:
        assert tell(project_with(tmp_path, server, FrozenClock()), [OFF]) == 1
    assert [to for to, _ in letters(server)] == [MARIAM, OMAR]
    _, letter = letters(server)[0]
    assert letter["subject"] == "Offswitch: welcome is off: flow welcome is off..."
    assert (letter["from"], letter["auto-submitted"]) == ("Offswitch <mariam@bayan.example>", "auto-generated")
    assert OFF[1] in letter.get_content()


def test_the_same_reason_is_told_once_an_hour(tmp_path: Path) -> None:
    clock = FrozenClock(NOON)
    with ScriptedSmtpServer() as server:
        told: list[int] = []
        for _ in range(125):  # minutes
            told.append(tell(project_with(tmp_path, server, clock), [(OFF[0], f"{OFF[1]} {len(told)}")]))
            clock.advance(timedelta(minutes=1))
        assert [minute for minute, count in enumerate(told) if count] == [0, 60, 120]
        assert len(server.taken) == 3 * 2


def test_several_new_reasons_are_one_mail(tmp_path: Path) -> None:
    clock = FrozenClock()
    with ScriptedSmtpServer() as server:
        project = project_with(tmp_path, server, clock)
        assert tell(project, [OFF, OFF, ("unknown outcomes", "one message is in doubt")]) == 2
        assert tell(project, [OFF, ("held welcome", "welcome: 3 held")]) == 1
    subjects = [letter["subject"] for to, letter in letters(server) if to == MARIAM]
    assert subjects == ["Offswitch: welcome is off: flow welcome is off... (and 1 more)", "Offswitch: welcome: 3 held"]


def test_two_processes_that_see_the_same_tell_it_once(tmp_path: Path) -> None:
    clock = FrozenClock()
    with ScriptedSmtpServer() as server:
        projects = [project_with(tmp_path, server, clock) for _ in range(8)]
        projects[0].ledger.close()  # made before they start
        threads = [threading.Thread(target=tell, args=(project, [OFF])) for project in projects]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [to for to, _ in letters(server)] == [MARIAM, OMAR]


def test_a_mail_server_that_is_down_raises_nothing_and_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = FrozenClock()
    with ScriptedSmtpServer({0: Fault(At.BANNER, "421 busy", "cut"), 1: Fault(At.RCPT, "550 no")}) as server:
        project = project_with(tmp_path, server, clock)
        told = []
        for _ in range(7):
            told.append(tell(project, [OFF]))
            clock.advance(timedelta(minutes=1))
        assert told == [0, 0, 0, 0, 0, 1, 0]
    assert "not told by mail" in caplog.text


def test_one_address_that_is_refused_keeps_the_other_from_nothing(tmp_path: Path) -> None:
    with ScriptedSmtpServer({0: Fault(At.RCPT, "550 5.1.1 gone")}) as server:
        assert tell(project_with(tmp_path, server, FrozenClock()), [OFF]) == 1
    assert [to for to, _ in letters(server)] == [OMAR]


@pytest.mark.parametrize("wrong", [{"PORT": "many"}, {"HOST": "mail.example.org", "USER": "u", "PASSWORD": "p"}, {"TLS": "yes"}])
def test_settings_that_cant_be_used_raise_nothing_and_send_nothing(tmp_path: Path, wrong: dict[str, str]) -> None:
    with ScriptedSmtpServer() as server:
        settings = {f"OFFSWITCH_SMTP_{name}": value for name, value in wrong.items()}
        assert tell(project_with(tmp_path, server, FrozenClock(), **settings), [OFF]) == 0
        assert server.connections == 0


def test_a_notice_can_neither_add_a_header_nor_fill_a_mailbox(tmp_path: Path) -> None:
    with ScriptedSmtpServer() as server:
        assert tell(project_with(tmp_path, server, FrozenClock()), [("a\r\nb", "x\r\nBcc: thief@example.com\r\n\r\n" + "y" * 9_999)]) == 1
    to, letter = letters(server)[0]
    assert (to, letter["bcc"]) == (MARIAM, None)
    assert len(letter.get_content()) < 1_000


def test_the_webhook_is_told_in_json(tmp_path: Path) -> None:
    with hook() as (url, got), ScriptedSmtpServer() as server:
        project = project_with(tmp_path, server, FrozenClock())
        company(project, f"emails: [{MARIAM}, {OMAR}]", f'webhook: "{url}"')
        assert tell(project, [OFF]) == 1
        assert server.taken == []
    said = json.loads(got[0])
    assert said["notices"] == [{"reason": OFF[0], "text": OFF[1]}]
    assert OFF[1] in said["text"]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_a_webhook_that_doesnt_say_yes_was_not_told(tmp_path: Path, status: int) -> None:
    with hook(status) as (url, got), ScriptedSmtpServer() as server:
        project = project_with(tmp_path, server, FrozenClock())
        company(project, f"emails: [{MARIAM}, {OMAR}]", f'webhook: "{url}"')
        assert tell(project, [OFF]) == 0
    assert len(got) == 1


def test_while_company_yaml_is_broken_the_last_valid_one_says_whom_to_tell(tmp_path: Path) -> None:
    with ScriptedSmtpServer() as server:
        project = project_with(tmp_path, server, FrozenClock())
        text = (project.settings.policies / "company.yaml").read_text(encoding="utf-8")
        flow = "switch: off\nowner: mariam@bayan.example\nteam: support\nrunbook: x\nminutes_per_item: 1\nrollout: {steps: [100%]}\n"
        with project.ledger.write() as book:
            book.history.add_policy("welcome", "d", json.dumps({"company": text, "flow": flow}), NOON)
        company(project, "switch: off", "switch: [")
        assert tell(project, [("invalid file company.yaml", "company.yaml:1:9: …")]) == 1
        assert len(server.taken) == 2


def test_without_a_company_nothing_is_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedSmtpServer() as server:
        project = project_with(tmp_path, server, FrozenClock())
        (project.settings.policies / "company.yaml").unlink()
        assert tell(project, [OFF]) == 0
    assert OFF[1] in caplog.text


def test_without_a_ledger_people_are_told_all_the_same_and_once_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    clock = FrozenClock()
    with ScriptedSmtpServer({0: Fault(At.RCPT, "450 later"), 1: Fault(At.RCPT, "450 later")}) as server:
        project = project_with(tmp_path, server, clock)
        project.settings.home.write_text("in the way")
        told = []
        for minutes in (0, 1, 30, 31):
            clock.advance(timedelta(minutes=minutes))
            told.append(tell(project, [OFF]))
    assert told == [0, 1, 0, 1]
    assert [to for to, _ in letters(server)] == [MARIAM, OMAR, MARIAM, OMAR]


def test_a_webhook_conflict_rings_the_alarm_and_names_no_customer(tmp_path: Path) -> None:
    clock = FrozenClock()
    with ScriptedSmtpServer() as server, served(project_with(tmp_path, server, clock)) as site:
        site.send(form())
        for turn in range(3):
            assert site.send(form(data={"turn": turn})).status_code == 409
        site.client.get("/healthz")
    assert [to for to, _ in letters(server)] == [MARIAM, OMAR]
    assert "sara" not in letters(server)[0][1].as_string()
