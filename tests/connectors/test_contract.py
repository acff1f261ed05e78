"""Every connector keeps the contract; those that need no account also against their other side."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.crm.local import LocalCrm
from connectors.email.smtp import Smtp, SmtpSettings
from offswitch.testing.connector_contract import CrmContract, EveryConnector, MailerContract, OtherSide, find_connectors
from offswitch.testing.smtp_sink import SinkSmtpServer


class TestEveryConnector(EveryConnector):
    pass


class TestSmtp(MailerContract):
    @pytest.fixture
    def other_side(self) -> Iterator[OtherSide]:
        with SinkSmtpServer() as sink:
            smtp = Smtp(SmtpSettings(host="127.0.0.1", port=sink.port))
            yield OtherSide(smtp, lambda: [taken.data.decode() for taken in sink.taken])
            smtp.close()


class TestLocalCrm(CrmContract):
    @pytest.fixture
    def other_side(self, tmp_path: Path) -> Iterator[OtherSide]:
        crm = LocalCrm(tmp_path / "crm.sqlite")

        def held() -> list[str]:
            crm.read([])
            reader = sqlite3.connect(tmp_path / "crm.sqlite")
            ids = [row[0] for row in reader.execute("select external_id from notes")]
            reader.close()
            return ids

        yield OtherSide(crm, held)
        crm.close()


def test_the_suite_finds_connectors_by_their_files() -> None:
    assert {("email", "smtp"), ("crm", "local")} <= {(found.kind, found.name) for found in find_connectors("email", "crm")}
