"""Reading a file whole: encodings, links, and writers that are at work while we read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.errors import ConfigError, Problem
from offswitch.policy.file import LIMIT, read_text
from offswitch.policy.node import Listing, Node, Table
from offswitch.policy.strict import read

OLD = ("switch: off\nowner: old\n" + "# o\n" * 900).encode()
NEW = ("switch: on\nowner: new\n" + "# n\n" * 1_100).encode()


def _tree_or_problems(path: Path) -> Node | tuple[Problem, ...]:
    try:
        return read(path)
    except ConfigError as error:
        return error.problems


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("switch: on".encode("utf-16"), "is saved as UTF-16 (save it as UTF-8)"),
        (b"\xfe\xff\x00s", "is saved as UTF-16"),
        ("switch: on".encode("utf-16-le"), "a control character (U+0000)"),
        (b"\xef\xbb\xbfswitch: on", "begins with a byte-order mark"),
        ("a: b\nname: نعم".encode("cp1256"), "p.yaml:2:7: is not UTF-8 text (byte 0xe4)"),
        (b"# " + b"x" * (LIMIT - 1), "is larger than 64 KiB"),
        (b"", "is empty"),
        (b"switch: \x1b[31mon", "a control character (U+001B)"),
    ],
)
def test_bytes_that_are_no_policy_are_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert said in str(caught.value)


def test_a_file_of_exactly_64_kib_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"switch: on\n# ".ljust(LIMIT, b"x"))
    assert len(read_text(path)[0]) == LIMIT


def test_a_missing_file_a_directory_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dir.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    for name, said in (("none", "there is no such file"), ("dir", "is not a file"), ("pipe", "is not a file")):
        with pytest.raises(ConfigError, match=said):
            read_text(tmp_path / f"{name}.yaml")


def test_a_link_out_of_the_folder_is_refused_and_one_within_it_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    (folder / "..data").mkdir(parents=True)
    (tmp_path / "else.yaml").write_text("switch: on\n")
    (folder / "..data" / "a.yaml").write_text("switch: off\n")
    (folder / "a.yaml").symlink_to("..data/a.yaml")
    (folder / "b.yaml").symlink_to("../else.yaml")
    (folder / "c.yaml").symlink_to("c.yaml")
    assert read_text(folder / "a.yaml")[0] == "switch: off\n"
    for name in ("b", "c"):
        with pytest.raises(ConfigError):
            read_text(folder / f"{name}.yaml")


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("switch: on\n")
    path.chmod(0)
    me = os.geteuid()
    os.seteuid(me or 65534)  # root may read everything
    try:
        with pytest.raises(ConfigError, match="can't be read: Permission denied"):
            read_text(path)
    finally:
        os.seteuid(me)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    os.utime(path, (1, 1))
    found = _tree_or_problems(path)
    assert isinstance(found, Table | Listing) or found


WRITER = """
import pathlib, sys, time
path, data = pathlib.Path(sys.argv[1]), [pathlib.Path(name).read_bytes() for name in sys.argv[3:]]
for turn in range(60):
    if sys.argv[2] == "replace":
        path.with_suffix(".tmp").write_bytes(data[turn % 2])
        path.with_suffix(".tmp").replace(path)
    else:
        with path.open("wb", buffering=0) as file:
            file.write(data[turn % 2][:1000])
            file.write(data[turn % 2][1000:])
    time.sleep(0.03)
"""


@pytest.mark.parametrize("way", ["replace", "in place"])
def test_a_read_during_writes_is_old_or_new_or_refused_and_never_mixed(tmp_path: Path, way: str) -> None:
    path, old, new = tmp_path / "p.yaml", tmp_path / "old", tmp_path / "new"
    for file, data in ((path, OLD), (old, OLD), (new, NEW)):
        file.write_bytes(data)
    with subprocess.Popen([sys.executable, "-c", WRITER, path, way, new, old]) as writer:
        seen = set()
        while writer.poll() is None:
            try:
                seen.add(read_text(path)[0].encode())
            except ConfigError as error:
                assert "keeps changing" in str(error)  # noqa: PT017 - a refusal is one of three good ends
    assert seen <= {OLD, NEW}
    assert seen
