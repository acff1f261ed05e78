"""`offswitch run` without Prefect, as its own process against a real SMTP server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.testing.smtp_sink import SinkSmtpServer
from tests.orchestrate.small_project import ROOT, SmallProject, mails_to_people, small_project


@pytest.fixture
def sink() -> Iterator[SinkSmtpServer]:
    with SinkSmtpServer() as server:
        yield server


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "offswitch", "run", *words]


def offswitch_run(project: SmallProject, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), cwd=ROOT, env=project.environment(port), capture_output=True, text=True, timeout=100, check=False
    )


def test_a_plain_pass_sends_and_says_what_it_did(tmp_path: Path, sink: SinkSmtpServer) -> None:
    done = offswitch_run(small_project(tmp_path, 3), sink.port, "welcome", "--plain")
    assert (done.returncode, done.stdout) == (0, "welcome: entered 3, sent 3, written to the CRM 3\n"), done.stderr
    assert len(mails_to_people(sink)) == 3


def test_the_second_pass_sends_nothing_again(tmp_path: Path, sink: SinkSmtpServer) -> None:
    project = small_project(tmp_path, 3)
    for _ in range(2):
        assert offswitch_run(project, sink.port, "welcome", "--plain").returncode == 0
    assert len(mails_to_people(sink)) == 3


def test_json_is_one_document_and_stands_alone(tmp_path: Path, sink: SinkSmtpServer) -> None:
    done = offswitch_run(small_project(tmp_path, 2), sink.port, "welcome", "donor_thanks", "--plain", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "offswitch.run/1"
    assert document["flows"]["welcome"]["did"]["performed"]["count"] == 2
    assert set(document["flows"]) == {"welcome", "donor_thanks"}


def test_a_dry_run_sends_nothing(tmp_path: Path, sink: SinkSmtpServer) -> None:
    done = offswitch_run(small_project(tmp_path, 2), sink.port, "welcome", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "welcome" in done.stdout
    assert not sink.taken


def test_plain_never_imports_prefect(tmp_path: Path, sink: SinkSmtpServer) -> None:
    run = "from offswitch.cli import verbs; verbs.main(['run', 'welcome', '--plain'], standalone_mode=False)"
    code = f"import sys; {run}; print('prefect' in sys.modules)"
    env = small_project(tmp_path, 1).environment(sink.port)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(("words", "code", "said"), [
    (("welcom", "--plain"), 1, "there is no flow called 'welcom'"),
    ((), 2, "FLOW"),
    (("welcome", "--every", "5"), 2, "10s, 30m"),
])  # fmt: skip
def test_what_cant_be_run_is_refused_with_a_reason(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = offswitch_run(SmallProject(tmp_path), 1, *words)
    assert done.returncode == code
    assert said in done.stderr


def test_a_ledger_that_cant_be_made_fails_the_run_in_a_line(tmp_path: Path) -> None:
    project = small_project(tmp_path, 0)
    env = project.environment(1, OFFSWITCH_LEDGER="mysql://nowhere/ledger")
    done = subprocess.run(command("welcome", "--plain"), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "this ledger is not known" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_rounds_between_two_effects(tmp_path: Path, sink: SinkSmtpServer, number: signal.Signals) -> None:
    project = small_project(tmp_path, 600)
    process = subprocess.Popen(command("welcome", "--plain", "--every", "1h"), cwd=ROOT, env=project.environment(sink.port))
    sink.at(100, lambda: process.send_signal(number))
    assert process.wait(60) == 0
    assert 99 <= len(mails_to_people(sink)) < 110  # a batch is 500
    assert offswitch_run(project, sink.port, "welcome", "--plain").returncode == 0
    assert sorted(one.to for one in mails_to_people(sink)) == sorted(f"p{number}@example.com" for number in range(600))
