"""A policy that names steps is held against the steps that the flow has."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.policy.schema import not_looser
from offswitch.policy.steps import check_steps

ROOT = Path(__file__).parents[2]
STEPS = ("confirm", "greet", "value", "answer", "checklist")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("company.yaml", "welcome.yaml"):
        (tmp_path / name).write_text((ROOT / "policies" / name).read_text("utf-8"), encoding="utf-8")
    return tmp_path


def told(folder: Path, lines: str) -> list[str]:
    path = folder / "welcome.yaml"
    text = path.read_text("utf-8").replace("\nrollout:\n", f"\n{lines}\nrollout:\n")
    path.write_text(text, encoding="utf-8")
    first = text[: text.index(lines)].count("\n") + 1
    return [
        f"{one.line - first}:{one.column}: {one.what} ({one.fix})"
        for one in check_steps(folder, "welcome", STEPS)
        if Path(one.path) == path
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("removed_steps:\n  introduce: {move_to: greeet}", ("1:24: removed_steps.introduce.move_to is greeet, which is no step of welcome "
         "(did you mean greet? allowed: answer, checklist, confirm, greet, value)")),
        ("removed_steps:\n  greet: exit", ("1:10: removed_steps.greet maps greet away, which is still a step of welcome "
         "(take this line out, or take the step out of the code of welcome)")),
        ("reschedule: {valeu: 3d}", ("0:21: reschedule.valeu is about no step of welcome "
         "(did you mean value? allowed: answer, checklist, confirm, greet, value)")),
        ("steps:\n  checklst: {switch: off}", ("1:13: steps.checklst is about no step of welcome "
         "(did you mean checklist? allowed: answer, checklist, confirm, greet, value)")),
        ("exceptions: [{when: entry.step == 'greeet', then: skip, why: x}]\notherwise: go_on", (
         "0:35: exceptions[1].when asks whether entry.step is 'greeet', which it never is "
         "(did you mean greet? allowed: answer, checklist, confirm, greet, value)")),
    ],
)  # fmt: skip
def test_a_step_that_is_not_there_is_named_with_its_place(folder: Path, lines: str, problem: str) -> None:
    assert told(folder, lines) == [problem]


def test_a_mapping_that_fits_is_no_problem(folder: Path) -> None:
    assert told(folder, "removed_steps:\n  introduce: {move_to: greet}\n  old: exit\nreschedule: {value: 3d}") == []


def test_a_mapping_may_be_taken_out_again_without_an_approval_but_not_changed() -> None:
    mapped = {"removed_steps": {"a": "exit", "b": "move to greet"}}
    assert not_looser(mapped, {"removed_steps": {"b": "move to greet"}}) == []
    assert not_looser(mapped, {"removed_steps": {"b": "exit"}}) == ["removed_steps"]
    assert not_looser({"removed_steps": {}}, mapped) == ["removed_steps"]
