"""What intake needs of `connectors/forms`, found by name like every connector."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from offswitch.events import FormSubmitted
from offswitch.model.event import KINDS
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission

DEFAULT_KIND = FormSubmitted.kind
# Small letters, so that a name means one source in an address, in a variable and on every file system.
SOURCE = re.compile("[a-z][a-z0-9_]{0,39}")


class Verify(Protocol):
    """The webhook's id. Raises Refusal when it isn't from whom it says."""

    def __call__(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> str: ...


class ParseJson(Protocol):
    """The object in a body, or the answer for its sender."""

    def __call__(self, body: bytes) -> Mapping[str, Any] | Refusal: ...


class ReadSubmission(Protocol):
    """A form as a submission, or why it can't be one."""

    def __call__(
        self, raw: Mapping[str, Any], *, source: str, now: datetime, default_kind: str, known_kinds: Collection[str]
    ) -> Submission | Reject: ...


class ReadFile(Protocol):
    """Every form of a file. Raises ConfigError for what spoils the whole file."""

    def __call__(
        self, path: str | Path, *, now: datetime, default_kind: str, known_kinds: Collection[str]
    ) -> Iterator[Submission | Reject]: ...


class WriteRejects(Protocol):
    """Forms that weren't taken, as a file to mend; how many there were."""

    def __call__(self, rejects: Iterable[Reject], path: str | Path) -> int: ...


@dataclass(frozen=True, slots=True)
class Forms:
    """The readers of forms."""

    verify: Verify
    parse_json: ParseJson
    read_submission: ReadSubmission
    read_file: ReadFile
    write_rejects: WriteRejects


def forms() -> Forms:
    """The readers in `connectors/forms`."""
    files = import_module("connectors.forms.files")
    return Forms(
        import_module("connectors.forms.standard_webhooks").verify,
        import_module("connectors.forms.strict_json").parse_json,
        import_module("connectors.forms.submission").read_submission,
        files.read_file,
        files.write_rejects,
    )


def known_kinds() -> frozenset[str]:
    """Every kind of event there is, once the project's flows are loaded."""
    return frozenset(KINDS)
