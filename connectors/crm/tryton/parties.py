"""Tryton's parties: who has which e-mail address, what a party holds, and who set it when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from connectors.crm.tryton.rpc import Failed, Rpc, Said, moment
from connectors.register.fields import Fields
from offswitch.model.address import canonical_email

CATEGORIES, LANGUAGE = "categories", "lang"
_HELD = (
    "name",
    "code",
    "lang.code",
    "categories.name",
    "categories.parent.name",
    "_timestamp",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
)


@dataclass(frozen=True, slots=True)
class Party:
    """One party as it was read. `timestamp` names this state: a write that bears it is refused when the party has changed since.

    `edited`: when others than we last set each of Tryton's fields.
    """

    id: int
    email: str
    facts: Mapping[str, Any]
    categories: Mapping[str, int]
    timestamp: str
    edited: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def resource(self) -> str:
        """How Tryton's other records name it."""
        return f"party.party,{self.id}"


class Parties:
    """Reads parties. `stages` is the category below which a party's stage stands; other categories are tags."""

    def __init__(self, rpc: Rpc, fields: Fields, stages: str) -> None:
        self._rpc = rpc
        self._fields = fields
        self._stages = stages

    def of(self, emails: Iterable[str], since: datetime | None = None) -> dict[str, Party] | Failed:
        """By canonical address; of several parties with one address the oldest. With `since`, also who edited what from then on."""
        asked = {canonical_email(email) for email in emails}
        wanted = ["OR", *(["value", "ilike", email] for email in sorted(asked))]
        found = self._rpc.ask(
            "party.contact_mechanism.search_read", [["type", "=", "email"], wanted], 0, None, [["id", "ASC"]], ["party", "value"]
        )
        if not isinstance(found, Said):
            return found
        owners: dict[str, int] = {}
        for row in found.value:
            email = canonical_email(row["value"] or "")
            owners[email] = min(owners.get(email, row["party"]), row["party"])
        owners = {email: party for email, party in owners.items() if email in asked}
        known = self.by_id(list(owners.values()))
        if not isinstance(known, dict):
            return known
        people = {email: known[party] for email, party in owners.items() if party in known}
        return self._with_edits(people, since) if since is not None and people else people

    def by_id(self, ids: Sequence[int]) -> dict[int, Party] | Failed:
        """Parties by number; those that are gone are absent."""
        extra = list(self._fields.theirs_by_ours.values())
        found = self._rpc.ask("party.party.search_read", [["id", "in", list(ids)]], 0, None, None, [*_HELD, *extra])
        return {row["id"]: self._party(row) for row in found.value} if isinstance(found, Said) else found

    def with_code(self, email: str) -> int | Failed | None:
        """The party that bears the code which we give to this address, retired ones among them."""
        found = self._rpc.ask("party.party.search", [["code", "=", code_of(email)]], 0, 1, None, context={"active_test": False})
        return next(iter(found.value), None) if isinstance(found, Said) else found

    def _party(self, row: Mapping[str, Any]) -> Party:
        categories = row.get("categories.") or []
        stage = next((one["name"] for one in categories if _parent(one) == self._stages), "")
        tags = sorted(one["name"] for one in categories if _parent(one) != self._stages and one["name"] != self._stages)
        emails = [one["value"] for one in row.get("contact_mechanisms.") or [] if one["type"] == "email"]
        language = (row.get("lang.") or {}).get("code", "")
        facts = {**self._fields.ours(row), "name": row["name"] or "", "language": language, "stage": stage, "tags": tags}
        ids = {one["name"]: one["id"] for one in categories}
        return Party(row["id"], canonical_email(emails[0]) if emails else "", facts, ids, row["_timestamp"])

    def _with_edits(self, people: dict[str, Party], since: datetime) -> dict[str, Party] | Failed:
        resources = [party.resource for party in people.values()]
        asked = [
            ["resource", "in", resources],
            ["event", "=", "write"],
            ["user", "!=", self._rpc.user],
            ["create_date", ">=", moment(since)],
        ]
        log = self._rpc.ask("ir.model.log.search_read", asked, 0, None, [["id", "ASC"]], ["resource", "target", "create_date"])
        if not isinstance(log, Said):
            return log
        edited: dict[str, dict[str, datetime]] = {}
        for row in log.value:
            edited.setdefault(row["resource"], {}).update(dict.fromkeys(row["target"].split(","), row["create_date"]))
        return {
            email: Party(one.id, one.email, one.facts, one.categories, one.timestamp, edited.get(one.resource, {}))
            for email, one in people.items()
        }


def code_of(email: str) -> str:
    """The code of the party that we make for an address. Tryton keeps codes unique: so two workers can't make two."""
    return f"offswitch-{blake2b(email.encode(), digest_size=8).hexdigest()}"


def theirs(name: str, fields: Fields) -> str:
    """Where Tryton keeps a fact; "" where it has no place for it."""
    return {"name": "name", "language": LANGUAGE, "stage": CATEGORIES, "tags": CATEGORIES}.get(name) or fields.theirs_by_ours.get(name, "")


def _parent(category: Mapping[str, Any]) -> str:
    return str((category.get("parent.") or {}).get("name", ""))


def long_ago() -> datetime:
    """Before anything happened."""
    return datetime(2000, 1, 1, tzinfo=UTC)
