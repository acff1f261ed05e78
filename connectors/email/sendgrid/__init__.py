"""Mail through SendGrid (Web API v3, Mail Send), many letters a call. It keeps no key: a lost answer leaves the whole call in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.email.sendgrid.batch import MOST, groups, message, personal
from connectors.http import Again, Answer, Client, HttpSettings, Rejected, Request, Result, Service, in_batches
from connectors.http.finding import unanswered
from connectors.letters.written import as_letters, unfit, written
from connectors.settings import connected
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

ACCEPTED, BAD, TOO_LARGE = 202, 400, 413
_DENIED = frozenset({401, 403})
_HOUR = 3600.0  # seconds
_KEY = "make a key with the permission Mail Send in Settings > API Keys, and set OFFSWITCH_SENDGRID_API_KEY"
_SENDER = "authenticate your domain in Settings > Sender Authentication"


def _hold(answer: Answer) -> float | None:
    """A plan's daily or monthly amount is used up, which SendGrid says with the status of a wrong key."""
    used_up = answer.status in _DENIED and any("credits exceeded" in str(_field(each, "message", "")) for each in _errors(answer))
    return _HOUR if used_up else None


SERVICE = Service("sendgrid", calls=10_000, seconds=1, hold=_hold)  # what Mail Send allows; other calls are few


class SendgridSettings(HttpSettings):
    """Where and as whom. `base_url` is https://api.eu.sendgrid.com for subusers in the EU.

    `track_clicks` lets SendGrid lead links in the HTML through its own server, `track_opens` adds a picture. Both change the
    letter that was approved, so they are off; the unsubscribe link of the header stays ours either way.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SENDGRID_")

    base_url: str = "https://api.sendgrid.com"
    api_key: SecretStr
    track_clicks: bool = False
    track_opens: bool = False


def connect() -> Sendgrid:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(SendgridSettings, Sendgrid)


class Sendgrid:
    """Letters over https. Nothing of the account's own, neither footer nor unsubscribe link, is added to them."""

    name = "sendgrid"
    guarantee = Guarantee.NONE
    limits = f"{MOST} letters a call, 10000 calls a second"

    def __init__(self, settings: SendgridSettings) -> None:
        self._settings = settings
        self._client = Client(SERVICE, settings, self._headers)
        self._as_written = {
            "mail_settings": {"footer": {"enable": False}},
            "tracking_settings": {
                "click_tracking": {"enable": settings.track_clicks, "enable_text": False},
                "open_tracking": {"enable": settings.track_opens},
                "subscription_tracking": {"enable": False},  # else SendGrid adds a link that we never hear of
                "ganalytics": {"enable": False},
            },
        }

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send those that go together in one call. Receipts stand in the order of the orders."""
        people = written(orders, lambda order: personal(order.payload, shown(order.permit.key)))
        misfit, call = unfit(people), partial(self._call, people)
        known: dict[int, Receipt] = {}
        told = 0
        for places in groups([order.payload for order in orders]):
            receipts = in_batches([orders[place] for place in places], MOST, misfit, call, _parts)
            known.update(zip(places, receipts, strict=True))
            while told in known:
                yield known.pop(told)
                told += 1

    def look_up(self, key: str) -> Receipt | None:
        """Always None: what SendGrid did with a message comes as an event."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """May the key send, and is the sender known?"""
        scopes = self._client.call(Request("GET", "/v3/scopes", again=Again.READ))
        if not isinstance(scopes, Answer):
            yield unanswered("the key for SendGrid", scopes, _KEY)
            return
        if "mail.send" in _field(scopes.json, "scopes", []):
            yield Finding("the key for SendGrid", Level.FINE, "it may send mail")
        else:
            yield Finding("the key for SendGrid", Level.TROUBLE, "it may not send mail", _KEY)
        left, most = (scopes.headers.get(f"x-ratelimit-{name}") for name in ("remaining", "limit"))
        if left and most:
            yield Finding("the limit of SendGrid", Level.FINE, f"{left} of {most} calls are left in this period")
        yield self._sender()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.api_key.get_secret_value()}"}

    def _call(self, people: Mapping[str, Any], orders: Sequence[Order[Letter]]) -> Result:
        told = message([order.payload for order in orders], [people[order.permit.key] for order in orders], self._as_written)
        request = Request("POST", "/v3/mail/send", as_letters(told), expects="nothing", theirs=frozenset({BAD, TOO_LARGE}))
        result = self._client.call(request, [order.permit for order in orders])
        if isinstance(result, Rejected) and result.fault == "contact" and not _about_a_person(result.answer):
            return replace(result, fault="system")
        return result

    def _sender(self) -> Finding:
        about = "the sender at SendGrid"
        steps = self._client.call(Request("GET", "/v3/verified_senders/steps_completed", again=Again.READ))
        done = _field(steps.json, "results", None) if isinstance(steps, Answer) else None
        if not isinstance(done, dict):
            return Finding(about, Level.UNKNOWN, "the key may not ask whether the sender is verified", _SENDER)
        if done.get("domain_verified"):
            return Finding(about, Level.FINE, "a domain is authenticated")
        if done.get("sender_verified"):
            return Finding(about, Level.ADVICE, "one address is verified, but no domain: DMARC will not pass", _SENDER)
        return Finding(about, Level.TROUBLE, "neither a domain nor an address is verified", _SENDER)


def _parts(answer: Answer, orders: Sequence[Order[Letter]]) -> list[Receipt]:
    why = f"the provider answered {answer.status}"
    outcome = Outcome.PERFORMED if answer.status == ACCEPTED else Outcome.UNKNOWN
    reference = answer.headers.get("x-message-id", "")
    return [Receipt(order.permit.key, outcome, why, reference or order.payload.message_id) for order in orders]


def _about_a_person(answer: Answer | None) -> bool:
    """Does the refusal name one letter of the call? `field` is personalizations.3.to.0.email, for instance."""
    if answer is None or answer.status == TOO_LARGE:
        return True
    fields = [str(_field(error, "field", "") or "") for error in _errors(answer)]
    return not any(fields) or any(field.startswith("personalizations") for field in fields)


def _errors(answer: Answer) -> list[Any]:
    found = _field(answer.json, "errors", [])
    return found if isinstance(found, list) else []


def _field(value: Any, name: str, default: Any) -> Any:
    return value.get(name, default) if isinstance(value, dict) else default
