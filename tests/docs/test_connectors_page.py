"""docs/connectors.md names every variable of every connector as it is, and promises what the code promises."""

from pathlib import Path

import pytest

from offswitch.errors import Refused
from offswitch.project.catalogue import PROMISES, catalogue
from offswitch.project.variables_page import renewed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")


def test_the_variables_are_those_of_the_connectors() -> None:
    assert renewed(PAGE) == PAGE, "run `offswitch connectors --reference docs/connectors.md`"


def test_no_connector_and_no_variable_that_must_be_set_is_left_out() -> None:
    required = [one.name for entry in catalogue() for one in entry.variables if one.required]
    assert required
    assert not [name for name in required if f"| `{name}` | must be set" not in PAGE]
    assert not [entry.name for entry in catalogue() if f"### {entry.name} ({entry.kind})" not in PAGE]
    assert not [entry for entry in catalogue() if entry.trouble]


def test_every_promise_is_explained_for_a_bad_day() -> None:
    assert not [words for words in PROMISES.values() if f"| {words} |" not in PAGE]


def test_a_page_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(Refused, match="no place"):
        renewed("# Connectors\n")
