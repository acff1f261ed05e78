from __future__ import annotations

import os
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.messages.library import Library, Missing
from tests.messages.letters import HEAD, letter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "welcome").mkdir()
    for language in ("en", "ar"):
        write(tmp_path, "confirm", language)
    return tmp_path


def write(folder: Path, message: str, language: str, body: str = "Hello\n", *, purpose: str = "service", more: str = "") -> Path:
    path = folder / "welcome" / f"{message}.{language}.md"
    path.write_text(HEAD.format(subject="Hello", purpose=purpose, more=more) + body, "utf-8")
    return path


def said(folder: Path, *names: str, **given: frozenset[str]) -> list[str]:
    return [str(problem).replace(f"{folder}/", "") for problem in Library(folder).check("welcome", names, given or None)]


def test_a_missing_language_is_named(folder: Path) -> None:
    (folder / "welcome" / "confirm.ar.md").unlink()
    with pytest.raises(Missing, match=r"welcome/confirm: no Arabic text \(confirm\.ar\.md\)"):
        Library(folder).get("welcome", "confirm", "ar")


WAYS_OUT = [("..", "confirm"), ("welcome", "../welcome/confirm"), ("welcome/../welcome", "confirm"), ("", "confirm")]


@pytest.mark.parametrize(("flow", "message"), WAYS_OUT)
def test_no_name_leads_out_of_the_folder(folder: Path, flow: str, message: str) -> None:
    with pytest.raises(Missing):
        Library(folder).get(flow, message, "en")


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(folder: Path) -> None:
    library = Library(folder)
    before = library.get("welcome", "confirm", "en")
    assert library.get("welcome", "confirm", "en") is before
    write(folder, "confirm", "en", "Something new\n")
    assert "Something new" in letter(library.get("welcome", "confirm", "en")).text


def test_one_message_has_one_purpose_in_all_languages(folder: Path) -> None:
    write(folder, "confirm", "en", purpose="marketing")
    with pytest.raises(ConfigError, match=r"confirm\.en\.md:1:1: purpose differ"):
        Library(folder).front("welcome", "confirm")


def test_the_digest_names_the_content_and_not_the_line_endings(folder: Path) -> None:
    before = Library(folder).digest("welcome")
    path = folder / "welcome" / "confirm.en.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Library(folder).digest("welcome") == before
    assert Library(folder).get("welcome", "confirm", "en").front.subject == "Hello"
    write(folder, "confirm", "en", "Hallo\n")
    assert Library(folder).digest("welcome") != before


def test_a_sound_flow_has_no_problems(folder: Path) -> None:
    assert said(folder, "confirm") == []


def test_a_message_missing_in_one_of_the_languages_is_a_problem(folder: Path) -> None:
    write(folder, "greet", "en")
    assert said(folder, "confirm", "greet") == ["welcome/greet.ar.md: no Arabic text of 'greet' (write it)"]


def test_a_text_that_no_step_sends_is_a_problem(folder: Path) -> None:
    write(folder, "old", "en")
    assert said(folder, "confirm") == ["welcome/old.en.md: no step sends 'old' (correct the name, or take the file away)"]


def test_two_buttons_in_one_mail_are_a_problem(folder: Path) -> None:
    write(folder, "confirm", "en", "**[a](https://a.example)**\n\n**[b](https://b.example)**\n")
    assert said(folder, "confirm") == ["welcome/confirm.en.md: has 2 buttons (one call to action: keep one bold link on its own)"]


def test_a_variable_that_nothing_gives_is_a_problem_with_its_place(folder: Path) -> None:
    write(folder, "confirm", "en", "Hello {{ frist_name }}\n")
    problems = said(folder, "confirm", confirm=frozenset({"event.project"}))
    assert problems == ["welcome/confirm.en.md:7:10: nothing gives this text 'frist_name' (did you mean 'first_name'?)"]


def test_a_broken_text_is_a_problem_and_not_an_exception(folder: Path) -> None:
    write(folder, "confirm", "ar", "{% for x in y %}\n")
    assert said(folder, "confirm")[0].startswith("welcome/confirm.ar.md:7:1: ")


def test_a_file_beyond_64_kib_is_refused(folder: Path) -> None:
    write(folder, "confirm", "en", "word " * 14_000)
    with pytest.raises(ConfigError, match="larger than 64 KiB"):
        Library(folder).get("welcome", "confirm", "en")


def test_a_text_that_came_with_a_folder_whose_time_was_set_back_is_seen(folder: Path) -> None:
    write(folder, "confirm", "en")
    library, long_ago = Library(folder), (10**18, 10**18)
    os.utime(folder / "welcome", ns=long_ago)
    before = library.digest("welcome")
    write(folder, "greet", "en")
    os.utime(folder / "welcome", ns=long_ago)
    assert library.digest("welcome") != before
