"""Files of forms in, and the rows that couldn't be taken out again, ready to be mended and read once more."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from connectors.forms.rows import NOTES, read_rows
from connectors.forms.submission import read_submission
from offswitch.errors import ConfigError, Problem
from offswitch.model.cells import safe_cell
from offswitch.model.submission import Reject, Submission


def read_file(path: str | Path, *, now: datetime, default_kind: str, known_kinds: Collection[str]) -> Iterator[Submission | Reject]:
    """Every form of a CSV, JSON or JSON-lines file in UTF-8, or of standard input (`-`); its source is `file:line`.

    A row that can't be taken is a Reject and the others go on. Raises ConfigError for what spoils the whole file.
    """
    with opened(path) as file:
        for row in read_rows(file, str(path)):
            where = f"{path}:{row.line}"
            if row.fault:
                yield Reject(where, row.fault, row.fields)
            else:
                yield read_submission(row.fields, source=where, now=now, default_kind=default_kind, known_kinds=known_kinds)


def write_rejects(rejects: Iterable[Reject], path: str | Path) -> int:
    """Write them as CSV, with where and why in front, for a spreadsheet; how many there were.

    Columns are those of the flat form, so that the mended file can be read again. Only the owner may read the file.
    """
    found = list(rejects)
    rows = [dict(zip(NOTES, (reject.where, reject.reason), strict=True)) | _flat(reject.row) for reject in found]
    columns = list(dict.fromkeys([*NOTES, *(name for row in rows for name in row)]))
    target = Path(path)
    target.touch(mode=0o600)
    with target.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        table = csv.writer(file)
        table.writerow(safe_cell(name) for name in columns)
        table.writerows([safe_cell(row.get(name, "")) for name in columns] for row in rows)
    return len(found)


@contextmanager
def opened(path: str | Path) -> Iterator[TextIO]:
    """The file as text; bytes that aren't UTF-8 become lone surrogates, for `read_rows` to find the row."""
    if str(path) == "-":
        text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield text
        text.detach()
        return
    try:
        with Path(path).open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield file
    except OSError as error:
        raise ConfigError(Problem(str(path), 0, 0, f"the file can't be read: {error.strerror}")) from error


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """A form, nested or not, as the columns of a flat one."""
    found: dict[str, str] = {}
    for name, value in row.items():
        if name in ("contact", "data") and isinstance(value, Mapping):
            found |= _flat(value)
        elif name == "consent" and isinstance(value, Mapping):
            found |= {"consent": _cell(value.get("marketing")), "consent_wording": _cell(value.get("wording"))}
        else:
            found[str(name)] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
