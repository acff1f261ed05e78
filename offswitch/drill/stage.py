"""The drill's own place: a copy of a project's policies and messages with a fresh ledger, in a folder that goes afterwards."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import StringIO
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ruamel.yaml import YAML

from offswitch.drill.people import START
from offswitch.errors import ConfigError, Problem, Refused
from offswitch.journey.journey import Journey
from offswitch.ledger.open import open_ledger
from offswitch.messages.library import Library
from offswitch.policy.approvals import Approval, Subject, save_approval
from offswitch.policy.load import load_company, load_flow, load_sorting, sorting_for
from offswitch.policy.schema import Effective, ScoringPolicy, effective
from offswitch.policy.sorting import Sorting
from offswitch.project.files import Files, Said
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FrozenClock

NEIGHBOUR = "drill_neighbour"
OPERATOR, OTHER = "drill-operator@offswitch.example", "drill-approver@offswitch.example"
BOTH = f"{OTHER}, drill-second@offswitch.example"  # so that no number of messages needs one more yes in the middle of a drill
IN_ROLLOUT = "90%"  # the copy's share: some people are outside, so that their way is drilled too
RELEASE = "1 per hour"  # the copy's: a few people are a backlog too
_MEMORY = Path("/dev/shm")  # noqa: S108 - only a faster place for a folder of our own
_LETTER = """---
subject: {name}
purpose: {purpose}
value: a message of the drill
ask: 0
{more}fallback: {{first_name: ""}}
---
Hello {{{{ first_name }}}}, this is {name}.
"""


@dataclass
class Stage:
    """A project for one run. Every file here was written by the drill; the user's own are only ever read."""

    root: Path
    journey: Journey
    neighbour: Journey
    settings: Settings
    clock: FrozenClock
    _saves: int = field(default=0)

    @property
    def journeys(self) -> dict[str, Journey]:
        """The flow under test, and the one beside it that nothing may touch."""
        return {one.name: one for one in (self.journey, self.neighbour)}

    @property
    def policy(self) -> Path:
        """The policy file of the flow under test."""
        return self.settings.policies / f"{self.journey.name}.yaml"

    @property
    def company(self) -> Path:
        """The copy of company.yaml."""
        return self.settings.policies / "company.yaml"

    def said(self, journey: Journey) -> Said:
        """What the files say now."""
        return Files(journey, self.settings.policies, Library(self.settings.messages)).said()

    @cached_property
    def approved_policy(self) -> Effective:
        """The policy of the flow under test as it was when the stage was set."""
        company = load_company(self.settings.policies)
        flow = load_flow(self.settings.policies, self.journey.name, company)
        return effective(flow, company, sorting_for(flow, self.settings.policies, company))

    def scoring(self) -> ScoringPolicy | None:
        """The scoring table, where the project has one."""
        return self.sorting().scoring

    def sorting(self) -> Sorting:
        """How the project sorts people."""
        return load_sorting(self.settings.policies, load_company(self.settings.policies))

    def approve(self, journey: Journey) -> None:
        """In the copy, and for the copy."""
        said = self.said(journey)
        if said.subject is None:
            raise ConfigError(Problem(str(self.policy), 0, 0, said.trouble or "can't be read", "see `offswitch check`"))
        path = save_approval(self.settings.policies, journey.name, Approval(said.subject, BOTH, OPERATOR, self.clock.now().isoformat(), 5))
        self.stamp(path)

    def save(self, path: Path, text: str) -> None:
        """Replace a file in one step, with the drill's time."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        self.stamp(draft)
        draft.replace(path)

    def stamp(self, path: Path) -> None:
        """The drill's time for a file; no two saves have the same."""
        self._saves += 1
        moment = int(self.clock.now().timestamp()) * 1_000_000_000 - 60_000_000_000 + self._saves
        os.utime(path, ns=(moment, moment))


@contextmanager
def set_stage(settings: Settings, journey: Journey, *, ledger: str = "sqlite") -> Iterator[Stage]:
    """A stage, taken down afterwards whatever happened."""
    root = Path(mkdtemp(prefix="offswitch-drill-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    try:
        with make_ledger(ledger, root) as url:
            yield _furnished(root, settings, journey, url)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _furnished(root: Path, settings: Settings, journey: Journey, url: str) -> Stage:
    place = Settings(
        home=root / "home", ledger=url, policies=root / "policies", messages=root / "messages", flows=root / "flows", user=OPERATOR
    )
    stage = Stage(root, journey, load_neighbour(), place, FrozenClock(START))
    place.home.mkdir(exist_ok=True)
    (place.home / "secret").write_text("of the drill alone", encoding="ascii")
    _copy_policies(settings, stage)
    source = settings.messages / journey.name
    for path in sorted(source.glob("*.md")) if source.is_dir() else ():
        stage.save(place.messages / journey.name / path.name, path.read_text(encoding="utf-8"))
    for language in ("en", "ar"):
        for name, purpose, more in (("knock", "service", ""), ("ask", "service", "decides: decision\n")):
            stage.save(place.messages / NEIGHBOUR / f"{name}.{language}.md", _LETTER.format(name=name, purpose=purpose, more=more))
    for one in stage.journeys.values():
        stage.approve(one)
    assert stage.approved_policy is not None  # read now, before anybody switches
    return stage


def _copy_policies(settings: Settings, stage: Stage) -> None:
    flow = settings.policies / f"{stage.journey.name}.yaml"
    company = settings.policies / "company.yaml"
    for path in (flow, company):
        if not path.is_file():
            raise Refused(f"there is no {path}: a flow without a policy can't be drilled")
    load_flow(settings.policies, stage.journey.name, load_company(settings.policies))  # says what is wrong, and where
    stage.save(stage.company, changed(company.read_text(encoding="utf-8"), _company_on))
    policy = changed(flow.read_text(encoding="utf-8"), _flow_on)
    stage.save(stage.policy, policy)
    stage.save(stage.settings.policies / f"{NEIGHBOUR}.yaml", changed(policy, _neighbour_of))
    for name in ("scoring.yaml", "segments.yaml", "funnel.yaml"):
        if (settings.policies / name).is_file():
            stage.save(stage.settings.policies / name, (settings.policies / name).read_text(encoding="utf-8"))


def changed(text: str, change: Any) -> str:
    """A policy text after `change` has had its way with the tree; comments stay."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    tree = yaml.load(text)
    change(tree)
    out = StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _company_on(tree: Any) -> None:
    tree["switch"] = "on"
    tree.pop("mode", None)
    tree.pop("alerts", None)  # nobody is called by a drill
    tree.pop("readiness", None)  # the drill is a part of it
    _without_chance(tree)
    tree["connectors"] = {}
    tree["channels"] = {"email": "on"}
    tree["people"] = {
        **tree.get("people", {}),
        OPERATOR: {"name": "Drill", "roles": ["owner", "operator"]},
        OTHER: {"name": "Drill", "roles": ["approver"]},
    }


def _flow_on(tree: Any) -> None:
    tree["switch"] = "on"
    tree.pop("readiness", None)
    _without_chance(tree)
    tree["rollout"] = {**tree["rollout"], "outside": "worklist", "steps": [IN_ROLLOUT]}
    tree["on_resume"] = {**(tree.get("on_resume") or {}), "release": RELEASE}
    for step in (tree.get("steps") or {}).values():
        step.pop("switch", None)


def _without_chance(tree: Any) -> None:
    """The drill's month is made up, so no day of it is anybody's feast; made-up people are silent, bounce and leave by chance."""
    for name in ("blackouts", "occasions", "silence", "guardrails", "review", "overrides"):
        tree.pop(name, None)


def _neighbour_of(tree: Any) -> None:
    tree.pop("exclusive_group", None)
    for name in ("steps", "limits", "reschedule", "removed_steps", "audience", "exceptions", "otherwise", "required_facts", "capacity"):
        tree.pop(name, None)
    tree["rollout"] = {"outside": "worklist", "steps": ["100%"]}


@contextmanager
def make_ledger(kind: str, root: Path) -> Iterator[str]:
    """The URL of a fresh, empty ledger of this kind, gone afterwards."""
    if kind == "sqlite":
        path = root / "home" / "ledger.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_empty_sqlite())
        yield f"sqlite:///{path}"
        return
    with _postgres() as url:
        yield url


@contextmanager
def _postgres() -> Iterator[str]:
    """A database of a server that this process keeps as long as it lives."""
    from offswitch.testing.postgres_server import PostgresServer

    if not _SERVERS:
        _SERVERS.append(PostgresServer())
        Finalize(None, _SERVERS[0].close, exitpriority=1)  # atexit would not run in a process of a pool
    yield _SERVERS[0].ledger()


_SERVERS: list[Any] = []


@cache
def _empty_sqlite() -> bytes:
    folder = Path(mkdtemp(prefix="offswitch-drill-"))
    try:
        path = folder / "ledger.sqlite"
        open_ledger(f"sqlite:///{path}").close()
        return path.read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def load_neighbour() -> Journey:
    """The drill's own flow, loaded under a name of its own as a project's flows are."""
    path = Path(__file__).with_name("neighbour.py")
    spec = importlib.util.spec_from_file_location(NEIGHBOUR, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NEIGHBOUR] = module
    spec.loader.exec_module(module)
    found: Journey = module.neighbour
    return found


def subject_of(settings: Settings, journey: Journey) -> Subject | None:
    """What a drill of this flow is about, by the user's own files: code, texts and policy."""
    return Files(journey, settings.policies, Library(settings.messages)).said().subject
