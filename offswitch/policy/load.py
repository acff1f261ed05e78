"""Loading the policy files of a folder: each one valid and in agreement with the others, or an error that names every place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import BaseModel

from offswitch.errors import ConfigError, Problem
from offswitch.model.event import KINDS
from offswitch.policy.calendar import OnWeekends
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.file import Stamp, stamp
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.flow_conditions import asks_for_facts, wrong_in_flow
from offswitch.policy.funnel import FunnelPolicy
from offswitch.policy.human import ALWAYS_HUMAN
from offswitch.policy.node import Node
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.segments import SegmentsPolicy
from offswitch.policy.sorting import Found, Sorting, wrong_in_funnel, wrong_in_segments
from offswitch.policy.strict import parse, read
from offswitch.policy.translate import Loc, problem_at, validated
from offswitch.policy.values import likely
from offswitch.policy.vocabulary import FieldKind
from offswitch.policy.witnesses import wrong_owners, wrong_signers, wrong_witnesses

COMPANY, SCORING, SEGMENTS, FUNNEL = "company", "scoring", "segments", "funnel"
OTHERS = (COMPANY, SCORING, SEGMENTS, FUNNEL)  # names that no flow can have
M = TypeVar("M", bound=BaseModel)


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


def flow_in(text: str, folder: Path, name: str, company: CompanyPolicy) -> FlowPolicy:
    """What `<name>.yaml` would mean if this were its text. Raises ConfigError."""
    return _flow_in(parse(text, str(folder / f"{name}.yaml")), folder, name, company)


def load_scoring(folder: Path) -> ScoringPolicy | None:
    """`scoring.yaml`, or None where there is none. Raises ConfigError."""
    found = _optional(folder, SCORING, ScoringPolicy)
    return found[0] if found else None


def load_sorting(folder: Path, company: CompanyPolicy) -> Sorting:
    """`scoring.yaml`, `segments.yaml` and `funnel.yaml`, as far as they are there, read anew when one has changed. Raises ConfigError."""
    versions = tuple(_version(folder / f"{name}.yaml") for name in (SCORING, SEGMENTS, FUNNEL))
    return _sorting(folder, versions, tuple(company.fields.items()), len(KINDS))


def sorting_for(flow: FlowPolicy, folder: Path, company: CompanyPolicy) -> Sorting:
    """The same, as far as it is this flow's business: a scoring table that nobody's policy asks for stops nobody. Raises ConfigError."""
    if asks_for_facts(flow) or any(_version(folder / f"{name}.yaml") for name in (SEGMENTS, FUNNEL)):
        return load_sorting(folder, company)
    return Sorting(company.fields)


@lru_cache(maxsize=64)
def _sorting(folder: Path, _versions: tuple[Stamp | None, ...], fields: tuple[tuple[str, FieldKind], ...], _kinds: int) -> Sorting:
    scoring, segments, funnel = _each(folder)
    sorting = Sorting(dict(fields), scoring and scoring[0], segments and segments[0], funnel and funnel[0])
    problems: list[Problem] = []
    if segments:
        problems += _placed(segments[1], folder / f"{SEGMENTS}.yaml", wrong_in_segments(segments[0], sorting))
    if funnel:
        problems += _placed(funnel[1], folder / f"{FUNNEL}.yaml", wrong_in_funnel(funnel[0], sorting))
    if problems:
        raise ConfigError(*problems)
    return sorting


Read: TypeAlias = tuple[M, Node] | None


def _each(folder: Path) -> tuple[Read[ScoringPolicy], Read[SegmentsPolicy], Read[FunnelPolicy]]:
    """The three files, each by itself. Raises ConfigError with the problems of all three."""
    problems: list[Problem] = []

    def one(name: str, kind: type[M]) -> Read[M]:
        try:
            return _optional(folder, name, kind)
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    found = one(SCORING, ScoringPolicy), one(SEGMENTS, SegmentsPolicy), one(FUNNEL, FunnelPolicy)
    if problems:
        raise ConfigError(*problems)
    return found


def _optional(folder: Path, name: str, kind: type[M]) -> Read[M]:
    path = folder / f"{name}.yaml"
    if not path.is_symlink() and not path.exists():
        return None
    node = read(path)
    return validated(kind, node, str(path)), node


def _version(path: Path) -> Stamp | None:
    try:
        return stamp(path)
    except OSError:
        return None


def _placed(node: Node, path: Path, found: Iterable[Found]) -> list[Problem]:
    return [problem_at(node, loc, str(path), what, fix, within) for loc, what, fix, within in found]


def check_all(folder: Path, flow_names: Iterable[str]) -> list[Problem]:
    """Every problem of every file, in one go."""
    names = list(flow_names)
    problems = list(_misnamed(folder, [*OTHERS, *names]))
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
        if company is None:
            _each(folder)
        else:
            load_sorting(folder, company)
    except ConfigError as error:
        problems += error.problems
    return list(dict.fromkeys(problems))


def _flow(folder: Path, name: str, company: CompanyPolicy | None) -> FlowPolicy:
    """Without a company, only what the file says by itself is checked."""
    path = folder / f"{name}.yaml"
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in OTHERS:
        raise ConfigError(Problem(str(path), 0, 0, f"{name!r} can't be the name of a flow", "use small letters, digits and _"))
    return _flow_in(read(path), folder, name, company)


def _flow_in(node: Node, folder: Path, name: str, company: CompanyPolicy | None) -> FlowPolicy:
    path = folder / f"{name}.yaml"
    flow = validated(FlowPolicy, node, str(path))
    found = _unknown_to(company, flow) if company else ()
    problems = [problem_at(node, loc, str(path), what, fix) for loc, what, fix in found]
    if company and asks_for_facts(flow):
        problems += _placed(node, path, wrong_in_flow(flow, load_sorting(folder, company)))
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
    if flow.readiness is not None:
        yield from wrong_witnesses(flow.readiness, company)
    yield from wrong_signers(flow.overrides, company)
    yield from wrong_owners(flow.experiments, company)
    if flow.weekends is OnWeekends.QUIET and not company.weekends:
        yield ("weekends",), "is quiet, and company.yaml names no weekends", "add `weekends: {default: [saturday, sunday]}` there"


def _strangers(company: CompanyPolicy) -> Iterator[tuple[Loc, str, str]]:
    """Members of teams, and those who confirm dates, whom `people` doesn't list; classes that nothing declares."""
    known = ALWAYS_HUMAN.union(company.humans_decide)
    for role, ceilings in company.authority.items():
        for named in ceilings.keys() - known:
            fix = f"{likely(named, known)}; or add it to humans_decide"
            yield ("authority", role.value, named), "is a class that nothing declares", fix
    for team, members in company.teams.items():
        for place, member in enumerate(members):
            if member not in company.people:
                yield ("teams", team, place), f"is {member}, who is not among people", likely(member, company.people)
    yield from wrong_signers(company.overrides, company)
    for place, one in enumerate(company.occasions):
        if one.confirmed_by and one.confirmed_by not in company.people:
            who = f"is {one.confirmed_by}, who is not among people"
            yield ("occasions", place, "confirmed_by"), who, likely(one.confirmed_by, company.people)


def _misnamed(folder: Path, names: list[str]) -> Iterator[Problem]:
    """Files that nothing reads because their name is nearly right."""
    for path in sorted(folder.glob("*")):
        stem = path.stem.strip().replace("-", "_").casefold()
        meant = f"{stem}.yaml"
        if path.suffix.casefold() in (".yaml", ".yml") and stem in names and path.name != meant:
            yield Problem(str(path), 0, 0, "is not read, because of its name", f"call it {meant}")
