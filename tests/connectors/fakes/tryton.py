"""Tryton's JSON-RPC as its own server answers it: as much as the faults of a line need. What it does is judged by the real one."""

import json
from typing import Any

from offswitch.testing.http_server import Asked, reply

PASSWORD = "canary-password-e0f7"
TOKEN = "f" * 64


class FakeTryton:
    kind = "crm"
    name = "tryton"

    def __init__(self) -> None:
        self.parties: dict[int, dict[str, Any]] = {}
        self.notes: dict[int, dict[str, str]] = {}

    def environment(self, url: str) -> dict[str, str]:
        return {"OFFSWITCH_TRYTON_BASE_URL": f"{url}/bayan", "OFFSWITCH_TRYTON_PASSWORD": PASSWORD}

    def held(self) -> list[str]:
        return [note["message"] for note in self.notes.values()]

    def writes(self, asked: Asked) -> bool:
        return asked.path.endswith((".create", ".write", ".delete"))

    def answer(self, asked: Asked) -> bytes:
        said = asked.json
        method, params = said["method"], said["params"]
        if asked.path.partition("?")[0] != "/bayan/rpc/":
            return reply(404, b"<!doctype html>", {"Content-Type": "text/html"})
        if method == "common.db.login":
            good = params == ["offswitch", {"password": PASSWORD}]
            return reply(
                200, {"id": 1, "result": [2, TOKEN, None]} if good else {"id": 1, "error": ["LoginException", ["password", "", ""]]}
            )
        if "authorization" not in asked.headers:
            return reply(401, b"", {"Content-Type": "text/plain"})
        try:
            return reply(200, {"id": 1, "result": self._do(method.removeprefix("model."), params)})
        except KeyError as error:
            return reply(200, {"id": 1, "error": [str(error), ""]})
        except ValueError as error:
            return reply(200, {"id": 1, "error": ["UserError", [str(error), "", None]]})

    def _do(self, method: str, params: list[Any]) -> Any:
        match method, params[0]:
            case "party.contact_mechanism.search_read", [_, ["OR", *wanted]]:
                emails = [email for _, _, email in wanted]
                return [{"id": n, "party": n, "value": one["email"]} for n, one in self.parties.items() if one["email"].lower() in emails]
            case "party.party.search_read", [[_, _, numbers]]:
                return [self._row(n) for n in numbers if n in self.parties]
            case "party.party.search", [[_, _, code]]:
                return [n for n, one in self.parties.items() if one["code"] == code]
            case "party.party.create", [party]:
                return [self._make(party)]
            case "ir.model.log.search_read" | "ir.lang.search_read", _:
                return [{"id": 1, "code": "en"}] if method.startswith("ir.lang") else []
            case "ir.note.search_read", [_, ["OR", *wanted]]:
                ends = tuple(like[1:] for _, _, like in wanted)
                return [{"id": n, **note} for n, note in self.notes.items() if note["message"].endswith(ends)]
            case "ir.note.create", [note]:
                self.notes[len(self.notes) + 1] = note
                return [len(self.notes)]
        raise KeyError(method)

    def _make(self, party: dict[str, Any]) -> int:
        if any(one["code"] == party["code"] for one in self.parties.values()):
            raise ValueError("The code on party must be unique.")
        number = len(self.parties) + 1
        self.parties[number] = json.loads(json.dumps(party)) | {"email": party["contact_mechanisms"][0][1][0]["value"]}
        return number

    def _row(self, number: int) -> dict[str, Any]:
        one = self.parties[number]
        email = [{"type": "email", "value": one["email"]}]
        row = {"id": number, "name": one.get("name"), "code": one["code"], "lang.": None, "categories.": [], "_timestamp": "1.0"}
        return row | {"contact_mechanisms.": email}
