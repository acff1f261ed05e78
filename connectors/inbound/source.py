"""A declared source: believes, reads and shows what comes from one sender."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.forms.files import opened
from connectors.forms.rows import read_foreign_rows
from connectors.forms.submission import read_submission
from connectors.forms.text import Unfit
from connectors.inbound.bodies import read_body
from connectors.inbound.mapping import at_source, events_in, ids_for, read_event, row_id
from connectors.inbound.preview import Shown, shown
from connectors.inbound.replay import Seen
from connectors.inbound.sns import believe_sns
from connectors.inbound.source_file import SourceFile
from connectors.inbound.verify import verify
from offswitch.errors import ConfigError, Problem
from offswitch.model.event import KINDS
from offswitch.model.post import Believed, Brought, Post
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission
from offswitch.policy.file import Stamp, stamp
from offswitch.policy.node import Node
from offswitch.policy.strict import read
from offswitch.policy.translate import problem_at, validated
from offswitch.policy.values import likely

_SEEN = Seen()


@dataclass(frozen=True)
class Source:
    """One `sources/<name>.yaml`, ready for use."""

    name: str
    file: SourceFile

    @property
    def about(self) -> str:
        """What comes from here, in a line."""
        return self.file.about or ""

    @property
    def signature(self) -> str:
        """The kind of its signature."""
        return self.file.signature.kind

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of event that it may bring."""
        return sorted(set(self.file.kinds().values()))

    def verify(self, post: Post, secrets: Sequence[str], now: datetime) -> Believed:
        """Who sent it is proven. May ask Amazon for a certificate. Raises Refusal."""
        scheme = self.file.signature.scheme
        if scheme.algorithm == "sns":
            return believe_sns(scheme, post, secrets, now)
        believed = verify(scheme, post, secrets, now, self.file.signature.url or "")
        if scheme.id and scheme.signed and "{body}" not in scheme.signed:
            _SEEN.check(self.name, believed.id, post.body, now, scheme.window)
        return believed

    def read(self, post: Post, id: str, now: datetime, known_kinds: Collection[str]) -> Brought:
        """The events of a post, each by itself. Raises Refusal for a body that can't be read at all."""
        try:
            return self._brought(read_body(self.file.body, post), id, now, known_kinds)
        except Unfit as error:
            raise Refusal(422, str(error)) from None

    def rows(self, path: str | Path, *, now: datetime, default_kind: str, known_kinds: Collection[str]) -> Iterator[Submission | Reject]:
        """The rows of a file, each like a body. Rows that were turned away and mended are read as what they are: our own forms."""
        with opened(path) as table:
            for row in read_foreign_rows(table, str(path)):
                where = f"{path}:{row.line}"
                if row.fault:
                    yield Reject(where, row.fault, row.fields)
                elif row.ours:
                    yield read_submission(row.fields, source=where, now=now, default_kind=default_kind, known_kinds=known_kinds)
                else:
                    yield from (at_source(one, where) for one in self._of_row(row.fields, now, known_kinds))

    def show(self, path: str | Path, *, now: datetime, known_kinds: Collection[str]) -> Iterator[Shown]:
        """What each event of a sample becomes: a body as it is posted, or a file of rows. Raises ConfigError."""
        for body in self._samples(path):
            try:
                events = events_in(self.file, body)
            except Unfit as error:
                yield Shown("", [], [f"not taken: {error}"])
                continue
            for one, own in zip(events, ids_for(events, row_id(body)), strict=True):
                yield shown(self.file, one, own, now, known_kinds)

    def _samples(self, path: str | Path) -> Iterator[Any]:
        if self.file.body != "json" and Path(path).suffix not in (".csv", ".json", ".jsonl"):
            with opened(path) as text:
                body = text.read().encode(errors="surrogateescape")
            try:
                yield read_body(self.file.body, Post(body))
            except Refusal as refusal:
                raise ConfigError(Problem(str(path), 0, 0, refusal.message, "save the body as it was posted")) from refusal
            return
        with opened(path) as table:
            for row in read_foreign_rows(table, str(path)):
                if row.fault:
                    raise ConfigError(Problem(str(path), row.line, 1, row.fault))
                yield row.fields

    def _of_row(self, row: Mapping[str, Any], now: datetime, known_kinds: Collection[str]) -> Sequence[Submission | Reject]:
        try:
            return self._brought(row, row_id(row), now, known_kinds).found
        except Unfit as error:
            return [Reject(self.name, str(error), row)]

    def _brought(self, body: Any, id: str, now: datetime, known_kinds: Collection[str]) -> Brought:
        events = events_in(self.file, body)
        found = [
            read_event(self.file, one, name=self.name, id=own, now=now, known_kinds=known_kinds)
            for one, own in zip(events, ids_for(events, id), strict=True)
        ]
        taken = [one for one in found if one is not None]
        return Brought(taken, len(found) - len(taken))


def load(folder: Path, name: str) -> Source | None:
    """The source of this name as its file says now, None where it has none. Raises ConfigError."""
    path = folder / f"{name}.yaml"
    try:
        version = stamp(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(Problem(str(path), 0, 0, f"can't be read: {error.strerror}")) from error
    return _loaded(path, version, len(KINDS))


@lru_cache(maxsize=256)
def _loaded(path: Path, _version: Stamp, _kinds: int) -> Source:
    node = read(path)
    file = validated(SourceFile, node, str(path))
    problems = list(_wrong(file, node, str(path)))
    if problems:
        raise ConfigError(*problems)
    return Source(path.stem, file)


def _wrong(file: SourceFile, node: Node, path: str) -> Iterator[Problem]:
    """Kinds of event that there aren't, and fields without which an event of a kind is none."""
    for place, kind in file.kinds().items():
        cls = KINDS.get(kind)
        if cls is None:
            yield problem_at(node, place, path, f"is {kind}, which is no event", likely(kind, KINDS))
            continue
        needed = [one.name for one in fields(cls) if one.default is NO_DEFAULT and one.default_factory is NO_DEFAULT]
        for name in needed:
            if name not in ("id", "at", *file.data):
                fix = f"add `{name}: ...` below data"
                yield problem_at(node, ("data",), path, f"has no {name}, and {kind} is none without it", fix)
