"""What people change in Tryton, from its own log of who wrote which field when, and the parties that people make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.crm.tryton.parties import Parties, Party, theirs
from connectors.crm.tryton.rpc import Failed, Rpc, Said, moment
from connectors.register.fields import Fields
from connectors.register.orders import refusal
from offswitch.act.ports import Edit, Edits

_SOME = 200  # parties whose log is asked for at once: only that of parties that are named is shown to everybody
_ROW = ["resource", "target", "user", "user.name", "create_date"]
_MADE = ["create_uid", "create_uid.name", "create_date"]


def edits_since(rpc: Rpc, parties: Parties, fields: Fields, cursor: str, settled: timedelta) -> Edits:
    """Those between the cursor, an instant of Tryton's clock, and `settled` ago: what is younger may not be all there yet.

    Values are those of now. Raises ConnectorError.
    """
    known = _asked(rpc.ask("party.party.search_count", []))
    until = known.at - settled
    if not cursor:
        return Edits((), until.isoformat())
    since = datetime.fromisoformat(cursor)
    if until <= since:
        return Edits((), cursor)
    after = moment(since)
    touched = ["OR", ["write_date", ">", after], ["create_date", ">", after]]
    numbers: list[int] = _asked(rpc.ask("party.party.search", [touched], 0, None, [["id", "ASC"]])).value
    found: list[Edit] = []
    for start in range(0, len(numbers), _SOME):
        found += _of(
            rpc, parties, fields, numbers[start : start + _SOME], [["create_date", ">", after], ["create_date", "<=", moment(until)]]
        )
    return Edits(sorted(found, key=lambda edit: edit.at), until.isoformat())


def _of(rpc: Rpc, parties: Parties, fields: Fields, numbers: Sequence[int], window: list[Any]) -> list[Edit]:
    resources = ["resource", "in", [f"party.party,{number}" for number in numbers]]
    log = _asked(rpc.ask("ir.model.log.search_read", [resources, ["event", "=", "write"], *window], 0, None, [["id", "ASC"]], _ROW)).value
    made = _asked(rpc.ask("party.party.search_read", [["id", "in", list(numbers)], *window], 0, None, [["id", "ASC"]], _MADE)).value
    people = parties.by_id(numbers)
    if isinstance(people, Failed):
        raise refusal(people)
    found = [_changed(row, people.get(int(row["resource"].partition(",")[2])), fields) for row in log if row["user"] != rpc.user]
    found += [_new(row, people.get(row["id"])) for row in made if row["create_uid"] != rpc.user]
    return [edit for edit in found if edit is not None and edit.email and edit.values]


def _changed(row: Mapping[str, Any], party: Party | None, fields: Fields) -> Edit | None:
    if party is None:
        return None
    written = row["target"].split(",")
    values = {name: value for name, value in party.facts.items() if theirs(name, fields) in written}
    return Edit(f"log-{row['id']}", party.email, row["create_date"], values, _name(row, "user."))


def _new(row: Mapping[str, Any], party: Party | None) -> Edit | None:
    if party is None:
        return None
    values = {name: value for name, value in party.facts.items() if value not in ("", [])}
    return Edit(f"party-{party.id}", party.email, row["create_date"], values, _name(row, "create_uid."))


def _name(row: Mapping[str, Any], who: str) -> str:
    return str((row.get(who) or {}).get("name") or "")


def _asked(found: Said | Failed) -> Said:
    if isinstance(found, Failed):
        raise refusal(found)
    return found
