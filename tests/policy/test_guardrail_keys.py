"""What a marketer may write about guardrails and the rollout that moves on them, and what it means."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import Effective, Metric, OnBreach, Share, canonical, effective, not_looser
from offswitch.policy.turns import check_turns

FLOW_KEYS = """rollout:
  steps: [{contacts: 50}, 5%, 100%]
  hold: 12h
  matures_after: 3d
  matured: 90%
  min_matured: 40
  by_itself: no
  tier: 2
  after: [thanks]
  stable: 7d
  holdout: 2.5%
guardrails: {complaint: 0.3%, on_breach: step_back}
"""


def in_force(folder: Path, company: str = "") -> Effective:
    path = folder / "company.yaml"
    path.write_text(path.read_text("utf-8") + company, "utf-8")
    loaded = load_company(folder)
    return effective(load_flow(folder, "welcome", loaded), loaded)


def write(folder: Path, text: str, name: str = "welcome") -> None:
    flow = (folder / "welcome.yaml").read_text("utf-8").partition("rollout:")[0]
    (folder / f"{name}.yaml").write_text(flow + text, "utf-8")


def test_without_the_keys_nothing_is_guarded_and_nothing_moves(folder: Path) -> None:
    now = in_force(folder)
    assert (now.guardrails, now.on_breach, now.grows_by_itself) == ({}, OnBreach.STOP, False)
    rollout = now.rollout
    assert (rollout.hold, rollout.matures_after, rollout.stable) == (timedelta(hours=24), timedelta(hours=48), timedelta(days=14))
    assert (rollout.matured, rollout.min_matured, rollout.tier, rollout.after, rollout.holdout) == (Share(500_000), 200, None, (), None)


def test_each_ceiling_is_the_flow_s_or_else_the_company_s(folder: Path) -> None:
    write(folder, FLOW_KEYS)
    now = in_force(folder, "guardrails: {complaint: 0.1%, bounce: 2%, on_breach: hold}\n")
    assert now.guardrails == {Metric.COMPLAINT: Share(3_000), Metric.BOUNCE: Share(20_000)}
    assert (now.on_breach, now.grows_by_itself) == (OnBreach.STEP_BACK, False)
    assert (now.rollout.matured, now.rollout.holdout, now.rollout.after) == (Share(900_000), Share(25_000), ("thanks",))


def test_guardrails_let_a_ladder_grow_by_itself_unless_the_policy_says_no(folder: Path) -> None:
    write(folder, "rollout: {steps: [5%, 100%]}\nguardrails: {bounce: 2%}\n")
    assert in_force(folder).grows_by_itself
    write(folder, "rollout: {steps: [100%]}\nguardrails: {bounce: 2%}\n")
    assert not in_force(folder).grows_by_itself


WRONG = [
    ("guardrails: {complaint: 0.1}", "guardrails.complaint is '0.1'"),
    ("guardrails: {complaint: 0%}", "above 0% and at most 50%"),
    ("guardrails: {complaint: 51%}", "above 0% and at most 50%"),
    ("guardrails: {complaint: 0.00001%}", "at most 4 decimals"),
    ("guardrails: {complaint: ٠.١%}", "0.1%"),
    ("guardrails: {complaint: [0.1%]}", "write a percentage"),
    ("guardrails: {complaints: 0.1%}", "did you mean complaint?"),
    ("guardrails: {complaint: 0.1%, on_breach: step back}", "did you mean step_back?"),
    ("guardrails: 0.1%", "guardrails must be a section"),
    ("rollout: {steps: [5%], hold: 24}", "rollout.hold is '24'"),
    ("rollout: {steps: [5%], matured: 0.95}", "rollout.matured is '0.95'"),
    ("rollout: {steps: [5%], min_matured: 0}", "rollout.min_matured is '0'"),
    ("rollout: {steps: [5%], tier: 10}", "from 1 to 9"),
    ("rollout: {steps: [5%], tier: first}", "from 1 to 9"),
    ("rollout: {steps: [5%], after: thanks}", "rollout.after must be a list"),
    ("rollout: {steps: [5%], by_itself: maybe}", "write yes or no"),
    ("rollout: {steps: [5%], holdout: 5}", "rollout.holdout is '5'"),
]


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_a_wrong_value_is_refused_at_its_place(folder: Path, line: str, words: str) -> None:
    rest = "rollout: {steps: [5%]}\n" if line.startswith("guardrails") else ""
    write(folder, f"{rest}{line}\n")
    with pytest.raises(ConfigError) as refused:
        in_force(folder)
    problem = refused.value.problems[0]
    assert words in str(problem), str(problem)
    assert problem.line == (folder / "welcome.yaml").read_text("utf-8").splitlines().index(line) + 1


CHANGES: list[tuple[str, Any, Any, bool]] = [
    ("guardrails", {}, {"complaint": "0.1%"}, True),
    ("guardrails", {"complaint": "0.1%"}, {"complaint": "0.05%", "bounce": "2%"}, True),
    ("guardrails", {"complaint": "0.1%"}, {"complaint": "0.2%"}, False),
    ("guardrails", {"complaint": "0.1%", "bounce": "2%"}, {"complaint": "0.1%"}, False),
    ("guardrails.on_breach", "hold", "step_back", True),
    ("guardrails.on_breach", "stop", "hold", False),
    ("rollout.by_itself", "yes", "no", True),
    ("rollout.by_itself", "no", "yes", False),
    ("rollout.hold", "24h", "4d", True),
    ("rollout.hold", "4d", "24h", False),
    ("rollout.matures_after", "48h", "24h", False),
    ("rollout.matured", "50%", "95%", True),
    ("rollout.matured", "50%", "40%", False),
    ("rollout.min_matured", 200, 500, True),
    ("rollout.min_matured", 200, 50, False),
    ("rollout.tier", 1, 2, False),
    ("rollout.after", [], ["thanks"], True),
    ("rollout.after", ["thanks"], [], False),
    ("rollout.stable", "14d", "7d", False),
    ("rollout.holdout", "0%", "5%", True),
    ("rollout.holdout", "5%", "1%", False),
]


@pytest.mark.parametrize(("key", "approved", "now", "holds"), CHANGES)
def test_only_what_can_send_less_stays_approved(folder: Path, key: str, approved: Any, now: Any, holds: bool) -> None:
    company = load_company(folder)
    base = canonical(load_flow(folder, "welcome", company), company)
    assert not_looser({**base, key: approved}, {**base, key: now}) == ([] if holds else [key])


def test_guardrails_that_make_the_rollout_move_by_itself_need_somebody_s_word(folder: Path) -> None:
    company = load_company(folder)

    def said(lines: str) -> dict[str, Any]:
        write(folder, lines)
        return canonical(load_flow(folder, "welcome", company), company)

    before = said("rollout: {steps: [5%, 100%]}\n")
    assert not_looser(before, said("rollout: {steps: [5%, 100%]}\nguardrails: {bounce: 2%}\n")) == ["rollout.by_itself"]
    assert not_looser(before, said("rollout: {steps: [5%, 100%], by_itself: no}\nguardrails: {bounce: 2%}\n")) == []


@pytest.mark.parametrize(
    ("after", "others", "told"),
    [
        ("[thanks]", "[]", []),
        ("[thank]", "[]", ["rollout.after[1] is thank, and there is no such flow"]),
        ("[thanks, welcome]", "[]", ["rollout.after[2] is welcome, which waits for welcome: neither ever begins"]),
        ("[thanks]", "[welcome]", ["rollout.after[1] is thanks, which waits for welcome: neither ever begins"]),
    ],
)
def test_whom_a_flow_would_wait_for_in_vain_is_told_by_check(folder: Path, after: str, others: str, told: list[str]) -> None:
    write(folder, f"rollout: {{steps: [5%], after: {others}}}\n", "thanks")
    write(folder, f"rollout: {{steps: [5%], after: {after}}}\n")
    found = check_turns(folder, "welcome", ("welcome", "thanks"))
    assert [problem.what for problem in found] == told
