"""A pass begins with what people changed in the CRM, and goes on when the CRM can't tell."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from connectors.crm.local import LocalCrm
from offswitch.events import CrmChanged
from offswitch.ledger.tables import alerts
from offswitch.orchestrate.host import StopRequest
from offswitch.orchestrate.opened import opened
from offswitch.project.project import Project
from tests.orchestrate.small_project import SmallProject, small_project


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    made = small_project(tmp_path, 2)
    for name, value in made.environment(9).items():
        if name.startswith("OFFSWITCH_"):
            monkeypatch.setenv(name, value)
    policy = made.policies / "welcome.yaml"
    policy.write_text(policy.read_text("utf-8").replace("switch: on", "switch: off"), "utf-8")
    return made


def begin() -> None:
    with opened(Project().flows.get("welcome"), StopRequest()):
        pass


def typed(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_pass_of_a_flow_that_is_off_takes_in_what_people_changed(small: SmallProject) -> None:
    begin()
    assert not (small.home / "crm.sqlite").exists()
    crm = LocalCrm(small.home / "crm.sqlite")
    crm.read([])
    crm.close()
    typed(small.home / "crm.sqlite", "insert into people (email, name, updated_at) values ('p0@example.com', 'Mona Haddad', '')")
    typed(small.home / "ledger.sqlite", "update registers set asked = 0")
    begin()
    with small.project().ledger.read() as book:
        changes = [one for _, one in book.events.unseen("nobody", after=0) if one.kind == CrmChanged.kind]
        assert [one.data["values"] for one in changes] == [{"name": "Mona Haddad"}]
        assert book.contacts.by_address(["p0@example.com"])["p0@example.com"].name == "Mona Haddad"


def test_a_register_that_is_no_register_stops_nothing_and_somebody_is_told(small: SmallProject) -> None:
    (small.home / "crm.sqlite").write_text("no database at all " * 99)
    begin()
    with small.project().ledger.read() as book:
        told = [row.text for row in book.connection.execute(alerts.select())]
    assert [text for text in told if "does not tell what people change" in text]
