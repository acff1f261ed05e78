"""Mail through Amazon SES (API v2), one letter a call, several calls at a time. It keeps no key: a lost answer stays a doubt."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from connectors.email.ses.account import findings
from connectors.email.ses.signature import Signature
from connectors.http import Again, Answer, Body, Client, HttpSettings, Rejected, Request, Result, Service, in_batches
from connectors.letters.key_tag import tag
from connectors.letters.written import as_letters, unfit, written
from connectors.settings import connected
from connectors.side_by_side import side_by_side
from offswitch.act.ports import Order
from offswitch.errors import Permanent
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes, wire_address
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

_TAG = 256
TOO_MANY = 429
_HOUR = 3600.0  # seconds; the quota is of the last 24 hours, so that some of it comes back every hour
# What SES says of an address that can't be one; what else is bad about a request is bad for everybody.
_BAD_ADDRESS = re.compile(
    r"illegal address|local address|final '@|domain (?:contains|starts|ends|name)|invalid.{0,20}address", re.IGNORECASE
)
_CAUSES = {  # docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    "MessageRejected": "verify the sender's domain, and ask AWS to take the account out of the sandbox",
    "MailFromDomainNotVerifiedException": "the MAIL FROM domain has no MX record that SES can read",
    "AccountSuspendedException": "AWS has closed the account for sending: answer its e-mails about it",
    "SendingPausedException": "sending is paused for the account or the configuration set: see Account dashboard in SES",
    "NotFoundException": "there is no such configuration set in this region: see OFFSWITCH_SES_CONFIGURATION_SET",
}


def _hold(answer: Answer) -> float | None:
    """The quota of a day is used up: SES says so by two names."""
    error, daily = _error(answer), answer.status == TOO_MANY and "daily" in _words(answer).lower()
    return _HOUR if daily or error == "LimitExceededException" else None


SERVICE = Service("ses", hold=_hold)


class SesSettings(HttpSettings):
    """Where and as whom. `region` makes the address, unless `base_url` is given (VPC, FIPS, China).

    `per_second` is the account's sending rate, which `offswitch doctor` tells. So many `connections` are used at once.
    `session_token` goes with temporary credentials. Events come only with a `configuration_set` that publishes them;
    one that publishes opens or clicks adds a picture or leads links through AWS, which changes the letter that was approved.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SES_")

    region: str = "us-east-1"
    base_url: str = ""
    access_key: SecretStr
    secret_key: SecretStr
    session_token: SecretStr = SecretStr("")
    configuration_set: str = ""
    per_second: float = Field(default=14, gt=0)
    connections: int = Field(default=8, ge=1, le=20)

    @model_validator(mode="before")
    @classmethod
    def _address_of_the_region(cls, values: dict[str, Any]) -> dict[str, Any]:
        region = values.get("region") or cls.model_fields["region"].default
        return {"base_url": f"https://email.{region}.amazonaws.com", **values}


def connect() -> Ses:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError, also without botocore."""
    return connected(SesSettings, Ses)


class Ses:
    """Letters over https as our own MIME, so that SES adds nothing but its Message-ID, which replaces ours.

    The send-once key is a tag of the message, which every event of SES shows again.
    """

    name = "ses"
    guarantee = Guarantee.NONE
    limits = "1 letter a call, OFFSWITCH_SES_PER_SECOND calls a second, OFFSWITCH_SES_CONNECTIONS at once"

    def __init__(self, settings: SesSettings) -> None:
        self._settings = settings
        self._signature = Signature(settings.region, settings.access_key, settings.secret_key, settings.session_token)
        self._client = Client(replace(SERVICE, calls=settings.per_second, seconds=1), settings)

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, several at a time. Receipts come in the order of the orders, each as soon as those before it are known."""
        made = written(orders, self._email)
        return side_by_side(orders, self._settings.connections, partial(self._one, made))

    def look_up(self, key: str) -> Receipt | None:
        """Always None: SES can't be asked for a tag. What became of a letter comes as an event."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """Are the credentials good, is the account out of the sandbox, what is left of its quota, is a domain verified?"""
        yield from findings(self._read, self._settings.per_second, self._settings.configuration_set)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _read(self, method: str, path: str, body: Body) -> Result:
        return self._client.call(Request(method, path, body, Again.READ, headers=self._signed(method, path, body)))

    def _signed(self, method: str, path: str, body: Body) -> dict[str, str]:
        return self._signature.headers(method, self._settings.base_url + path, body)

    def _one(self, made: Mapping[str, Any], order: Order[Letter]) -> Receipt:
        return next(in_batches([order], 1, unfit(made), partial(self._call, made), _parts))

    def _call(self, made: Mapping[str, Any], orders: Sequence[Order[Letter]]) -> Result:
        path, body = "/v2/email/outbound-emails", as_letters(made[orders[0].permit.key])
        request = Request("POST", path, body, headers=self._signed("POST", path, body), theirs=frozenset())
        return _meant(self._client.call(request, [orders[0].permit]))

    def _email(self, order: Order[Letter]) -> dict[str, Any]:
        """One letter as SES wants it. Raises Permanent."""
        letter = order.payload
        to = wire_address(letter.to, "contact")
        if not to.isascii():  # SES has no SMTPUTF8
            raise Permanent("SES can't carry the letters of the recipient's address")
        told: dict[str, Any] = {
            "Content": {"Raw": {"Data": b64encode(to_bytes(letter, date=datetime.now(UTC))).decode("ascii")}},
            "Destination": {"ToAddresses": [to]},
            "EmailTags": [{"Name": "send_once_key", "Value": tag(order.permit.key, _TAG)}],
        }
        return told | ({"ConfigurationSetName": name} if (name := self._settings.configuration_set) else {})


def _meant(result: Result) -> Result:
    """What the name of the error adds to the status."""
    if not isinstance(result, Rejected) or result.answer is None:
        return result
    error = _error(result.answer)
    if error == "BadRequestException" and _BAD_ADDRESS.search(_words(result.answer)):
        return result.answer
    cause = _CAUSES.get(error, "check the credentials and the request")
    return replace(result, why=f"the provider answered {result.answer.status} {error}: {cause}") if error else result


def _parts(answer: Answer, orders: Sequence[Order[Letter]]) -> list[Receipt]:
    key = orders[0].permit.key
    if answer.status >= 400:
        return [Receipt(key, Outcome.REJECTED, "SES does not take the recipient's address", address_refused=True)]
    reference = _field(answer.json, "MessageId")
    if not isinstance(reference, str):
        return [Receipt(key, Outcome.UNKNOWN, "the answer names no id of this letter")]
    return [Receipt(key, Outcome.PERFORMED, "SES has it", reference)]


def _error(answer: Answer) -> str:
    """The short name of an AWS error: in a header, or in the body of older services in front."""
    named = answer.headers.get("x-amzn-errortype") or str(_field(answer.json, "__type") or "")
    name = named.partition(":")[0].rpartition("#")[2]
    return name if name.isascii() and name.isalnum() else ""


def _words(answer: Answer) -> str:
    return str(_field(answer.json, "message") or _field(answer.json, "Message") or "")


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
