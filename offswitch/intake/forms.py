"""What intake needs of `connectors/forms`, found by name like every connector."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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


class ReadSubmission(Protocol):
    """A form as a submission, or why it can't be one."""

    def __call__(
        self, raw: Mapping[str, Any], *, source: str, now: datetime, default_kind: str, known_kinds: Collection[str]
    ) -> Submission | Reject:
        """Pure."""
        ...


class ReadFile(Protocol):
    """Every form of a file. Raises ConfigError for what spoils the whole file."""

    def __call__(
        self, path: str | Path, *, now: datetime, default_kind: str, known_kinds: Collection[str]
    ) -> Iterator[Submission | Reject]:
        """One after the other, as they are read."""
        ...


WriteRejects = Callable[[Iterable[Reject], str | Path], int]


@dataclass(frozen=True, slots=True)
class Forms:
    """`verify` gives a webhook's id or raises Refusal, `parse_json` the object in a body; `write_rejects` says how many."""

    verify: Callable[[bytes, Mapping[str, str], Sequence[str], datetime], str]
    parse_json: Callable[[bytes], Mapping[str, Any] | Refusal]
    read_submission: ReadSubmission
    read_file: ReadFile
    write_rejects: WriteRejects


def forms() -> Forms:
    """The readers in `connectors/forms`, and who believes a form that no source declares."""
    files = import_module("connectors.forms.files")
    return Forms(
        import_module("connectors.inbound.verify").verify_form,
        import_module("connectors.forms.strict_json").parse_json,
        import_module("connectors.forms.submission").read_submission,
        files.read_file,
        files.write_rejects,
    )


def known_kinds() -> frozenset[str]:
    """Every kind of event there is, once the project's flows are loaded."""
    return frozenset(KINDS)
