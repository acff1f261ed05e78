"""`offswitch doctor`: is everything set up so that it can work, and what to do where it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from textwrap import wrap

import click

from offswitch.cli.check import advise, check_project
from offswitch.cli.output import answer, json_option, width
from offswitch.doctor import connector, home, ledger, mail_dns, settings, versions, web
from offswitch.doctor.answers import Answers, NameServers, Nowhere, planned
from offswitch.doctor.check import Check, look_at
from offswitch.doctor.senders import habits_of
from offswitch.errors import ConfigError, Refused
from offswitch.model.address import canonical_email
from offswitch.model.finding import Finding, Level
from offswitch.policy.schema import CompanyPolicy
from offswitch.project.catalogue import Entry, catalogue
from offswitch.project.project import Project

SCHEMA = "offswitch.doctor/1"
_WORDS = {Level.FINE: "fine", Level.ADVICE: "advice", Level.TROUBLE: "TROUBLE", Level.UNKNOWN: "unknown"}
_FIRST = " " * 10


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Ask nobody beyond this machine and its ledger.")
@click.option("--dns", "dns_file", type=click.Path(path_type=Path, dir_okay=False), help="Read DNS records from FILE: zone file or JSON.")
@json_option
def command(offline: bool, dns_file: Path | None, as_json: bool) -> None:
    """Look at everything that has to be set up, and say what to do.

    Settings, policies, ledger, clocks, versions, Prefect, connectors, the DNS
    of your sender, and whether the world reaches `serve`. Changes nothing.
    Ends with 1 when something is in trouble. Takes 10 seconds at most.
    """
    project = Project()
    servers: Answers = Nowhere() if offline else NameServers()
    answers = planned(dns_file, servers) if dns_file else servers
    checks = [*_here(project), *_beyond(project), *_mail(project, answers, asked=not offline or dns_file is not None)]
    done = [check for check in checks if not (offline and check.online)]
    found = look_at(done)
    skipped = [check.name for check in checks if check not in done]
    counts = Counter(finding.level for _, findings in found for finding in findings)
    rows = [{"check": name, **asdict(finding)} for name, findings in found for finding in findings]
    data = {
        "schema": SCHEMA,
        "at": project.clock.now(),
        "findings": rows,
        "counts": {level.value: counts[level] for level in Level},
        "skipped": skipped,
    }
    answer(data, as_json, lambda: _text(found, counts, skipped))
    if counts[Level.TROUBLE]:
        raise Refused(f"{counts[Level.TROUBLE]} in trouble")


def _here(project: Project) -> Iterator[Check]:
    """What can be seen on this machine."""
    now = project.settings
    used, entries = {"email": now.email, "crm": now.crm}, catalogue()
    yield Check("settings", lambda: settings.of_connectors(entries, used, now.environment))
    yield Check("secrets", lambda: [*settings.of_secrets(entries, now.environment), *settings.of_file(Path(".env"))])
    yield Check("policies, flows, messages", lambda: _files(project), alone=True)
    yield Check("home", lambda: [*home.of_home(now.home), *home.of_traffic(now.home)])
    yield Check("ledger", lambda: ledger.of_ledger(Project(project.settings)))
    yield Check("packages", versions.of_versions)
    folder = now.sources
    names = [path.stem for path in folder.glob("*.yaml")] if folder.is_dir() else []
    yield Check("webhooks", lambda: web.of_hooks(names, now.environment))


def _beyond(project: Project) -> Iterator[Check]:
    """What others have to answer."""
    now = project.settings
    entries = {(entry.kind, entry.name): entry for entry in catalogue()}
    for kind, name in (("email", now.email), ("crm", now.crm)):
        entry = entries.get((kind, name))
        if entry is not None and not entry.trouble and not entry.missing(now.environment):
            yield _of_connector(entry)
    if now.environment.get("PREFECT_API_URL"):
        prefixes = [entry.prefix for entry in entries.values() if entry.settings is not None]
        yield Check("Prefect", lambda: import_module("offswitch.orchestrate.health").of_prefect(prefixes), online=True)
    yield Check("serve", lambda: web.of_site(str(project.company().unsubscribe_url)), online=True)


def _of_connector(entry: Entry) -> Check:
    return Check(f"{entry.kind} {entry.name}", lambda: connector.of_connector(entry), online=True)


def _mail(project: Project, answers: Answers, *, asked: bool) -> Iterator[Check]:
    """The DNS of our mail, each look by itself. A company file that can't be used is told with the policies."""
    try:
        mail = _domains(project, project.company())
    except ConfigError:
        return
    for name, look in mail_dns.LOOKS.items():
        yield Check(name, partial(mail_dns.safely, name, look, mail, answers), online=not asked)


def _domains(project: Project, company: CompanyPolicy) -> mail_dns.Mail:
    environment, habits = project.settings.environment, habits_of(project.settings.email)
    sender, reply_to = (canonical_email(one).rpartition("@")[2] for one in (company.sender.email, company.sender.reply_to))
    usual = environment.get(habits.domain) or (f"{habits.bounces}.{sender}" if habits.bounces else sender)
    bounces = canonical_email(f"x@{environment.get('OFFSWITCH_RETURN_PATH') or usual}").rpartition("@")[2]
    selectors = environment.get("OFFSWITCH_DKIM_SELECTORS", "").replace(",", " ").split()
    return mail_dns.Mail(sender, bounces, reply_to, habits, tuple(selectors))


def _files(project: Project) -> Iterator[Finding]:
    """In short: `offswitch check` says it line by line."""
    problems, advice = check_project(project), advise(project)
    for problem in problems[:3]:
        place = replace(problem, what="", fix="")
        yield Finding(str(place).rstrip(": "), Level.TROUBLE, problem.what, problem.fix)
    if len(problems) > 3:
        yield Finding("policies, flows, messages", Level.TROUBLE, f"{len(problems) - 3} more problems", "see `offswitch check`")
    if advice:
        yield Finding("policies", Level.ADVICE, f"{len(advice)} remarks", "see `offswitch check`")
    with suppress(ConfigError):  # told above
        alerts, now = project.company().alerts, project.settings
        yield from settings.of_alerts(bool(alerts.emails), alerts.webhook is not None, now.email, now.environment)
    if not problems:
        yield Finding("flows", Level.FINE, ", ".join(sorted(project.flows.journeys)) or "none")


def _text(found: Sequence[tuple[str, Sequence[Finding]]], counts: Counter[Level], skipped: Sequence[str]) -> str:
    lines = [line for name, findings in found if findings for line in (name, *(line for finding in findings for line in _lines(finding)))]
    lines += _folded("", f"not looked at (--offline): {', '.join(skipped)}") if skipped else []
    lines.append(", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level] or level in {Level.FINE, Level.TROUBLE}))
    return "\n".join(lines)


def _lines(finding: Finding) -> Iterator[str]:
    """The finding beside its level, what to do below it."""
    yield from _folded(f"  {_WORDS[finding.level]:<8}", f"{finding.about}: {finding.said}")
    if finding.todo:
        yield from _folded(_FIRST, f"-> {finding.todo}")


def _folded(first: str, text: str) -> list[str]:
    return wrap(text, width(), initial_indent=first, subsequent_indent=_FIRST, break_on_hyphens=False, break_long_words=False)
