"""Connectors' settings in Prefect blocks, at a real server: registered, read at every pass, changed without a restart, shown nowhere."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.blocks.system import Secret
from prefect.settings import PREFECT_API_URL, temporary_settings

from connectors.email.smtp import SmtpSettings
from offswitch.alerts.mail import mail
from offswitch.errors import ConfigError
from offswitch.model.finding import Level
from offswitch.orchestrate import blocks
from offswitch.orchestrate.health import of_prefect
from offswitch.project.catalogue import catalogue
from offswitch.testing.smtp_server import ScriptedSmtpServer
from tests.orchestrate.small_project import ROOT, fill_in, small_project

OLD, NEW = "canary-0ld-pa55word", "canary-n3w-pa55word"
PASSES = """
import asyncio, offswitch.orchestrate.blocks as blocks
from flows.welcome import welcome
blocks.FRESH = 0.1
for _ in range(2):
    asyncio.run(welcome.flow())
    print("passed", flush=True)
    input()
"""


@pytest.fixture
def at_the_server(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("BLOCK", "HOST", "PORT", "USER", "PASSWORD", "TLS"):
        monkeypatch.delenv(f"OFFSWITCH_SMTP_{name}", raising=False)
    monkeypatch.setattr(blocks, "FRESH", 0.0)
    with temporary_settings({PREFECT_API_URL: prefect_server}):
        yield prefect_server


def keep(name: str, **values: Any) -> None:
    """What ops people do in Prefect's pages."""
    kind: Callable[..., Any] = getattr(blocks, "OffswitchSmtp")  # noqa: B009 - the kinds are made when the module is loaded
    kind(**values).save(name, overwrite=True)


def test_the_command_registers_a_masked_kind_of_block_for_every_connector(prefect_server: str, prefect_env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "prefect", "block", "register", "-m", "offswitch.orchestrate.blocks"]
    done = subprocess.run(command, cwd=ROOT, env=prefect_env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for entry in (one for one in catalogue() if one.settings is not None):
        kind = httpx.get(f"{prefect_server}/block_types/slug/{blocks.slug_of(entry.prefix)}", timeout=30).json()
        assert f"{entry.prefix}BLOCK" in kind["description"]
        wanted = {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}}
        schema = httpx.post(f"{prefect_server}/block_schemas/filter", json=wanted, timeout=30).json()[0]["fields"]
        secret = {one.name.removeprefix(entry.prefix).lower() for one in entry.variables if one.secret}
        assert set(schema["secret_fields"]) == secret
        assert set(schema["properties"]) == {one.name.removeprefix(entry.prefix).lower() for one in entry.variables}
    assert "Offswitch SMTP" in done.stdout


@pytest.mark.usefixtures("at_the_server")
def test_a_connector_reads_its_block_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("mail", host="mail.example.com", port=587, tls="starttls", user="shop", password=OLD)
    Secret(value=NEW).save("mail-password", overwrite=True)
    monkeypatch.setenv("OFFSWITCH_SMTP_BLOCK", "mail")
    found = SmtpSettings()
    assert (found.host, found.port, found.password.get_secret_value()) == ("mail.example.com", 587, OLD)
    monkeypatch.setenv("OFFSWITCH_SMTP_PASSWORD", "prefect:mail-password")
    monkeypatch.setenv("OFFSWITCH_SMTP_PORT", "2525")
    found = SmtpSettings()
    assert (found.host, found.port, found.password.get_secret_value()) == ("mail.example.com", 2525, NEW)
    assert OLD not in repr(found) + str(found.model_dump())


@pytest.mark.usefixtures("at_the_server")
def test_a_block_can_be_read_inside_a_running_loop_too(monkeypatch: pytest.MonkeyPatch) -> None:
    Secret(value=OLD).save("inside", overwrite=True)

    async def inside() -> str:
        return blocks.secret("inside")

    assert asyncio.run(inside()) == OLD
    monkeypatch.setattr(blocks, "FRESH", 60.0)
    Secret(value=NEW).save("inside", overwrite=True)
    assert [blocks.secret("inside") for _ in range(100)] == [OLD] * 100  # not asked again within a pass
    monkeypatch.setattr(blocks, "FRESH", 0.0)
    assert blocks.secret("inside") == NEW


@pytest.mark.usefixtures("at_the_server")
def test_an_alert_by_mail_knows_the_block_too() -> None:
    Secret(value=NEW).save("alert-password", overwrite=True)
    with ScriptedSmtpServer(users={"shop": NEW}) as server:
        keep("alerts", host="127.0.0.1", port=server.port, user="shop", password=OLD)
        environment = {"OFFSWITCH_SMTP_BLOCK": "alerts", "OFFSWITCH_SMTP_PASSWORD": "prefect:alert-password"}
        mail("ops@bayan.example", "held", "text", datetime.now(UTC), "shop@bayan.example", environment)
        assert [one.to for one in server.taken] == ["ops@bayan.example"]
        with pytest.raises(ValueError, match="no such block"):
            mail("ops@bayan.example", "held", "text", datetime.now(UTC), "shop@bayan.example", {"OFFSWITCH_SMTP_BLOCK": "lost"})


@pytest.mark.usefixtures("at_the_server")
def test_what_is_not_there_is_said_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match=r"no such block: a Secret block called 'lost'.*make it in Prefect"):
        blocks.secret("lost")
    with pytest.raises(ConfigError, match=r"prefect block register -m offswitch\.orchestrate\.blocks"):
        blocks.values("OFFSWITCH_SMTP_", "lost")
    with pytest.raises(ConfigError, match="can't be the name of a block"):
        blocks.secret("../../flows")


@pytest.mark.parametrize(("url", "said"), [("", "no Prefect server is known"), ("http://127.0.0.1:1/api", "can't be asked")])
def test_without_a_server_the_setting_is_named_as_wrong(url: str, said: str) -> None:
    with temporary_settings({PREFECT_API_URL: url}), pytest.raises(ConfigError, match=said):
        blocks.secret("mail-password")


@pytest.mark.usefixtures("at_the_server")
def test_the_doctor_asks_the_server_and_knows_which_kinds_are_lacking() -> None:
    Secret(value=OLD).save("any", overwrite=True)
    server, kinds = of_prefect(["SECRET_", "OFFSWITCH_LOST_"])
    assert (server.level, kinds.level, kinds.said) == (Level.FINE, Level.ADVICE, "not registered: offswitch-lost")
    assert [one.level for one in of_prefect(["SECRET_"])] == [Level.FINE, Level.FINE]
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        assert [one.level for one in of_prefect([])] == [Level.TROUBLE]


def test_a_changed_secret_holds_from_the_next_pass_and_is_shown_nowhere(
    tmp_path: Path, at_the_server: str, prefect_env: dict[str, str], prefect_home: Path
) -> None:
    project = small_project(tmp_path, 2)
    prefect = {name: value for name, value in prefect_env.items() if name.startswith(("PREFECT_", "DO_NOT_TRACK"))}
    with ScriptedSmtpServer(users={"shop": OLD}) as server:
        keep("shop-mail", host="127.0.0.1", port=server.port, user="shop", password=OLD)
        env = project.environment(1, OFFSWITCH_SMTP_BLOCK="shop-mail", PREFECT_LOGGING_LEVEL="DEBUG", **prefect)
        passes = subprocess.Popen(
            [sys.executable, "-c", PASSES],
            cwd=ROOT,
            env={name: value for name, value in env.items() if name not in {"OFFSWITCH_SMTP_HOST", "OFFSWITCH_SMTP_PORT"}},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = until_passed(passes)
        assert len(server.taken) == 2, said
        server.users = {"shop": NEW}
        keep("shop-mail", host="127.0.0.1", port=server.port, user="shop", password=NEW)
        fill_in(project.project(), range(10, 12))
        assert passes.stdin is not None
        passes.stdin.write("\n")
        passes.stdin.flush()
        said += until_passed(passes)
        said += passes.communicate("\n", timeout=60)[0]
        assert len(server.taken) == 4, said
    runs = httpx.post(f"{at_the_server}/flow_runs/filter", json={"limit": 50}, timeout=30).text
    logs = httpx.post(f"{at_the_server}/logs/filter", json={"limit": 200}, timeout=30).text
    kept = [path.read_text("utf-8", "replace") for path in (*tmp_path.rglob("*"), prefect_home / "server.log") if path.is_file()]
    assert not [text for text in (said, runs, logs, *kept) if OLD in text or NEW in text]


def until_passed(passes: subprocess.Popen[str]) -> str:
    assert passes.stdout is not None
    said = ""
    while line := passes.stdout.readline():
        if line == "passed\n":
            return said
        said += line
    raise AssertionError(said)
