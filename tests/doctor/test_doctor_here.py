"""What the doctor sees on this machine: settings, secrets, the state folder, the ledger, packages, clocks."""

import os
import sqlite3
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from offswitch.doctor import home, settings
from offswitch.doctor.clock import apart
from offswitch.doctor.ledger import of_ledger
from offswitch.doctor.versions import of_versions
from offswitch.ledger.open import HEAD
from offswitch.model.finding import Finding, Level
from offswitch.project.catalogue import Entry, catalogue
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.postgres_server import PostgresServer
from tests.doctor.records import levels

MOUNTS = (
    "/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/far nfs4 rw 0 0\n/dev/sdb1 /mnt/far/near xfs rw 0 0\n//pc/a /mnt/my\\040share cifs rw 0 0\n"
)


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_a_connector_in_use_must_be_there_and_have_what_it_needs() -> None:
    used = {"email": "sendgrid"}
    assert levels(settings.of_connectors(catalogue("email"), {"email": "smtp"}, {})) == [Level.FINE]
    lost = only(list(settings.of_connectors(catalogue("email"), {"email": "sendgird"}, {})))
    assert (lost.level, "sendgrid" in lost.todo) == (Level.TROUBLE, True)
    empty = only(list(settings.of_connectors(catalogue("email"), used, {})))
    assert (empty.level, "OFFSWITCH_SENDGRID_API_KEY" in empty.said) == (Level.TROUBLE, True)
    for enough in ({"OFFSWITCH_SENDGRID_API_KEY": "x"}, {"OFFSWITCH_SENDGRID_BLOCK": "mail"}):
        assert levels(settings.of_connectors(catalogue("email"), used, enough)) == [Level.FINE]
    broken = Entry("email", "sendgrid", trouble="it needs the package x: install it")
    assert levels(settings.of_connectors([broken], used, {})) == [Level.TROUBLE]


@pytest.mark.parametrize(
    "value", ["changeme", "whsec_...", "your-key-here", "xxxxxxxx", "<secret>", "password", "aaaaaaaaaaaa", "SG.XXXXXXXX", "test"]
)
def test_a_placeholder_is_no_secret_and_is_not_shown(value: str) -> None:
    finding = only(list(settings.of_secrets(catalogue(), {"OFFSWITCH_SMTP_PASSWORD": value})))
    assert (finding.level, finding.about) == (Level.TROUBLE, "OFFSWITCH_SMTP_PASSWORD")
    assert value not in finding.said + finding.todo or value in {"password", "secret", "test"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "prefect:mail-password",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf",
        "re_c1tpEyD8_NKFusih9vKVQknRAQfmFcWCv",
    ],
)
def test_what_may_be_a_secret_is_not_doubted(value: str) -> None:
    assert not settings.looks_made_up(value)


@pytest.mark.parametrize(
    ("by_mail", "by_webhook", "email", "environment", "level"),
    [
        (True, False, "smtp", {}, Level.FINE),
        (True, False, "resend", {"OFFSWITCH_SMTP_HOST": "mail.example.com"}, Level.FINE),
        (True, False, "resend", {"OFFSWITCH_SMTP_BLOCK": "mail"}, Level.FINE),
        (True, False, "resend", {}, Level.TROUBLE),
        (True, True, "resend", {}, Level.ADVICE),
        (False, True, "resend", {}, Level.FINE),
        (False, False, "smtp", {}, Level.ADVICE),
    ],
)
def test_somebody_can_be_called(by_mail: bool, by_webhook: bool, email: str, environment: dict[str, str], level: Level) -> None:
    assert levels(settings.of_alerts(by_mail, by_webhook, email, environment)) == [level]


@pytest.mark.parametrize(("mode", "level"), [(0o600, Level.FINE), (0o640, Level.ADVICE), (0o644, Level.TROUBLE)])
def test_who_can_read_the_secrets_in_a_file(tmp_path: Path, mode: int, level: Level) -> None:
    path = tmp_path / ".env"
    assert levels(settings.of_file(path)) == [Level.FINE]
    path.touch(mode)
    path.chmod(mode)
    assert levels(settings.of_file(path)) == [level]


def test_a_home_that_can_be_made_or_written_is_fine(tmp_path: Path) -> None:
    assert levels(home.of_home(tmp_path)) == levels(home.of_home(tmp_path / "not" / "there")) == [Level.FINE, Level.FINE]
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(("free", "level"), [(10 * 2**20, Level.TROUBLE), (100 * 2**20, Level.ADVICE), (2**30, Level.FINE)])
def test_a_disk_that_gets_full_is_said_before_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: Level) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert home.room(tmp_path).level is level


def test_shared_traffic_says_who_is_spared_and_where_nothing_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.http.traffic import Service, traffic_to

    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))
    assert levels(home.of_traffic(tmp_path)) == [Level.FINE]
    traffic_to(Service("shop", failures=1), "https://api.example.com").badly("the provider hung up")
    _, open_ = home.of_traffic(tmp_path)
    assert (open_.level, open_.about, "hung up" in open_.said) == (Level.TROUBLE, "breaker of shop", True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "traffic").touch()
    assert levels(home.of_traffic(tmp_path / "other")) == [Level.ADVICE]


@pytest.mark.parametrize(
    ("path", "kind"), [("/srv/x", ""), ("/mnt/far/x/y", "nfs4"), ("/mnt/far/near/x", ""), ("/mnt/farther", ""), ("/mnt/my share/x", "cifs")]
)
def test_a_network_file_system_is_known_by_its_mount(monkeypatch: pytest.MonkeyPatch, path: str, kind: str) -> None:
    monkeypatch.setattr(home, "nearest", lambda path: path)
    assert home.far_filesystem(Path(path), MOUNTS) == kind


def project(tmp_path: Path) -> Project:
    return Project(Settings(home=tmp_path))


def test_looking_at_a_ledger_neither_makes_nor_migrates_it(tmp_path: Path) -> None:
    assert levels(of_ledger(project(tmp_path))) == [Level.FINE]
    assert not (tmp_path / "ledger.sqlite").exists()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as file:
        file.execute("create table alembic_version (version_num text)")
        file.execute("insert into alembic_version values ('0001')")
    file.close()
    before = (tmp_path / "ledger.sqlite").read_bytes()
    old = only(list(of_ledger(project(tmp_path))))
    assert (old.level, "0001" in old.said) == (Level.ADVICE, True)
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


def test_a_ledger_in_order_is_fine_and_a_damaged_or_newer_one_is_trouble(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.ledger.close()
    assert levels(of_ledger(project(tmp_path))) == [Level.FINE, Level.FINE]
    with sqlite3.connect(tmp_path / "ledger.sqlite") as file:
        file.execute("update alembic_version set version_num = '9999'")
    file.close()
    assert "update this one" in only(list(of_ledger(project(tmp_path)))).todo
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"ledger.sqlite{end}").unlink(missing_ok=True)
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database" * 100)
    damaged = only(list(of_ledger(project(tmp_path))))
    assert (damaged.level, "damaged" in damaged.said) == (Level.TROUBLE, True)


def test_a_server_that_does_not_answer_is_trouble_without_its_password() -> None:
    nobody = Project(Settings(ledger="postgresql://shop:canary@127.0.0.1:1/ledger"))
    finding = only(list(of_ledger(nobody)))
    assert finding.level is Level.TROUBLE
    assert "canary" not in str(finding)


@pytest.mark.slow
def test_postgresql_is_looked_at_with_its_clock(postgres: PostgresServer, tmp_path: Path) -> None:
    ledger, server_clock, ours = of_ledger(Project(Settings(home=tmp_path, ledger=postgres.ledger())))
    assert (ledger.said, server_clock.about) == (f"PostgreSQL, version {HEAD}", "the clock of PostgreSQL")
    assert levels([ledger, server_clock, ours]) == [Level.FINE] * 3
    empty, server_clock = of_ledger(Project(Settings(home=tmp_path, ledger=postgres.database())))
    assert (empty.level, "version none" in empty.said, server_clock.level) == (Level.ADVICE, True, Level.FINE)


@pytest.mark.parametrize(("ahead", "level"), [(0, Level.FINE), (-4, Level.FINE), (30, Level.ADVICE), (-3600, Level.TROUBLE)])
def test_clocks_that_differ_are_said(ahead: float, level: Level) -> None:
    finding = apart("the clock of x", ahead)
    assert (finding.level, "behind" in finding.said) == (level, ahead < -5)


def test_packages_are_those_that_this_release_wants() -> None:
    assert levels(of_versions()) == [Level.FINE]

    def installed(name: str) -> str:
        if name == "lost":
            raise PackageNotFoundError(name)
        return "3.9.0"

    findings = list(of_versions(["prefect==3.8.8", "lost>=1", 'other>=9; extra == "dev"', "fine>=3"], installed))
    assert [(one.about, one.level) for one in findings] == [("prefect", Level.TROUBLE), ("lost", Level.TROUBLE)]
    assert "pip install" in findings[0].todo


def test_root_writes_everywhere_so_a_folder_that_cannot_be_written_is_made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert levels(home.of_home(tmp_path)) == [Level.TROUBLE]
    assert levels(home.of_traffic(tmp_path)) == [Level.ADVICE]
