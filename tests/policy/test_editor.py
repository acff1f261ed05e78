"""What editors complete and mark is what the strict loader reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from offswitch.policy.company import CompanyPolicy
from offswitch.policy.editor import FILES, schema_of, schema_text
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.reference import reference

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
MODELINE = "# yaml-language-server: $schema={}\n"
SAMPLES = {"company": "schema.company.json", "scoring": "schema.scoring.json"}


def sections(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "", schema
    yield from schema.get("$defs", {}).items()


def said_of(schema: Any, text: str) -> list[str]:
    tree = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in Draft202012Validator(schema).iter_errors(tree)]


@pytest.mark.parametrize("name", FILES)
def test_the_schema_beside_the_policies_is_that_of_the_code(name: str) -> None:
    assert (POLICIES / name).read_text("utf-8") == schema_text(FILES[name]), "run `offswitch schema --reference docs/policy.md`"


def test_the_page_about_every_key_is_that_of_the_code() -> None:
    assert (ROOT / "docs/policy.md").read_text("utf-8") == reference(), "run `offswitch schema --reference docs/policy.md`"


@pytest.mark.parametrize("name", FILES)
def test_every_key_says_what_it_means(name: str) -> None:
    schema = schema_of(FILES[name])
    Draft202012Validator.check_schema(schema)
    for title, section in sections(schema):
        assert section["description"], title
        for key, shape in section["properties"].items():
            assert len(shape.get("description", "")) > 10, f"{title}.{key}"


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_sample_policy_names_its_schema_and_agrees_with_it(path: Path) -> None:
    name = SAMPLES.get(path.stem, "schema.json")
    text = path.read_text("utf-8")
    assert text.startswith(MODELINE.format(name))
    assert said_of(json.loads((POLICIES / name).read_text("utf-8")), text) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("swtich: on", "swtich"),
        ("switch: maybe", "maybe"),
        ("held_max: tomorrow", "tomorrow"),
        ("minutes_per_item: 0", "minimum"),
        ("rollout: {steps: [half]}", "half"),
        ("quiet_hours: 21-9", "21-9"),
        ("steps: {greet: {swich: off}}", "swich"),
    ],
)
def test_an_editor_marks_what_the_loader_refuses(line: str, words: str) -> None:
    assert words in " ".join(said_of(schema_of(FlowPolicy), line))


def test_a_key_without_a_value_is_marked_as_the_loader_refuses_it() -> None:
    assert "None" in " ".join(said_of(schema_of(CompanyPolicy), "held_max:"))
