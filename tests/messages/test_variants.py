"""Texts beside a message's own: found, compared with it, and named where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.messages.library import Library, named
from tests.messages.letters import HEAD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "welcome").mkdir()
    for name in ("greet.en", "greet.ar", "greet~short.en", "greet~short.ar"):
        write(tmp_path, name)
    return tmp_path


def write(folder: Path, name: str, *, purpose: str = "service", more: str = "", body: str = "Hello\n") -> None:
    (folder / "welcome" / f"{name}.md").write_text(HEAD.format(subject=name, purpose=purpose, more=more) + body, "utf-8")


def said(folder: Path) -> list[str]:
    given = {"greet": frozenset({"event"})}
    return [str(problem).replace(f"{folder}/", "") for problem in Library(folder).check("welcome", ["greet"], given)]


def test_a_variant_is_one_of_the_texts_of_its_message(folder: Path) -> None:
    library = Library(folder)
    assert library.texts("welcome", "greet") == ("greet", "greet~short")
    assert library.languages("welcome", "greet~short") == ("ar", "en")
    assert library.get("welcome", named("greet", "short"), "en").front.subject == "greet~short.en"
    assert named("greet", "own") == named("greet", "") == "greet"
    assert said(folder) == []


def test_a_variant_that_lacks_a_language_is_named(folder: Path) -> None:
    (folder / "welcome" / "greet~short.ar.md").unlink()
    assert said(folder) == ["welcome/greet~short.ar.md: no Arabic text of 'greet~short' (write it)"]


@pytest.mark.parametrize(("key", "over"), [("purpose", {"purpose": "marketing"}), ("decides", {"more": "decides: offer\n"})])
def test_a_variant_is_the_same_thing_as_its_message(folder: Path, key: str, over: dict[str, str]) -> None:
    for language in ("en", "ar"):
        write(folder, f"greet~short.{language}", **over)
    found = said(folder)
    assert [one.partition(": ")[0] for one in found] == ["welcome/greet~short.ar.md:1:1", "welcome/greet~short.en.md:1:1"]
    assert all(key in one for one in found)
    with pytest.raises(ConfigError):
        Library(folder).front("welcome", "greet")


def test_a_variant_is_given_what_its_message_is_given(folder: Path) -> None:
    write(folder, "greet~short.en", body="Hello {{ event.page }} {{ evnt }}\n")
    (found,) = said(folder)
    assert "nothing gives this text 'evnt'" in found


@pytest.mark.parametrize("name", ["greet~Short.en", "greet~short-2.en", "greet~own.en", "greet~.en"])
def test_a_file_that_is_nearly_a_variant_is_named(folder: Path, name: str) -> None:
    write(folder, name)
    assert [one for one in said(folder) if "is no name of a variant" in one and f"welcome/{name}.md" in one]


def test_a_variant_of_no_message_is_sent_by_nobody(folder: Path) -> None:
    write(folder, "value~short.en")
    assert said(folder) == ["welcome/value~short.en.md: no step sends 'value~short' (correct the name, or take the file away)"]


def test_an_edit_of_a_variant_is_another_text_to_approve(folder: Path) -> None:
    before = Library(folder).digest("welcome")
    write(folder, "greet~short.en", body="Something else\n")
    assert Library(folder).digest("welcome") != before
