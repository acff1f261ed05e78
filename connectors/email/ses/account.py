"""What `offswitch doctor` sees of an account at Amazon SES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from connectors.http import Answer, Body, Rejected, Result, as_json
from connectors.http.finding import unanswered
from offswitch.model.finding import Finding, Level

Read = Callable[[str, str, Body], Result]  # method, path, body
_SCARCE = 0.1  # of the daily quota
_KEY = "give the user ses:SendEmail, ses:GetAccount and ses:ListEmailIdentities, and set OFFSWITCH_SES_ACCESS_KEY and _SECRET_KEY"
_DOMAIN = "verify the domain of your sender in SES > Identities, in this region"


def findings(read: Read, per_second: float, configuration_set: str) -> Iterator[Finding]:
    """The account, its quota and rate, its domains, and the configuration set (API v2: GetAccount, ListEmailIdentities, …)."""
    about = "the account at SES"
    asked = read("GET", "/v2/email/account", Body())
    if not isinstance(asked, Answer):
        yield unanswered(about, asked, _KEY)
        return
    yield _account(about, asked.json)
    yield from _quota(_field(asked.json, "SendQuota"), per_second)
    yield _identities(read("POST", "/v2/email/list-identities", as_json({"PageSize": 100})))
    if configuration_set:
        yield _events(read("GET", f"/v2/email/configuration-sets/{quote(configuration_set, safe='')}", Body()))
    else:
        todo = "make one that publishes events to SNS, and name it in OFFSWITCH_SES_CONFIGURATION_SET"
        yield Finding("the events of SES", Level.ADVICE, "no configuration set is named: bounces and complaints will not be heard of", todo)


def _account(about: str, told: Any) -> Finding:
    status = _field(told, "EnforcementStatus")
    if _field(told, "SendingEnabled") is not True:
        return Finding(about, Level.TROUBLE, "sending is paused", "see Account dashboard in SES, and AWS's e-mails about it")
    if _field(told, "ProductionAccessEnabled") is not True:
        return Finding(about, Level.TROUBLE, "it is in the sandbox: only verified people get mail", "request production access in SES")
    if status not in (None, "HEALTHY"):
        return Finding(about, Level.ADVICE, f"AWS looks at it: {status}", "find out why people complain or mail bounces")
    return Finding(about, Level.FINE, "it may send to everybody")


def _quota(quota: Any, per_second: float) -> Iterator[Finding]:
    most, sent, rate = (_field(quota, name) for name in ("Max24HourSend", "SentLast24Hours", "MaxSendRate"))
    if _number(most) and _number(sent):
        left, todo = max(most - sent, 0), "ask AWS for a higher sending quota"
        said = "there is no daily quota" if most < 0 else f"{left:,.0f} of {most:,.0f} letters are left of the last 24 hours"
        scarce = most >= 0 and left < most * _SCARCE
        yield Finding("the quota at SES", Level.ADVICE if scarce else Level.FINE, said, todo if scarce else "")
    if _number(rate):
        said = f"{rate:g} letters a second; OFFSWITCH_SES_PER_SECOND is {per_second:g}"
        level = Level.FINE if rate == per_second else Level.ADVICE
        yield Finding("the rate at SES", level, said, "" if level is Level.FINE else f"set OFFSWITCH_SES_PER_SECOND to {rate:g}")


def _identities(asked: Result) -> Finding:
    about = "the domain at SES"
    if not isinstance(asked, Answer):
        if isinstance(asked, Rejected):
            return Finding(about, Level.UNKNOWN, "the user may not ask for it", "give it ses:ListEmailIdentities")
        return unanswered(about, asked, _KEY)
    listed = _field(asked.json, "EmailIdentities")
    domains = [each for each in listed if _field(each, "IdentityType") == "DOMAIN"] if isinstance(listed, list) else []
    good = [str(_field(each, "IdentityName")) for each in domains if _field(each, "VerificationStatus") == "SUCCESS"]
    if not good:
        return Finding(about, Level.TROUBLE, "no domain is verified in this region", _DOMAIN)
    return Finding(about, Level.FINE, f"verified: {', '.join(good)}")


def _events(asked: Result) -> Finding:
    about = "the configuration set at SES"
    if isinstance(asked, Answer):
        if _field(_field(asked.json, "SendingOptions"), "SendingEnabled") is False:
            return Finding(about, Level.TROUBLE, "sending is paused for it", "see its reputation in SES")
        return Finding(about, Level.FINE, "it is there")
    if isinstance(asked, Rejected) and asked.answer and asked.answer.status == 404:
        return Finding(about, Level.TROUBLE, "there is none of this name in this region", "see OFFSWITCH_SES_CONFIGURATION_SET")
    return Finding(about, Level.UNKNOWN, "the user may not ask for it", "give it ses:GetConfigurationSet")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
