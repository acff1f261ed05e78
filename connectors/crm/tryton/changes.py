"""Our changes in Tryton: a party made or brought up to date under its timestamp, notes and tasks as notes of the party."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.crm.tryton.parties import CATEGORIES, LANGUAGE, Parties, Party, code_of, long_ago, theirs
from connectors.crm.tryton.rpc import MEANWHILE, REFUSED, Failed, Rpc, Said
from connectors.http import NotSent, Rejected, Unknown, receipt
from connectors.register.fields import Fields, as_text
from connectors.register.orders import address
from offswitch.act.ports import Change, Order
from offswitch.errors import Lapsed
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome, Receipt

_ATTEMPTS = 5  # how often somebody may change the party while we do

_NO_CATEGORY = "Tryton does not let us make a category: put our user in the group Party Administration"


class Changes:
    """Writes to parties."""

    def __init__(self, rpc: Rpc, parties: Parties, fields: Fields, stages: str) -> None:
        self._rpc = rpc
        self._parties = parties
        self._fields = fields
        self._stages = stages
        self._categories: dict[tuple[str, int | None], int] = {}
        self._languages: dict[str, int] | None = None

    def write(self, order: Order[Change], party: Party | None) -> Receipt:
        """Do what the change says, to this party or to a new one; anew when somebody changes it meanwhile."""
        key, change = order.permit.key, order.payload
        homeless = [name for name in _fields_of(change) if not theirs(name, self._fields)]
        if homeless:
            words = f"Tryton has no place for {', '.join(homeless)}: name one in OFFSWITCH_TRYTON_FIELDS"
            return Receipt(key, Outcome.BROKEN, words)
        doubt: Unknown | None = None
        for _ in range(_ATTEMPTS):
            done = self._make(order) if party is None else self._update(order, party)
            again = isinstance(done, Unknown) and doubt is None  # both are once for all: by the code, by the timestamp
            doubt = done if isinstance(done, Unknown) else doubt
            if not again and not (isinstance(done, Rejected) and done.why in (MEANWHILE, REFUSED)):
                return _settled(key, done, doubt)
            found = self.found(order)
            if not isinstance(found, Party) and not (again and found is None):
                return _settled(key, found or done, doubt)
            party = found
        return _settled(key, Rejected(MEANWHILE, permanent=False), doubt)

    def found(self, order: Order[Change]) -> Party | Failed | None:
        """The party as it is now: the one with the address, else the one that another worker has just made for it."""
        email, since = address(order), order.payload.decided or long_ago()
        found = self._parties.of([email], since)
        if not isinstance(found, dict):
            return found
        if email in found:
            return found[email]
        made = self._parties.with_code(email)
        if not isinstance(made, int):
            return made
        known = self._parties.by_id([made])
        return known.get(made) if isinstance(known, dict) else known

    def _make(self, order: Order[Change]) -> Receipt | Failed:
        change, email = order.payload, address(order)
        written = self._written(change, Party(0, email, {}, {}, ""))
        if not isinstance(written, dict):
            return written
        first = {"name": change.contact.name, "lang": self._language(change.contact.language)}
        party = {**{name: value for name, value in first.items() if value}, **written, "code": code_of(email)}
        party["contact_mechanisms"] = [["create", [{"type": "email", "value": change.contact.email}]]]
        done = self._rpc.tell("party.party.create", [party], permits=[order.permit])
        return self._done(order, done)

    def _update(self, order: Order[Change], party: Party) -> Receipt | Failed:
        written = self._written(order.payload, party)
        if not isinstance(written, dict):
            return written
        contact = order.payload.contact
        if contact.name and not party.facts["name"]:
            written.setdefault("name", contact.name)
        if written and party.id:
            state = {"_timestamp": {party.resource: party.timestamp}}
            return self._done(order, self._rpc.tell("party.party.write", [party.id], written, permits=[order.permit], context=state))
        return self._nothing(order)

    def _nothing(self, order: Order[Change]) -> Receipt:
        """All is as it should be, or belongs to people."""
        try:
            order.permit.begin()
        except Lapsed as lapse:
            return Receipt(order.permit.key, Outcome.LAPSED, str(lapse))
        return Receipt(order.permit.key, Outcome.PERFORMED, "nothing is left to write", order.payload.external_id)

    def _done(self, order: Order[Change], said: Said | Failed) -> Receipt | Failed:
        return Receipt(order.permit.key, Outcome.PERFORMED, "", order.payload.external_id) if isinstance(said, Said) else said

    def _written(self, change: Change, party: Party) -> dict[str, Any] | Failed:
        """What to write, by Tryton's fields; what people own, or set since the change was decided, is left out."""
        written: dict[str, Any] = {}
        categories: list[Any] = []
        for name, value in _fields_of(change).items():
            held, there = party.facts.get(name), theirs(name, self._fields)
            if held == value or not change.wins(name, held, party.edited.get(there)):
                continue
            if there == CATEGORIES:
                moves = self._moves(name, value, party)
                if not isinstance(moves, list):
                    return moves
                categories += moves
            else:
                written[there] = self._language(as_text(value)) if there == LANGUAGE else value
        return {**written, **({CATEGORIES: categories} if categories else {})}

    def _moves(self, name: str, value: Any, party: Party) -> list[Any] | Failed:
        """Tags are added; of stages a party has one."""
        below = self._category(self._stages, None) if name == "stage" else None
        if not isinstance(below, int | None):
            return below
        words = [as_text(value)] if name == "stage" or isinstance(value, str) else [as_text(one) for one in value]
        new = [self._category(word, below) for word in words if word and word not in party.categories]
        failed = next((one for one in new if not isinstance(one, int)), None)
        if failed is not None:
            return failed
        held = str(party.facts.get("stage") or "")
        gone = [["remove", [party.categories[held]]]] if name == "stage" and held in party.categories else []
        return [*gone, *([["add", new]] if new else [])]

    def _category(self, name: str, below: int | None) -> int | Failed:
        """Its number; made where there is none. Tryton keeps names unique, so two workers can't make two."""
        for _ in range(2):
            if (name, below) in self._categories:
                return self._categories[name, below]
            found = self._rpc.ask("party.category.search", [["name", "=", name], ["parent", "=", below]], 0, 1, None)
            if not isinstance(found, Said):
                return found
            made = found if found.value else self._rpc.tell("party.category.create", [{"name": name, "parent": below}])
            if isinstance(made, Said):
                self._categories[name, below] = made.value[0]
        return self._categories.get((name, below), Rejected(_NO_CATEGORY))

    def _language(self, code: str) -> int | None:
        """Its number, None where this Tryton doesn't know the language."""
        if self._languages is None:
            found = self._rpc.ask("ir.lang.search_read", [], 0, None, None, ["code"])
            if not isinstance(found, Said):
                return None
            self._languages = {row["code"]: row["id"] for row in found.value}
        return self._languages.get(code.replace("-", "_"))


def _settled(key: str, done: Receipt | Said | Failed, doubt: Unknown | None) -> Receipt:
    """Once in doubt, only what was done at last makes it certain."""
    if isinstance(done, Receipt) and (doubt is None or done.outcome is Outcome.PERFORMED):
        return done
    if doubt is not None:
        return receipt(key, doubt)
    return done if isinstance(done, Receipt) else receipt(key, done if isinstance(done, Failed) else NotSent("nothing was done"))


def _fields_of(change: Change) -> Mapping[str, Any]:
    """The facts that a change is about; a note or a task is about none."""
    return change.values if change.kind is Kind.UPDATE else {}


def text_of(change: Change) -> str:
    """A note, or a task as a note, with the key by which it is found again."""
    values = change.values
    if change.kind is Kind.NOTE:
        return f"{values['text']}\n[{change.external_id}]"
    more = [f"{name}: {as_text(value)}" for name, value in values.items() if name != "title"]
    return "\n".join([f"☐ {values['title']}", *more, f"[{change.external_id}]"])


class Notes:
    """Notes of parties (`ir.note`). Tryton keeps nothing unique about them: whoever adds one looks again, and of two the older stays."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def write(self, order: Order[Change], party: Party) -> Receipt:
        """Add the note or task, once."""
        key, change = order.permit.key, order.payload
        doubt: Unknown | None = None
        for _ in range(2):
            there = self.there([change.external_id], party)
            if not isinstance(there, dict):
                return _settled(key, there, doubt)
            if there:
                return self._once(key, change, there)
            note = {"resource": party.resource, "message": text_of(change)}
            made = self._rpc.tell("ir.note.create", [note], permits=[order.permit])
            if isinstance(made, Said):
                found = self.there([change.external_id], party)
                return self._once(key, change, found if isinstance(found, dict) else {})
            if not isinstance(made, Unknown):
                return _settled(key, made, doubt)
            doubt = doubt or made
        there = self.there([change.external_id], party)
        if isinstance(there, dict) and there:
            return self._once(key, change, there)
        return _settled(key, NotSent("nothing was done"), doubt)

    def _once(self, key: str, change: Change, there: Mapping[str, Sequence[int]]) -> Receipt:
        """Somebody else may have written the same meanwhile: the older one stays."""
        double = there.get(change.external_id, [])[1:]
        if double:
            self._rpc.tell("ir.note.delete", double)
        return Receipt(key, Outcome.PERFORMED, "", change.external_id)

    def there(self, external_ids: Sequence[str], party: Party | None = None) -> dict[str, list[int]] | Failed:
        """The notes that bear these keys, oldest first. Without a party only an administrator may ask."""
        wanted = ["OR", *(["message", "like", f"%[{one}]"] for one in external_ids)]
        where = [["resource", "=", party.resource]] if party else []
        found = self._rpc.ask("ir.note.search_read", [*where, wanted], 0, None, [["id", "ASC"]], ["message"])
        if not isinstance(found, Said):
            return found
        by_key: dict[str, list[int]] = {}
        for row in found.value:
            key = row["message"].rstrip().rpartition("\n")[2].strip("[]")
            if key in external_ids:
                by_key.setdefault(key, []).append(row["id"])
        return by_key
