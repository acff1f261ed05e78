"""Changing one word of a policy file and nothing else: every other byte, comment and line ending stays.

This is the way of `offswitch off`, so it needs no schema and imports little.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from offswitch.errors import ConfigError, Problem
from offswitch.policy.file import Stamp, read_text, stamp
from offswitch.policy.node import Node, Scalar, Table
from offswitch.policy.strict import parse

TRIES = 5
_WORD = re.compile(r"[a-z][a-z_-]*")
_KEY = re.compile(r"[A-Za-z0-9_.-]+")


def set_switch(path: Path, keys: tuple[str, ...], value: str) -> None:
    """Write `value` at `keys`, such as `("channels", "email")`, adding the key or its section where it is absent.

    The file is replaced in one step and keeps its mode. Raises ConfigError, with the file untouched, when it can't be
    read or when the change would touch anything else.
    """
    if not (keys and all(_KEY.fullmatch(key) for key in keys) and _WORD.fullmatch(value)):
        raise ValueError(f"not a switch: {keys!r} {value!r}")
    rewrite(path, lambda text: changed_text(text, keys, value, str(path)))


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Put in the place of a file what `change` makes of its text, in one step; the file keeps its mode.

    Raises ConfigError, with the file untouched, when it can't be read or written, and what `change` raises.
    """
    try:
        with _alone_in(path.resolve().parent) as folder:
            for _ in range(TRIES):
                text, version = read_text(path)
                changed = change(text)
                if changed == text or _replace(path.resolve(), changed, version, folder):
                    return
    except OSError as error:
        raise ConfigError(Problem(str(path), 0, 0, f"can't be written: {error.strerror}")) from error
    raise ConfigError(Problem(str(path), 0, 0, "keeps changing while it is edited", "save it once and try again"))


def changed_text(text: str, keys: tuple[str, ...], value: str, path: str) -> str:
    """The same text with one scalar changed or added. Raises ConfigError."""
    before = parse(text, path)
    node: Node = before
    depth = 0
    while isinstance(node, Table) and depth < len(keys) and keys[depth] in node.value:
        node = node.value[keys[depth]]
        depth += 1
    line_end = "\r\n" if "\r\n" in text else "\n"
    if isinstance(node, Scalar) and depth == len(keys):
        changed = _put(text, node, value, line_end)
    elif isinstance(node, Table) and depth < len(keys):
        changed = _add(text, node, keys[depth:], value, line_end)
    elif isinstance(node, Scalar) and node.start == node.end:
        column = node.column + 1
        changed = _fill(text, node, line_end + " " * column + _lines(keys[depth:], value, column, line_end))
    else:
        raise _by_hand(path, keys, value, node)
    with suppress(ConfigError):
        if values_of(parse(changed, path)) == _with(values_of(before), keys, value):
            return changed
    raise _by_hand(path, keys, value, node)


def _fill(text: str, empty: Scalar, words: str) -> str:
    """Write something where a key has no value, right behind its colon."""
    at = text.find(":", empty.start) + 1
    return text[:at] + words + text[at:]


def _put(text: str, scalar: Scalar, value: str, line_end: str) -> str:
    """Replace a value; a block gives its last line ending back."""
    if scalar.start == scalar.end:
        return _fill(text, scalar, f" {value}")
    tail = line_end if text[scalar.start : scalar.end].endswith("\n") else ""
    return text[: scalar.start] + value + tail + text[scalar.end :]


def _add(text: str, table: Table, keys: tuple[str, ...], value: str, line_end: str) -> str:
    """Write the key before the first one of its section, in the section's own style."""
    if table.flow:
        inner = ": {".join(keys) + f": {value}" + "}" * (len(keys) - 1)
        at = table.start + 1
        return text[:at] + inner + (", " if table.keys else "") + text[at:]
    first = next(iter(table.keys.values()))
    column = first.column - 1
    return text[: first.start] + _lines(keys, value, column, line_end) + line_end + " " * column + text[first.start :]


def _lines(keys: tuple[str, ...], value: str, column: int, line_end: str) -> str:
    """A key in a section in a section, from `column` on."""
    return f":{line_end}".join(" " * (column + 2 * depth if depth else 0) + key for depth, key in enumerate(keys)) + f": {value}"


def values_of(node: Node) -> object:
    """What a file says, without places, for comparing."""
    if isinstance(node, Table):
        return {key: values_of(value) for key, value in node.value.items()}
    if isinstance(node, Scalar):
        return node.value
    return [values_of(item) for item in node.value]


def _with(values: object, keys: tuple[str, ...], value: str) -> object:
    if not keys:
        return value
    inner = values if isinstance(values, dict) else {}
    return {**inner, keys[0]: _with(inner.get(keys[0]), keys[1:], value)}


def _by_hand(path: str, keys: tuple[str, ...], value: str, node: Node) -> ConfigError:
    what = f"{'.'.join(keys)} can't be set to {value} without touching something else"
    return ConfigError(Problem(path, node.line, node.column, what, f"write `{keys[-1]}: {value}` by hand"))


@contextmanager
def _alone_in(folder: Path) -> Iterator[int]:
    """The open folder, while no other edit of ours is at work in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives know no locks; then the check before the replacement must do
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _replace(path: Path, text: str, version: Stamp, folder: int) -> bool:
    """Put a whole new file in the place of the old one, unless somebody saved it in the meantime."""
    old = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            os.fchmod(handle, old.st_mode & 0o7777)
            with suppress(PermissionError):  # only root may give a file to its owner
                os.fchown(handle, old.st_uid, old.st_gid)
            file.flush()
            os.fsync(handle)
        if stamp(path) != version:
            return False
        Path(name).replace(path)
        os.fsync(folder)
    finally:
        Path(name).unlink(missing_ok=True)
    return True
