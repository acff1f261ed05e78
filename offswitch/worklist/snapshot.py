"""The list for the day when nothing works: the next 72 hours of one flow as files that need no program, written whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from offswitch.act.desk import Desk
from offswitch.failpoints import reach
from offswitch.gate.reasons import Language
from offswitch.model.work import WorkItem
from offswitch.worklist.ahead import ahead
from offswitch.worklist.export import COLUMNS, csv_rows
from offswitch.worklist.index import as_index
from offswitch.worklist.kept import Snapshot, kept
from offswitch.worklist.page import Lines, Part, as_html
from offswitch.worklist.query import HORIZON

LANGUAGES: tuple[Language, ...] = ("en", "ar")
PAGE = 250  # items on a page, some more where one person's would be torn apart
PAGES = 40  # in each language: more than any team does in 72 hours; whatever comes after stands in the table alone
SHARE = 10  # a list is written anew after so many times as long as it took to write
OLDEST = timedelta(minutes=12)  # or after this, so that it is no older than 15 minutes when passes are a few minutes long
_ABANDONED = 3600.0  # seconds after which an unfinished list is no one's


def is_due(last: Snapshot | None, now: datetime) -> bool:
    """Is it time for a new list? So that making lists takes at most about a tenth of the time."""
    if last is None or last.made > now:
        return True
    return last.age(now) >= min(timedelta(seconds=last.took * SHARE), OLDEST)


def write_snapshot(desk: Desk, folder: Path, now: datetime) -> Snapshot:
    """Write `<flow>.csv`, `<flow>.en.html`, `<flow>.ar.html` and the index. Times are in the zone of `now`.

    Everything is on the disk before the first old file is replaced, so that a kill leaves whole files. Raises OSError.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    draft = Path(mkdtemp(prefix=f".{desk.journey.name}-", dir=folder))
    try:
        making = _Making(desk.journey.name, draft, now, now + HORIZON)
        making.write(ahead(desk, HORIZON))
        made = making.snapshot(time.monotonic() - began)
        _save(draft / f"{made.flow}.json", json.dumps(made.to_json(), ensure_ascii=False, indent=1))
        _publish(draft, folder, made)
        _save(draft / "index.html", as_index(kept(folder).values(), now))
        (draft / "index.html").replace(folder / "index.html")
        _sync(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


@dataclass(slots=True)
class _Making:
    """Counts while it writes, so that a long list never has to be in memory as a whole."""

    flow: str
    folder: Path
    now: datetime
    until: datetime
    pages: int = 0
    items: int = 0
    people: set[str] = field(default_factory=set)
    overdue: int = 0
    minutes: int = 0
    team: str = ""

    def write(self, chains: Iterator[list[WorkItem]]) -> None:
        """The table and, beside it, page after page in each language; there is always a first one."""
        with (self.folder / f"{self.flow}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            page = _page(chains)
            while page or not self.pages:
                after = _page(chains)
                table.writerows(csv_rows(page, self.now))
                self._count(page)
                if self.pages < PAGES:
                    self._show(page, more=bool(after))
                page = after
            _flush(file)

    def snapshot(self, took: float) -> Snapshot:
        """The account of what was written."""
        return Snapshot(
            self.flow, self.team, self.now, self.until, self.items, len(self.people), self.overdue, self.minutes, self.pages, took
        )

    def _show(self, page: Sequence[WorkItem], *, more: bool) -> None:
        self.pages += 1
        lines = Lines()
        for language in LANGUAGES:
            self._html(page, language, lines, more=more)
            reach("in snapshot", f"{self.flow}/{self.pages}/{language}")

    def _count(self, page: Sequence[WorkItem]) -> None:
        self.items += len(page)
        self.people.update(item.contact_id for item in page)
        self.overdue += sum(1 for item in page if item.late(self.now))
        self.minutes += sum(item.minutes for item in page)
        self.team = self.team or (page[0].team if page else "")

    def _html(self, page: Sequence[WorkItem], language: Language, lines: Lines, *, more: bool) -> None:
        number = self.pages
        other: Language = "ar" if language == "en" else "en"
        part = Part(
            flow=self.flow,
            number=number,
            first=self.items - len(page) + 1 if page else 0,
            last=self.items,
            until=self.until,
            before=page_name(self.flow, language, number - 1) if number > 1 else "",
            next=page_name(self.flow, language, number + 1) if more and number < PAGES else "",
            rest=more and number == PAGES,
            other=page_name(self.flow, other, number),
            table=f"{self.flow}.csv",
            index="index.html",
        )
        _save(self.folder / page_name(self.flow, language, number), as_html(page, self.now, language, part, lines))


def page_name(flow: str, language: str, number: int = 1) -> str:
    """`welcome.en.html`, then `welcome.en.2.html`."""
    return f"{flow}.{language}.html" if number == 1 else f"{flow}.{language}.{number}.html"


def _page(chains: Iterator[list[WorkItem]]) -> list[WorkItem]:
    """The next items, with nobody's torn apart; what is due first stands first."""
    page: list[list[WorkItem]] = []
    size = 0
    for chain in chains:
        page.append(chain)
        size += len(chain)
        if size >= PAGE:
            break
    return [item for chain in sorted(page, key=lambda chain: (chain[0].due, chain[0].id)) for item in chain]


def _publish(draft: Path, folder: Path, made: Snapshot) -> None:
    """Put the new files in the place of the old ones, the account last; then take away pages that there are no more."""
    account = draft / f"{made.flow}.json"
    names = {path.name for path in draft.iterdir()}
    for path in sorted(draft.iterdir()):
        if path != account:
            path.replace(folder / path.name)
    account.replace(folder / account.name)
    for path in folder.glob(f"{made.flow}.*.html"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def _save(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        _flush(file)


def _flush(file: TextIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """The new names, too, are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what killed processes left half written."""
    for path in folder.glob(".*-*"):
        try:
            abandoned = time.time() - path.stat().st_mtime > _ABANDONED
        except OSError:
            continue
        if abandoned:
            shutil.rmtree(path, ignore_errors=True)
