"""Editing one word: every other byte stays, and the file is never half written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.errors import ConfigError
from offswitch.policy.edit import changed_text, set_switch
from offswitch.policy.node import Scalar, Table
from offswitch.policy.strict import parse, read

COMMENTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20).map(lambda text: f"# {text}")
LINES = [
    ("switch: ", "on"),
    ("owner: ", "x"),
    ("channels:", ""),
    ("  email: ", "on"),
    ("  sms: ", '"on"'),
    ("note: |", ""),
    ("  a: on", ""),
]


def _switch(path: Path, *keys: str) -> str:
    node = read(path)
    for key in keys:
        assert isinstance(node, Table)
        node = node.value[key]
    assert isinstance(node, Scalar)
    return node.value


@given(st.lists(st.tuples(COMMENTS, COMMENTS), min_size=7, max_size=7), st.sampled_from(["\n", "\r\n"]), st.sampled_from([0, 3, 4]))
def test_wherever_comments_stand_only_the_word_changes(comments: list[tuple[str, str]], line_end: str, which: int) -> None:
    keys = {0: ("switch",), 3: ("channels", "email"), 4: ("channels", "sms")}[which]
    before, after = [], []
    for place, ((key, value), (above, beside)) in enumerate(zip(LINES, comments, strict=True)):
        own = [] if place == 6 else [above]  # in a block a # is text
        before += [*own, f"{key}{value} {beside}"]
        after += [*own, f"{key}{'off' if place == which else value} {beside}"]
    assert changed_text(line_end.join(before), keys, "off", "p.yaml") == line_end.join(after)


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("# top\nowner: x\n", ("switch",), "# top\nswitch: off\nowner: x\n"),
        ("switch: on", ("switch",), "switch: off"),
        ("switch:\nowner: x\n", ("switch",), "switch: off\nowner: x\n"),
        ("switch: |\n  on\nowner: x\n", ("switch",), "switch: off\nowner: x\n"),
        ("{switch: on, a: b}\n", ("switch",), "{switch: off, a: b}\n"),
        ("a: b\n", ("channels", "email"), "channels:\n  email: off\na: b\n"),
        ("channels:  # c\na: b\r\n", ("channels", "email"), "channels:\r\n  email: off  # c\na: b\r\n"),
        ("channels: {}\n", ("channels", "email"), "channels: {email: off}\n"),
        ("channels: {sms: on}\n", ("channels", "email"), "channels: {email: off, sms: on}\n"),
        ("channels:\n    # c\n    sms: on\n", ("channels", "email"), "channels:\n    # c\n    email: off\n    sms: on\n"),
        ("steps:\n  greet: {switch: on}\n", ("steps", "greet", "switch"), "steps:\n  greet: {switch: off}\n"),
        ("steps:\n    greet:\n", ("steps", "greet", "switch"), "steps:\n    greet:\n      switch: off\n"),
        ("steps: {}\n", ("steps", "greet", "switch"), "steps: {greet: {switch: off}}\n"),
        ("unknown: [to, the, schema]\nswitch: on\n", ("switch",), "unknown: [to, the, schema]\nswitch: off\n"),
    ],
)
def test_a_switch_is_changed_or_added_in_the_style_of_the_file(text: str, keys: tuple[str, ...], expected: str) -> None:
    assert changed_text(text, keys, "off", "p.yaml") == expected
    parse(expected, "p.yaml")


@pytest.mark.parametrize("text", ["switch: [on]\n", "- switch\n", "switch: on\nswitch: off\n", "switch: {a: b}\n", "a: [\n", ""])
def test_a_file_that_cannot_be_edited_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"p\.yaml"):
        set_switch(path, ("switch",), "off")
    assert path.read_text() == text


def test_what_is_no_switch_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    for keys, value in (((), "off"), (("a b",), "off"), (("switch",), "off\nowner: me")):
        with pytest.raises(ValueError, match="not a switch"):
            set_switch(tmp_path / "p.yaml", keys, value)


def test_the_file_keeps_its_mode_owner_and_link_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    real, path = tmp_path / "real.yaml", tmp_path / "p.yaml"
    real.write_text("switch: on\n")
    real.chmod(0o640)
    if os.getuid() == 0:
        os.chown(real, 12345, 12345)
    owner = real.stat().st_uid
    path.symlink_to("real.yaml")
    set_switch(path, ("switch",), "off")
    assert path.is_symlink()
    assert real.read_text() == "switch: off\n"
    assert (real.stat().st_mode & 0o7777, real.stat().st_uid) == (0o640, owner)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["p.yaml", "real.yaml"]


def test_a_change_to_what_stands_there_already_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("switch: off # already\n")
    before = path.stat()
    set_switch(path, ("switch",), "off")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_four_people_who_turn_four_switches_off_at_once_all_win(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("channels: {a: on, b: on, c: on, d: on}\n")
    threads = [threading.Thread(target=set_switch, args=(path, ("channels", channel), "off")) for channel in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [_switch(path, "channels", channel) for channel in "abcd"] == ["off"] * 4


def test_a_save_between_reading_and_writing_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, saves = tmp_path / "p.yaml", ["switch: on\nowner: new\n"]
    path.write_text("switch: on\nowner: old\n")
    mkstemp: Any = tempfile.mkstemp

    def save_first(**options: Any) -> Any:
        if saves:
            path.write_text(saves.pop())
        return mkstemp(**options)

    monkeypatch.setattr(tempfile, "mkstemp", save_first)
    set_switch(path, ("switch",), "off")
    assert path.read_text() == "switch: off\nowner: new\n"


def test_the_way_of_off_imports_no_pydantic() -> None:
    script = (
        "import sys, offswitch.policy.edit; sys.exit(any(name.startswith(('pydantic', 'prefect', 'sqlalchemy')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
