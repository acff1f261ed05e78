"""The HubSpot account and the private app by whose token we are there: who we are, what we may, how much is left of the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from connectors.http import Again, Answer, Busy, Client, Rejected, Request, as_json
from connectors.register.orders import Failed
from offswitch.model.finding import Finding, Level

SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")  # notes and tasks need no others
KEY = "offswitch_key"
DAILY = 3 * 3600.0  # seconds; the daily limit is full again at midnight of the account, and calls until then only count as errors
SECONDLY = 10.0  # the window of the other limit


def hold(answer: Answer) -> float | None:
    """Seconds to be quiet for, by the name of the limit that is used up; None where HubSpot says itself how long."""
    limit = answer.json.get("policyName") if answer.status == 429 and isinstance(answer.json, dict) else None
    if limit == "DAILY":
        return DAILY
    return SECONDLY if limit and "retry-after" not in answer.headers else None


def key_property(group: str) -> dict[str, Any]:
    """What makes a note or a task one thing however often it is written: HubSpot refuses the same value twice."""
    return {
        "name": KEY,
        "label": "Offswitch key",
        "description": "Offswitch writes each line once by this. Leave it alone.",
        "groupName": group,
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
        "formField": False,
        "hidden": True,
    }


class Account:
    """What is asked once and remembered as long as the connector lives."""

    def __init__(self, client: Client, token: SecretStr, app: str, *, makes: bool) -> None:
        self._client = client
        self._token = token
        self._makes = makes
        self._app = app
        self._ready: set[str] = set()

    def app(self) -> str | Failed:
        """The id by which HubSpot's history names our writes."""
        if not self._app:
            told = self._token_info()
            if not isinstance(told, dict):
                return told
            self._app = str(told.get("appId", ""))
        return self._app

    def ready(self, kind: str) -> Failed | None:
        """None when records of this kind can be written once. Makes the property where that is allowed."""
        if kind in self._ready:
            return None
        found = self._property(kind)
        if _is_missing(found) and self._makes:
            found = self._make(kind)
        if _is_missing(found):
            return Rejected(f"HubSpot has no property {KEY} for {kind}, by which each is written once: see `offswitch doctor`")
        if not isinstance(found, dict):
            return found
        if found.get("hasUniqueValue") is not True:
            return Rejected(f"HubSpot's property {KEY} for {kind} does not ask for unique values: delete it and let it be made anew")
        self._ready.add(kind)
        return None

    def diagnose(self, fields: Sequence[str]) -> Iterator[Finding]:
        """The token, its scopes, the day's calls, the properties of contacts, and the one that makes lines unique."""
        told = self._token_info()
        if not isinstance(told, dict):
            yield Finding("hubspot token", _level(told), told.why, "make a token of a private app, and set OFFSWITCH_HUBSPOT_TOKEN")
            return
        lacking = [scope for scope in SCOPES if scope not in (told.get("scopes") or ())]
        yield (
            Finding("hubspot token", Level.TROUBLE, f"lacks {', '.join(lacking)}", "add them to the private app's scopes")
            if lacking
            else Finding("hubspot token", Level.FINE, "good, with the scopes that are needed")
        )
        yield self._usage()
        lacking = [name for name in fields if _is_missing(self._property("contacts", name))]
        if lacking:
            todo = "make them in HubSpot's settings, or change OFFSWITCH_HUBSPOT_FIELDS"
            yield Finding("hubspot contacts", Level.TROUBLE, f"there is no property {', '.join(lacking)}", todo)
        for kind in ("notes", "tasks"):
            yield _of_property(kind, self._property(kind))

    def _token_info(self) -> dict[str, Any] | Failed:
        body = as_json({"tokenKey": self._token.get_secret_value()})
        return _told(self._client.call(Request("POST", "/oauth/v2/private-apps/get/access-token-info", body, Again.READ)))

    def _property(self, kind: str, name: str = KEY) -> dict[str, Any] | Failed:
        return _told(self._client.call(Request("GET", f"/crm/v3/properties/{kind}/{name}", again=Again.READ)))

    def _make(self, kind: str) -> dict[str, Any] | Failed:
        neighbour = self._property(kind, "hs_timestamp")  # the group where properties of this kind live
        if not isinstance(neighbour, dict):
            return neighbour
        definition = as_json(key_property(str(neighbour.get("groupName", ""))))
        made = self._client.call(Request("POST", f"/crm/v3/properties/{kind}", definition, Again.SAFE))
        clash = isinstance(made, Rejected) and made.answer is not None and made.answer.status == 409  # another worker was faster
        return self._property(kind) if clash else _told(made)

    def _usage(self) -> Finding:
        told = _told(self._client.call(Request("GET", "/account-info/v3/api-usage/daily/private-apps", again=Again.READ)))
        if not isinstance(told, dict):
            return Finding("hubspot calls", Level.UNKNOWN, told.why)
        most, used = _usage_of(told)
        if not most:
            return Finding("hubspot calls", Level.UNKNOWN, "HubSpot does not tell how many are left today")
        said = f"{max(most - used, 0):,} of {most:,} are left today"
        if used >= most:
            return Finding("hubspot calls", Level.TROUBLE, said, "wait for midnight of the account; writes are held, none is lost")
        return Finding("hubspot calls", Level.ADVICE if used > 0.8 * most else Level.FINE, said)


def _of_property(kind: str, found: Mapping[str, Any] | Failed) -> Finding:
    about = f"hubspot {kind}"
    todo = "set OFFSWITCH_HUBSPOT_MAKE_PROPERTIES=true for one run, or make it yourself: a text property with unique values"
    if isinstance(found, Mapping):
        if found.get("hasUniqueValue") is True:
            return Finding(about, Level.FINE, f"property {KEY} has unique values")
        return Finding(about, Level.TROUBLE, f"property {KEY} takes the same value twice", f"delete it, then {todo}")
    if _is_missing(found):
        return Finding(about, Level.TROUBLE, f"there is no property {KEY}, so that none can be written", todo)
    return Finding(about, _level(found), found.why)


def _is_missing(found: Mapping[str, Any] | Failed) -> bool:
    return isinstance(found, Rejected) and found.answer is not None and found.answer.status == 404


def _usage_of(told: Mapping[str, Any]) -> tuple[int, int]:
    rows = [row for row in told.get("results") or () if isinstance(row, dict)]
    pairs = [(int(row.get("usageLimit") or 0), int(row.get("currentUsage") or 0)) for row in rows]
    return max(pairs, key=lambda pair: pair[1] / pair[0] if pair[0] else 0.0, default=(0, 0))


def _level(result: Failed) -> Level:
    return Level.UNKNOWN if isinstance(result, Busy) or not isinstance(result, Rejected) else Level.TROUBLE


def _told(result: Answer | Failed) -> dict[str, Any] | Failed:
    if not isinstance(result, Answer):
        return result
    return result.json if isinstance(result.json, dict) else Rejected("HubSpot's answer is not what it documents")
