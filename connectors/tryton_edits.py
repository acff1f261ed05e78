"""What people change in Tryton, from its own log of who wrote which field when, and the parties that people make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.crm_fields import Fields
from connectors.crm_orders import refusal
from connectors.tryton_parties import Parties, Party, theirs
from connectors.tryton_rpc import Failed, Rpc, Said, moment
from offswitch.act.ports import Edit, Edits

_PAGE = 100
_LOG, _PARTIES = "ir.model.log", "party.party"


def edits_since(rpc: Rpc, parties: Parties, fields: Fields, cursor: str, settled: timedelta) -> Edits:
    """The next ones. What is younger than `settled` waits: an older one may still be on its way. Raises ConnectorError."""
    before = moment(datetime.now(UTC) - settled)
    if not cursor:
        return Edits((), f"{_newest(rpc, _LOG)}:{_newest(rpc, _PARTIES)}")
    last, _, newest = cursor.partition(":")
    written = [["event", "=", "write"], ["resource", "like", f"{_PARTIES},%"]]
    log = _rows(rpc, _LOG, last, before, written, ["resource", "target", "user", "user.name", "create_date"])
    made = _rows(rpc, _PARTIES, newest, before, [], ["create_uid", "create_uid.name", "create_date"])
    changed = [(int(row["resource"].partition(",")[2]), row) for row in log if row["user"] != rpc.user]
    new = [row for row in made if row["create_uid"] != rpc.user]
    people = _or_raise(parties.by_id(sorted({number for number, _ in changed} | {row["id"] for row in new})))
    found = [
        _edit(
            f"log-{row['id']}",
            people[number],
            row,
            "user.",
            [name for name in people[number].facts if theirs(name, fields) in row["target"].split(",")],
        )
        for number, row in changed
        if number in people
    ]
    found += [
        _edit(f"party-{row['id']}", people[row["id"]], row, "create_uid.", list(people[row["id"]].facts))
        for row in new
        if row["id"] in people
    ]
    cursor = f"{log[-1]['id'] if log else last}:{made[-1]['id'] if made else newest}"
    some = [edit for edit in found if edit.values and edit.email]
    return Edits(sorted(some, key=lambda edit: edit.at), cursor, more=_PAGE in (len(log), len(made)))


def _edit(name: str, party: Party, row: dict[str, Any], who: str, names: Sequence[str]) -> Edit:
    values = {one: party.facts[one] for one in names}
    return Edit(name, party.email, row["create_date"], values, str((row.get(who) or {}).get("name") or ""))


def _newest(rpc: Rpc, model: str) -> int:
    found = _or_raise(rpc.ask(f"{model}.search", [], 0, 1, [["id", "DESC"]], context={"active_test": False}))
    return int(found.value[0]) if found.value else 0


def _rows(rpc: Rpc, model: str, after: str, before: dict[str, Any], domain: list[Any], names: list[str]) -> list[dict[str, Any]]:
    wanted = [["id", ">", int(after)], ["create_date", "<=", before], *domain]
    found: list[dict[str, Any]] = _or_raise(rpc.ask(f"{model}.search_read", wanted, 0, _PAGE, [["id", "ASC"]], names)).value
    return found


def _or_raise(found: Any) -> Any:
    if isinstance(found, Failed):
        raise refusal(found)
    assert isinstance(found, Said | dict)
    return found
