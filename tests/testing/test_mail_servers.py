"""The mail servers of the test kit, as processes of their own: what they accept stands in their journal."""

import email
import email.policy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import make_orders
from offswitch.testing.smtp_server import At, Fault, ScriptedSmtpServer

Start = Callable[..., int]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server module; gives its port."""
    running: list[subprocess.Popen[str]] = []

    def starting(module: str, *options: str) -> int:
        process = subprocess.Popen([sys.executable, "-m", module, *options], stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline())

    yield starting
    for process in running:
        process.terminate()
        process.communicate(timeout=10)
        assert process.returncode == 0


def send(port: int, count: int) -> list[Outcome]:
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=port))
    outcomes = [receipt.outcome for receipt in smtp.perform(make_orders("email", count))]
    smtp.close()
    return outcomes


@pytest.mark.parametrize("options", [[], ["--sync"]])
def test_the_sink_writes_down_every_message_it_accepts(start: Start, tmp_path: Path, options: list[str]) -> None:
    port = start("offswitch.testing.smtp_sink", "--journal", str(tmp_path / "taken.jsonl"), *options)
    assert send(port, 20) == [Outcome.PERFORMED] * 20
    lines = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert [line["message_id"] for line in lines] == [f"<e{number}.confirm.1@example.org>" for number in range(20)]
    assert lines[3]["to"] == "person3@example.com"
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)


def test_the_mailbox_keeps_each_message_as_a_file(start: Start, tmp_path: Path) -> None:
    port = start("offswitch.testing.mailbox", "--eml", str(tmp_path / "mail"), "--journal", str(tmp_path / "taken.jsonl"))
    assert send(port, 3) == [Outcome.PERFORMED] * 3
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == ["0001.eml", "0002.eml", "0003.eml"]
    message = email.message_from_bytes(files[1].read_bytes(), policy=email.policy.default)
    assert (message["to"].addresses[0].addr_spec, message["subject"]) == ("person1@example.com", "Welcome")
    assert len((tmp_path / "taken.jsonl").read_text().splitlines()) == 3


def test_the_scripted_server_writes_down_what_the_client_never_learns(tmp_path: Path) -> None:
    script = {0: Fault(At.DOT, end="cut", kept=True), 1: Fault(At.DOT, end="cut")}
    with ScriptedSmtpServer(script, journal=tmp_path / "taken.jsonl") as server:
        assert send(server.port, 3) == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.RETRY]
        [line] = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text().splitlines()]
    assert (line["message_id"], line["accepted"]) == ("<e0.confirm.1@example.org>", True)
