"""Loading the policy files of a folder: each one valid and in agreement with the others, or an error that names every place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.errors import ConfigError, Problem
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.strict import read
from offswitch.policy.translate import Loc, problem_at, validated
from offswitch.policy.values import likely

COMPANY = "company"
SCORING = "scoring"


def load_company(folder: Path) -> CompanyPolicy:
    """`company.yaml`. Raises ConfigError."""
    path = folder / f"{COMPANY}.yaml"
    node = read(path)
    company = validated(CompanyPolicy, node, str(path))
    problems = [problem_at(node, loc, str(path), what, fix) for loc, what, fix in _strangers(company)]
    if problems:
        raise ConfigError(*problems)
    return company


def load_flow(folder: Path, name: str, company: CompanyPolicy) -> FlowPolicy:
    """`<name>.yaml`, whose team and owner the company knows. Raises ConfigError."""
    return _flow(folder, name, company)


def load_scoring(folder: Path) -> ScoringPolicy | None:
    """`scoring.yaml`, or None where there is none. Raises ConfigError."""
    path = folder / f"{SCORING}.yaml"
    if not path.is_symlink() and not path.exists():
        return None
    return validated(ScoringPolicy, read(path), str(path))


def check_all(folder: Path, flow_names: Iterable[str]) -> list[Problem]:
    """Every problem of every file, in one go."""
    names = list(flow_names)
    problems = list(_misnamed(folder, [COMPANY, SCORING, *names]))
    company: CompanyPolicy | None = None
    try:
        company = load_company(folder)
    except ConfigError as error:
        problems += error.problems
    for name in names:
        try:
            _flow(folder, name, company)
        except ConfigError as error:
            problems += error.problems
    try:
        load_scoring(folder)
    except ConfigError as error:
        problems += error.problems
    return problems


def _flow(folder: Path, name: str, company: CompanyPolicy | None) -> FlowPolicy:
    """Without a company, only what the file says by itself is checked."""
    path = folder / f"{name}.yaml"
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in (COMPANY, SCORING):
        raise ConfigError(Problem(str(path), 0, 0, f"{name!r} can't be the name of a flow", "use small letters, digits and _"))
    node = read(path)
    flow = validated(FlowPolicy, node, str(path))
    found = _unknown_to(company, flow) if company else ()
    problems = [problem_at(node, loc, str(path), what, fix) for loc, what, fix in found]
    if problems:
        raise ConfigError(*problems)
    return salted(flow, name)


def salted(flow: FlowPolicy, name: str) -> FlowPolicy:
    """Wherever a flow's policy is read from, people fall into the same buckets: by its salt, else by its name."""
    if flow.rollout.salt:
        return flow
    return flow.model_copy(update={"rollout": flow.rollout.model_copy(update={"salt": name})})


def _unknown_to(company: CompanyPolicy, flow: FlowPolicy) -> Iterator[tuple[Loc, str, str]]:
    if flow.owner not in company.people:
        yield ("owner",), f"is {flow.owner}, who is not among the people of company.yaml", likely(flow.owner, company.people)
    if flow.team not in company.teams:
        yield ("team",), f"is {flow.team}, which is not among the teams of company.yaml", likely(flow.team, company.teams)


def _strangers(company: CompanyPolicy) -> Iterator[tuple[Loc, str, str]]:
    """Members of teams whom `people` doesn't list."""
    for team, members in company.teams.items():
        for place, member in enumerate(members):
            if member not in company.people:
                yield ("teams", team, place), f"is {member}, who is not among people", likely(member, company.people)


def _misnamed(folder: Path, names: list[str]) -> Iterator[Problem]:
    """Files that nothing reads because their name is nearly right."""
    for path in sorted(folder.glob("*")):
        stem = path.stem.strip().replace("-", "_").casefold()
        meant = f"{stem}.yaml"
        if path.suffix.casefold() in (".yaml", ".yml") and stem in names and path.name != meant:
            yield Problem(str(path), 0, 0, "is not read, because of its name", f"call it {meant}")
