"""Amazon SES, API v2. Whether a call is signed right, AWS's own library says."""

import email
import email.policy
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from email.message import EmailMessage
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from offswitch.testing.http_server import Asked, reply

REGION, ACCESS, SECRET, SESSION = "eu-central-1", "AKIACANARY", "canary-s3cret", "canary-session"
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=(?P<who>[^,]+), SignedHeaders=(?P<headers>[^,]+), Signature=(?P<signature>[0-9a-f]{64})")
_BARE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
STATUS = {"TooManyRequestsException": 429, "NotFoundException": 404, "SignatureDoesNotMatch": 403}


class Refused(Exception):
    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class FakeSes:
    """`sent`: each message with its tags, as SES publishes them. `trouble`: the error of every send, with its words."""

    kind, name = "email", "ses"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.domains = {"example.org": "SUCCESS"}
        self.account: dict[str, Any] = {
            "SendingEnabled": True,
            "ProductionAccessEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 1000.0, "SentLast24Hours": 10.0},
        }
        self.sets = {"bayan"}
        self.trouble: tuple[str, str] | None = None
        self._ids = (f"0107019{number:09x}-eu-000000" for number in count(1))

    def environment(self, url: str) -> dict[str, str]:
        told = {"BASE_URL": url, "REGION": REGION, "ACCESS_KEY": ACCESS, "SECRET_KEY": SECRET, "SESSION_TOKEN": SESSION}
        return {f"OFFSWITCH_SES_{name}": value for name, value in {**told, "PER_SECOND": "1000", "CONFIGURATION_SET": "bayan"}.items()}

    def writes(self, asked: Asked) -> bool:
        return asked.path == "/v2/email/outbound-emails"

    def held(self) -> list[str]:
        return [json.dumps(one["tags"]) + one["raw"].decode() for one in self.sent]

    def answer(self, asked: Asked) -> bytes:
        try:
            _check_signature(asked)
            return reply(200, self._answer(asked))
        except Refused as refused:
            return reply(STATUS.get(refused.error, 400), {"message": str(refused)}, {"x-amzn-ErrorType": f"{refused.error}:http://aws/"})

    def _answer(self, asked: Asked) -> Any:
        match asked.method, asked.path.removeprefix("/v2/email/").split("/"):
            case "POST", ["outbound-emails"]:
                return {"MessageId": self._send(asked.json)}
            case "GET", ["account"]:
                return self.account
            case "POST", ["list-identities"]:
                found = {"IdentityType": "DOMAIN", "SendingEnabled": True}
                named = self.domains.items()
                return {"EmailIdentities": [found | {"IdentityName": name, "VerificationStatus": status} for name, status in named]}
            case "GET", ["configuration-sets", name] if name in self.sets:
                return {"ConfigurationSetName": name, "SendingOptions": {"SendingEnabled": True}}
        raise Refused("NotFoundException", "no such thing")

    def _send(self, told: dict[str, Any]) -> str:
        if self.trouble is not None:
            raise Refused(*self.trouble)
        if set(told) - {"Content", "Destination", "EmailTags", "ConfigurationSetName"}:
            raise Refused("BadRequestException", "unexpected field")
        if told.get("ConfigurationSetName") not in self.sets | {None}:
            raise Refused("NotFoundException", "Configuration set does not exist.")
        raw = b64decode(told["Content"]["Raw"]["Data"], validate=True)
        message = email.message_from_bytes(raw, EmailMessage, policy=email.policy.SMTP)
        (to,) = told["Destination"]["ToAddresses"]
        if not _BARE.fullmatch(to):
            raise Refused("BadRequestException", "Local address contains control or whitespace")
        if any(not _TAG.fullmatch(tag["Value"]) for tag in told["EmailTags"]):
            raise Refused("BadRequestException", "Invalid tag value")
        domain = message["From"].addresses[0].domain
        if self.domains.get(domain) != "SUCCESS":
            raise Refused("MessageRejected", f"Email address is not verified. The following identities failed the check: {domain}")
        tags = {tag["Name"]: [tag["Value"]] for tag in told["EmailTags"]}
        self.sent.append({"id": next(self._ids), "to": to, "tags": tags, "raw": raw, "message": message})
        return str(self.sent[-1]["id"])


def _check_signature(asked: Asked) -> None:
    found = _SIGNED.fullmatch(asked.headers.get("authorization", ""))
    if found is None or found["who"].split("/")[0] != ACCESS or asked.headers.get("x-amz-security-token") != SESSION:
        raise Refused("SignatureDoesNotMatch", "The security token included in the request is invalid.")
    if found["signature"] != signature_of(asked, found["headers"].split(";"), found["who"]):
        raise Refused("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")


def signature_of(asked: Asked, signed: list[str], who: str) -> str:
    headers: Mapping[str, str] = {name: asked.headers[name] for name in signed}
    url = urlsplit(asked.path)
    request = AWSRequest(asked.method, f"http://{asked.headers['host']}{url.path}", headers=headers, data=asked.body)
    request.context["timestamp"] = asked.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(ACCESS, SECRET, SESSION), "ses", who.split("/")[2])
    return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))
