"""A secret that is changed in `.env` holds from the next pass, in a process that goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.email.sendgrid import Sendgrid, SendgridSettings
from offswitch.act.report import Report
from offswitch.act.run import run
from offswitch.project.connectors import connector
from offswitch.project.settings import read_settings
from offswitch.testing.http_server import Asked, ScriptedHttpServer, reply
from offswitch.testing.smtp_server import ScriptedSmtpServer
from tests.orchestrate.small_project import SmallProject, fill_in, small_project

OLD, NEW = "canary-0ld-k3y", "canary-n3w-k3y"


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The `.env` of a project; what it published is taken back at the end."""
    monkeypatch.chdir(tmp_path)
    for name in ("SENDGRID_API_KEY", "SENDGRID_BASE_URL", "SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD"):
        monkeypatch.delenv(f"OFFSWITCH_{name}", raising=False)
    yield tmp_path / ".env"
    (tmp_path / ".env").unlink()
    read_settings()


def keep(path: Path, **values: object) -> None:
    path.write_text("".join(f"OFFSWITCH_{name}={value}\n" for name, value in values.items()))


def test_the_next_connector_has_the_new_key_and_a_removed_one_is_gone(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (OLD, NEW):
        keep(env, SENDGRID_API_KEY=key)
        read_settings()
        assert SendgridSettings().api_key.get_secret_value() == key
    monkeypatch.setenv("OFFSWITCH_SENDGRID_API_KEY", "of the environment")
    keep(env, SENDGRID_API_KEY=OLD)
    read_settings()
    assert SendgridSettings().api_key.get_secret_value() == "of the environment"
    monkeypatch.delenv("OFFSWITCH_SENDGRID_API_KEY")
    keep(env)
    assert "OFFSWITCH_SENDGRID_API_KEY" not in read_settings().environment


def test_a_provider_hears_the_new_key_from_the_next_pass_on(env: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))
    heard: list[str] = []

    def answer(asked: Asked) -> bytes:
        heard.append(asked.headers["authorization"])
        return reply(200, {"scopes": ["mail.send"], "results": {}})

    with ScriptedHttpServer(answer=answer) as server:
        for key in (OLD, NEW):
            keep(env, SENDGRID_API_KEY=key, SENDGRID_BASE_URL=server.url)
            read_settings()
            mailer = connector("email", "sendgrid")  # as each pass makes it
            list(mailer.diagnose())
            assert isinstance(mailer._real, Sendgrid)
            mailer.close()
    assert set(heard) == {f"Bearer {OLD}", f"Bearer {NEW}"}
    assert heard == sorted(heard, key=lambda one: NEW in one)


def test_two_passes_of_one_process_log_in_with_the_password_of_the_day(env: Path, tmp_path: Path) -> None:
    project = small_project(tmp_path / "shop", 2)
    with ScriptedSmtpServer(users={"shop": OLD}) as server:
        for key, people in ((OLD, range(2)), (NEW, range(10, 12))):
            server.users = {"shop": key}
            keep(env, SMTP_HOST="127.0.0.1", SMTP_PORT=server.port, SMTP_USER="shop", SMTP_PASSWORD=key)
            fill_in(project.project(), people)
            one_pass(project)
            assert len(server.taken) == len(people) + (2 if key == NEW else 0)


def test_a_setting_that_cannot_be_used_is_named_and_nothing_is_lost(env: Path, tmp_path: Path) -> None:
    project = small_project(tmp_path / "shop", 2)
    keep(env, SMTP_TLS="sometimes", SMTP_PASSWORD=OLD)
    report = one_pass(project)
    assert [text for _, text in report.notices if "smtp can't be used: OFFSWITCH_SMTP_TLS: Input should be" in text]
    assert OLD not in repr(report)
    assert (report.total("entered"), report.total("retry"), report.total("performed")) == (2, 2, 0)


def one_pass(project: SmallProject) -> Report:
    """As the orchestrator does it: settings are read anew, then the pass."""
    read_settings()
    opened = project.project()
    with opened.desk(opened.flows.get("welcome")) as desk:
        report = run(desk)
    opened.ledger.close()
    return report
