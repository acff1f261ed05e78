"""DNS records for the tests of the doctor: a table that answers, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.doctor.answers import NotAnswered
from offswitch.doctor.mail_dns import LOOKS, Mail, safely
from offswitch.doctor.senders import Habits, habits_of
from offswitch.model.finding import Finding, Level

DOMAIN = "bayan.example"
GOOD = {
    f"{DOMAIN} TXT": ["some other text", "v=spf1 include:sendgrid.net ~all"],
    f"{DOMAIN} MX": ["10 mx.bayan.example."],
    "sendgrid.net TXT": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    f"_dmarc.{DOMAIN} TXT": [f"v=DMARC1; p=reject; rua=mailto:reports@{DOMAIN}"],
    f"s1._domainkey.{DOMAIN} TXT": ["k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
}


class Table:
    """Answers by "name KIND"; a name in `silent` is not answered."""

    def __init__(self, records: dict[str, list[str]], silent: Iterable[str] = ()) -> None:
        self.records = records
        self.silent = set(silent)
        self.asked: list[str] = []

    def ask(self, name: str, kind: str) -> list[str]:
        self.asked.append(name)
        if name in self.silent:
            raise NotAnswered("no name server answers")
        return self.records.get(f"{name} {kind}", [])


def mail(
    sender: str = DOMAIN, return_path: str = "", reply_to: str = "", selectors: tuple[str, ...] = (), habits: Habits | None = None
) -> Mail:
    return Mail(sender, return_path or sender, reply_to or sender, habits or habits_of("sendgrid"), selectors)


def found(look: str, records: dict[str, list[str]] | Table, about: Mail | None = None) -> list[Finding]:
    answers = records if isinstance(records, Table) else Table(records)
    return list(safely(look, LOOKS[look], about or mail(), answers))


def levels(findings: Iterable[Finding]) -> list[Level]:
    return [finding.level for finding in findings]
