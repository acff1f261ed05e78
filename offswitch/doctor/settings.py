"""Variables: which are missing, which look like nobody filled them in, and who can read them."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from offswitch.model.finding import Finding, Level
from offswitch.project.catalogue import Entry

_CHOICE = {"email": "OFFSWITCH_EMAIL", "crm": "OFFSWITCH_CRM"}
_WORD = re.compile(r"(?i)(my|the|a)?[-_ ]?(secret|password|passwort|token|api[-_ ]?key|key|test(ing)?|none|null|todo|dummy|\d{1,8})")
_PART = re.compile(r"(?i)change[-_ ]?me|\byour[-_ ]|replace|example|placeholder|x{4,}|\*{3,}|\.{3}|…|<.*>")
_SECRET = re.compile(r"^OFFSWITCH_(SECRET|HOOK_SECRETS?_\w+|\w+_(SECRET|PASSWORD|TOKEN|KEY))$")


def of_connectors(entries: Iterable[Entry], used: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Is each chosen connector there, and has it what it needs?"""
    known = {(entry.kind, entry.name): entry for entry in entries}
    for kind, name in used.items():
        entry, about = known.get((kind, name)), f"{_CHOICE[kind]}={name}"
        if entry is None:
            there = ", ".join(sorted(other for its, other in known if its == kind))
            yield Finding(about, Level.TROUBLE, "there is no such connector", f"choose one of {there}")
        elif entry.trouble:
            yield Finding(about, Level.TROUBLE, f"the connector can't be used: {entry.trouble}", "mend it, or choose another one")
        elif missing := entry.missing(environment):
            yield Finding(
                about, Level.TROUBLE, f"not set: {', '.join(missing)}", "set them in the environment, in .env or in a Prefect block"
            )
        else:
            yield Finding(about, Level.FINE, "every setting that it needs is set")


def of_alerts(by_mail: bool, by_webhook: bool, email: str, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Can anybody be called? Alerts by mail go over SMTP, whatever the letters go by: they must not hang on what failed."""
    smtp = email == "smtp" or environment.get("OFFSWITCH_SMTP_HOST") or environment.get("OFFSWITCH_SMTP_BLOCK")
    if not by_mail and not by_webhook:
        yield Finding(
            "alerts", Level.ADVICE, "nobody is called when something goes wrong", "name people or a webhook under alerts in company.yaml"
        )
    elif by_mail and not smtp:
        level = Level.ADVICE if by_webhook else Level.TROUBLE
        yield Finding("alerts", level, "mail to colleagues goes over SMTP, which is not set", "set OFFSWITCH_SMTP_HOST and its sisters")
    else:
        yield Finding("alerts", Level.FINE, " and ".join(["by mail"] * by_mail + ["by webhook"] * by_webhook))


def of_secrets(entries: Iterable[Entry], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Values that nobody can have meant. They are not shown."""
    fields = {one.name for entry in entries for one in entry.variables if one.secret}
    names = sorted(name for name in environment if name in fields or _SECRET.match(name))
    doubtful = [name for name in names if looks_made_up(environment[name])]
    for name in doubtful:
        yield Finding(
            name, Level.TROUBLE, "this looks like a placeholder and not like a secret", "put in the real one, as the provider shows it"
        )
    if not doubtful:
        yield Finding("secrets", Level.FINE, f"{len(names)} are set, and none looks like a placeholder")


def looks_made_up(value: str) -> bool:
    """Does a secret look as if it came from an example? One that is kept elsewhere doesn't, nor does an empty one."""
    if not value or value.startswith("prefect:"):
        return False
    body = value.removeprefix("whsec_")
    return len(set(body)) < 4 or bool(_WORD.fullmatch(body) or _PART.search(body))


def of_file(path: Path) -> Iterator[Finding]:
    """May others on this machine read `.env`?"""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield Finding(str(path), Level.FINE, "there is none: settings come from the environment")
        return
    if mode & stat.S_IROTH:
        yield Finding(str(path), Level.TROUBLE, "everybody on this machine can read its secrets", f"chmod 600 {path}")
    elif mode & stat.S_IRGRP:
        yield Finding(str(path), Level.ADVICE, "its group can read its secrets", f"chmod 600 {path}, unless the group is meant")
    else:
        yield Finding(str(path), Level.FINE, "only its owner can read it")
