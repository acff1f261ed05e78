"""What a marketer may write about an experiment, what is refused and why, and which change needs an approval."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import canonical, effective, not_looser

KEYS = """\
experiments:
  greet:
    hypothesis: "A shorter greeting gets more people to start the checklist."
    variants: [own, short]
    metric: goal
    within: 7d
    smallest_effect: 2%
    owner: mariam@bayan.example
    starts: 2026-12-01
    ends: 2027-01-15
"""
LEARNT = "    winner: short\n    learning: Nobody misses the rest.\n"


def write(folder: Path, text: str) -> None:
    path = folder / "welcome.yaml"
    path.write_text(path.read_text("utf-8").partition("experiments:")[0] + text, "utf-8")


def approved(folder: Path, text: str) -> dict[str, object]:
    write(folder, text)
    company = load_company(folder)
    return canonical(load_flow(folder, "welcome", company), company)


def refused(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(ConfigError) as error:
        load_flow(folder, "welcome", load_company(folder))
    return str(error.value).replace(f"{folder}/", "")


def test_without_the_key_nothing_is_tried_out(folder: Path) -> None:
    company = load_company(folder)
    assert effective(load_flow(folder, "welcome", company), company).experiments == {}


@pytest.mark.parametrize("key", ["hypothesis", "variants", "metric", "within", "smallest_effect", "owner", "starts", "ends"])
def test_a_missing_part_is_asked_for_in_words(folder: Path, key: str) -> None:
    said = refused(folder, "".join(line for line in KEYS.splitlines(keepends=True) if f" {key}:" not in line))
    assert "experiments.greet needs a" in said or "experiments.greet needs variants" in said or "needs an owner" in said
    assert f"(add `{key}:`)" in said


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("metric: goal", "metric: open", "11:13", "mail clients open mail by themselves"),
        ("metric: goal", "metric: gaol", "11:13", "did you mean goal?"),
        ("within: 7d", "witin: 7d", "12:5", "did you mean within?"),
        ("within: 7d", "within: 30d", "12:13", "write at most 14d"),
        ("[own, short]", "[short, long]", "10:15", "own is the text that everybody gets otherwise"),
        ("[own, short]", "[own]", "10:15", "write two to four texts"),
        ("[own, short]", "[own, a, b, c, d]", "10:15", "write two to four texts"),
        ("[own, short]", "[own, short, short]", "10:28", "is short again"),
        ("[own, short]", "[own, Short]", "10:21", "what stands behind the ~"),
        ("smallest_effect: 2%", "smallest_effect: 0%", "13:22", "the smallest difference that matters"),
        ("owner: mariam", "owner: nobody", "14:12", "did you mean mariam@bayan.example?"),
        ("ends: 2027", "ends: 2025", "16:11", "before 2026-12-01"),
        ("2027-01-15\n", "2027-01-15\n    winner: short\n", "9:5", "names a winner, and not what you learnt"),
        ("2027-01-15\n", "2027-01-15\n    winner: long\n    learning: x\n", "17:13", "which was not tried"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(folder: Path, old: str, new: str, place: str, words: str) -> None:
    said = refused(folder, KEYS.replace(old, new))
    assert f"welcome.yaml:{place}:" in said
    assert words in said


@pytest.mark.parametrize(
    ("before", "now", "holds"),
    [
        ("", KEYS, False),
        (KEYS, "", True),
        (KEYS, KEYS + LEARNT, True),
        (KEYS + LEARNT, KEYS, False),
        (KEYS + LEARNT, KEYS + LEARNT.replace("short", "own"), False),
        (KEYS, KEYS.replace("2027-01-15", "2026-12-24"), True),
        (KEYS, KEYS.replace("2027-01-15", "2027-02-15"), False),
        (KEYS, KEYS.replace("2026-12-01", "2026-12-02"), False),
        (KEYS, KEYS.replace("goal", "click"), False),
        (KEYS, KEYS.replace("A shorter", "A longer"), False),
        (KEYS, KEYS.replace("2%", "4%"), False),
        (KEYS, KEYS.replace("[own, short]", "[own, short, long]"), False),
        (KEYS, KEYS + "    learning: No difference.\n", True),
    ],
)
def test_ending_an_experiment_needs_no_approval_and_anything_else_does(folder: Path, before: str, now: str, holds: bool) -> None:
    changed = not_looser(approved(folder, before), approved(folder, now))
    assert changed == ([] if holds else ["experiments"])
