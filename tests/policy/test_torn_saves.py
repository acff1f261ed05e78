"""A policy that is read while it is being saved is the old one, the new one, or refused: never a mixture that may send."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.effective import canonical
from offswitch.policy.file import read_text
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.load import load_company, salted
from offswitch.policy.strict import parse
from offswitch.policy.strictness import not_looser
from offswitch.policy.translate import validated

pytestmark = pytest.mark.slow

POLICIES = Path(__file__).parents[2] / "policies"
COMPANY = load_company(POLICIES)
SAVES = 5_000  # for each order of the keys
HEAD = "switch: {switch}\nowner: mariam@bayan.example\nteam: support\nrunbook: Do it by hand.\nminutes_per_item: 3\n"
ROLLOUT = "rollout:\n  outside: worklist\n  steps: [{steps}]\n"
LIMITS = "limits: {{per_contact: [{cap}]}}\nlate: {{after: {late}, then: review}}\n"
ORDERS = {"the rollout last": HEAD + LIMITS + ROLLOUT, "the limits last": HEAD + ROLLOUT + LIMITS}
OLD = {"switch": "on", "steps": "5%, 20%", "cap": "1 per day", "late": "24h"}
NEW = {"switch": "on", "steps": "5%, 20%, 100%", "cap": "2 per day", "late": "48h"}
WRITER = """
import sys
path, old, new, saves = sys.argv[1:]
for turn in range(int(saves)):
    text = (old, new)[turn % 2]
    cut = turn * 7 % len(text)
    with open(path, "w") as file:  # as the plainest of editors: truncated, then written in two parts
        file.write(text[:cut])
        file.flush()
        file.write(text[cut:])
"""


def kept(text: str) -> dict[str, object]:
    return canonical(salted(validated(FlowPolicy, parse(text, "tour.yaml"), "tour.yaml"), "tour"), COMPANY)


@cache
def seen(text: str, old: str, new: str) -> str:
    """What this state of the file is for a worker; both texts are approved."""
    try:
        now = kept(text)
    except ConfigError:
        return "refused"
    for name, approved in (("old", kept(old)), ("new", kept(new))):
        if now == approved:
            return name
    return "not approved" if not_looser(kept(old), now) and not_looser(kept(new), now) else f"MIXED: {text!r}"


def as_read(path: Path, old: str, new: str) -> str:
    try:
        return seen(read_text(path)[0], old, new)
    except ConfigError:
        return "refused"  # it keeps changing, or is empty


@pytest.mark.parametrize("order", ORDERS)
def test_five_thousand_saves_under_a_readers_eyes(tmp_path: Path, order: str) -> None:
    old, new = (ORDERS[order].format(**words) for words in (OLD, NEW))
    path = tmp_path / "tour.yaml"
    path.write_text(old)
    found = Counter([as_read(path, old, new)])
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path), old, new, str(SAVES)]) as writer:
        while writer.poll() is None:
            found[as_read(path, old, new)] += 1
    found[as_read(path, old, new)] += 1
    assert not [state for state in found if state.startswith("MIXED")]
    assert found["old"] > 0 < found["new"]
    assert found.total() > 20


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("words", [OLD, NEW])
def test_wherever_a_save_is_cut_off_nothing_looser_is_in_force(order: str, words: dict[str, str]) -> None:
    old, new = (ORDERS[order].format(**each) for each in (OLD, NEW))
    text = ORDERS[order].format(**words)
    states = Counter(seen(text[:length], old, new) for length in range(len(text)))
    assert not [state for state in states if state.startswith("MIXED")]
    assert states["refused"] > 10
