"""Mail through Resend, many letters a call. It keeps the key of a call for 24 hours and does the same call only once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.http import (
    Again,
    Answer,
    Client,
    HttpSettings,
    Rejected,
    Request,
    Result,
    Service,
    Unknown,
    in_batches,
)
from connectors.http.finding import unanswered
from connectors.letters.key_tag import tag
from connectors.letters.written import as_letters, mailbox, sender_of, unfit, written
from connectors.settings import connected
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, own_headers, wire_address
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

MOST = 100  # letters a call
IN_USE = 409
_TAG = 256
_HOLD = {"daily_quota_exceeded": 4 * 3600.0, "monthly_quota_exceeded": 86_400.0}  # seconds
_KEY = "make a key in Resend > API Keys that may send, and set OFFSWITCH_RESEND_API_KEY"
_DOMAIN = "add the domain of your sender in Resend > Domains and set the DNS records that it shows"


def _hold(answer: Answer) -> float | None:
    return _HOLD.get(str(_field(answer.json, "name")))


SERVICE = Service("resend", calls=2, seconds=1, hold=_hold)  # a team's; newer documents say 5, and with batches 2 are plenty


class ResendSettings(HttpSettings):
    """Where and as whom. A key that may only send is enough; then `offswitch doctor` can't see the domains."""

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_RESEND_")

    base_url: str = "https://api.resend.com"
    api_key: SecretStr


def connect() -> Resend:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(ResendSettings, Resend)


class Resend:
    """Letters over https, always by POST /emails/batch: 50 single calls at 2 a second would outlive the permits of a window.

    The key of a call is made of the letters' keys, so that the same letters are the same call: what this client repeats
    after a lost answer is done once. A letter alone has its own key. What stays unknown after that is not repeated: together
    with other letters it would be another call (resend.com/docs/dashboard/emails/idempotency-keys).
    """

    name = "resend"
    guarantee = Guarantee.NATIVE_KEY
    limits = f"{MOST} letters a call, 2 calls a second; the key of a call is kept for 24 hours"

    def __init__(self, settings: ResendSettings) -> None:
        self._settings = settings
        self._client = Client(SERVICE, settings, self._headers)

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order. One address that Resend doesn't take keeps no other letter back."""
        made = written(orders, _email)
        yield from in_batches(orders, MOST, unfit(made), partial(self._call, made), _parts)

    def look_up(self, key: str) -> Receipt | None:
        """Always None: Resend finds a letter by its own id alone. What became of it comes as an event."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """Is the key good, is there a verified domain, and how much is left?"""
        about = "the key for Resend"
        asked = self._client.call(Request("GET", "/domains", again=Again.READ))
        if not isinstance(asked, Answer):
            if isinstance(asked, Rejected) and asked.answer and _field(asked.answer.json, "name") == "restricted_api_key":
                yield Finding(about, Level.FINE, "it may send, and nothing else: the domains can't be seen with it")
            else:
                yield unanswered(about, asked, _KEY)
            return
        yield Finding(about, Level.FINE, "it is good")
        yield _domains(asked.json)
        limit = asked.headers.get("ratelimit-limit")
        if limit:
            yield Finding("the limit of Resend", Level.FINE, f"{limit} calls in each window, of {MOST} letters")

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.api_key.get_secret_value()}"}

    def _call(self, made: Mapping[str, Any], orders: Sequence[Order[Letter]]) -> Result:
        keys = [order.permit.key for order in orders]
        headers = {"Idempotency-Key": _call_key(keys), "x-batch-validation": "permissive"}
        body = as_letters([made[key] for key in keys])
        request = Request("POST", "/emails/batch", body, Again.SAFE, headers=headers, theirs=frozenset())
        return _meant(self._client.call(request, [order.permit for order in orders]))


def _email(order: Order[Letter]) -> dict[str, Any]:
    """One letter as Resend wants it. Raises Permanent."""
    letter = order.payload
    told: dict[str, Any] = {
        "from": sender_of(letter.sender_name, letter.sender),
        "to": [mailbox(letter.to_name, letter.to, "contact")],
        "subject": harmless(letter.subject),
        "text": letter.text,
        "headers": own_headers(letter),
        "tags": [{"name": "send_once_key", "value": tag(order.permit.key, _TAG)}],
    }
    if letter.html:
        told["html"] = letter.html
    if letter.reply_to:
        told["reply_to"] = [wire_address(letter.reply_to, "system")]
    return told


def _call_key(keys: Sequence[str]) -> str:
    """The same letters, the same key, in whatever order they come."""
    if len(keys) == 1:
        return tag(keys[0], _TAG)
    return "together-" + sha256("\n".join(sorted(keys)).encode("utf-8", "replace")).hexdigest()


def _meant(result: Result) -> Result:
    """The key is in use: by ourselves a moment ago, or for letters that read otherwise (resend.com/docs/api-reference/errors)."""
    if isinstance(result, Rejected) and result.answer is not None and result.answer.status == IN_USE:
        return Unknown("the provider answered 409: a call with this key went out before, or is on its way")
    return result


def _parts(answer: Answer, orders: Sequence[Order[Letter]]) -> list[Receipt]:
    """`data` has the ids of the letters that were taken, in order; `errors` the places and causes of the others."""
    taken, refused = _field(answer.json, "data"), _refused(answer.json)
    keys = [order.permit.key for order in orders]
    if not isinstance(taken, list) or len(taken) != sum(at not in refused for at in range(len(orders))):
        return [Receipt(key, Outcome.UNKNOWN, "the answer does not speak of each letter") for key in keys]
    ids = iter(taken)
    return [_refusal(key, refused[at]) if at in refused else _taken(key, next(ids)) for at, key in enumerate(keys)]


def _taken(key: str, one: Any) -> Receipt:
    reference = _field(one, "id")
    if not isinstance(reference, str):
        return Receipt(key, Outcome.UNKNOWN, "the answer names no id of this letter")
    return Receipt(key, Outcome.PERFORMED, "Resend has it", reference)


def _refusal(key: str, message: str) -> Receipt:
    """Resend names the field: the recipient's is about this person, any other one would fail for everybody."""
    if "`to`" in message or "'to'" in message:
        return Receipt(key, Outcome.REJECTED, "Resend does not take the recipient's address", address_refused=True)
    return Receipt(key, Outcome.BROKEN, "Resend does not take a field of the letter: check the sender")


def _refused(value: Any) -> dict[int, str]:
    errors = _field(value, "errors")
    found = errors if isinstance(errors, list) else []
    return {each["index"]: str(_field(each, "message")) for each in found if isinstance(_field(each, "index"), int)}


def _domains(value: Any) -> Finding:
    about = "the domain at Resend"
    listed = _field(value, "data")
    domains = listed if isinstance(listed, list) else []
    good = [str(_field(each, "name")) for each in domains if _field(each, "status") == "verified"]
    waiting = [f"{_field(each, 'name')} ({_field(each, 'status')})" for each in domains if _field(each, "status") != "verified"]
    if not good:
        return Finding(about, Level.TROUBLE, "no domain is verified" + (f": {', '.join(waiting)}" if waiting else ""), _DOMAIN)
    if waiting:
        return Finding(about, Level.ADVICE, f"{', '.join(good)} verified, but not {', '.join(waiting)}", _DOMAIN)
    tracked = [str(_field(each, "name")) for each in domains if _field(each, "click_tracking") or _field(each, "open_tracking")]
    if tracked:
        said = f"{', '.join(tracked)} has tracking, which changes links and adds a picture to what was approved"
        return Finding(about, Level.ADVICE, said, "turn it off in Resend > Domains, unless you want it")
    return Finding(about, Level.FINE, f"verified: {', '.join(good)}")


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
