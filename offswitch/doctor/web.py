"""Can the world reach `offswitch serve`, as far as that can be told from here?"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from offswitch.doctor.clock import apart
from offswitch.model.finding import Finding, Level

_SECONDS = 4.0  # for each answer
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_HOOK = re.compile(r"OFFSWITCH_HOOK_SECRETS?_(\w+)")
_SERVE = "is `offswitch serve` running, and does the proxy before it lead there? See docs/operations.md"


def of_site(url: str, http: Any = None) -> Iterator[Finding]:
    """`url`: where unsubscribe links lead. `http` is the package that talks HTTP, by default that of the project."""
    http = http or importlib.import_module("connectors.http")
    parts = urlsplit(url)
    about = f"{parts.scheme}://{parts.netloc}"
    if parts.hostname in _HERE:
        todo = "set unsubscribe_url in company.yaml to the address by which the world reaches `offswitch serve`"
        yield Finding(about, Level.TROUBLE, "unsubscribe links lead to this machine alone: nobody else can open them", todo)
    elif parts.scheme != "https":
        yield Finding(
            about, Level.TROUBLE, "unsubscribe links are not encrypted", "set unsubscribe_url in company.yaml to an https:// address"
        )
        return
    client = http.Client(http.Service("serve", tries=1, failures=1_000_000), _settings(http, url.rstrip("/")))
    try:
        yield from _of_answer(about, client.call(http.Request("GET", "/healthz", again=http.Again.READ)), http)
    finally:
        client.close()


def _of_answer(about: str, result: Any, http: Any) -> Iterator[Finding]:
    if isinstance(result, http.Answer):
        good = isinstance(result.json, dict) and result.json.get("ok") is True
        said = "answers, with a certificate that is trusted here" if about.startswith("https") else "answers"
        yield (
            Finding(about, Level.FINE, said)
            if good
            else Finding(about, Level.TROUBLE, "something else than `offswitch serve` answers", _SERVE)
        )
        if date := result.headers.get("date"):
            yield apart(f"the clock of {about}", (_moment(date) - datetime.now(UTC)).total_seconds())
        return
    why = result.why.replace("the provider", "it", 1)
    certificate = "certificate" in why
    yield Finding(about, Level.TROUBLE, why, "renew the certificate, with its whole chain" if certificate else _SERVE)


def _moment(date: str) -> datetime:
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _settings(http: Any, url: str) -> Any:
    """With a prefix of its own, so that no variable called TIMEOUT means it."""
    kind = type("SiteSettings", (http.HttpSettings,), {"model_config": {"env_prefix": "OFFSWITCH_SITE_"}, "__module__": __name__})
    return kind(base_url=url, connect_timeout=_SECONDS, read_timeout=_SECONDS, deadline=2 * _SECONDS)


def of_hooks(sources: Iterable[str], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Which sources are taken from. What comes without a secret to judge it by is refused."""
    named = {match[1].lower() for name, value in environment.items() if value and (match := _HOOK.fullmatch(name))}
    silent = sorted(set(sources) - named)
    if named:
        yield Finding("webhooks", Level.FINE, f"with a secret, so taken: {', '.join(sorted(named))}")
    if silent:
        todo = f"to take from one, set OFFSWITCH_HOOK_SECRET_{silent[0].upper()} and the like"
        yield Finding("webhooks", Level.FINE, f"without a secret, so refused: {', '.join(silent)}", todo)
