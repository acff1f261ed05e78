"""All message files of a project, compiled when first asked for: `messages/<flow>/<message>.<language>.md`.

A text that is tried out stands beside the message's own one, under the same name with a mark: `greet~short.en.md`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from offswitch.errors import ConfigError, OffswitchError, Problem
from offswitch.messages.front_matter import Front
from offswitch.policy.experiments import OWN
from offswitch.policy.file import Stamp, read_text, stamp

if TYPE_CHECKING:
    from offswitch.messages.template import Template

_FILE = re.compile(r"(?P<message>[a-z][a-z0-9_]*(?:~[a-z][a-z0-9_]*)?)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.md")
ALWAYS = ("name", "first_name", "sender_name", "postal_address", "privacy_url", "language")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
MARK = "~"
_RESTED = 2_000_000_000  # nanoseconds; the coarsest clock of a file system in use ticks every two seconds


def named(message: str, variant: str) -> str:
    """A text as `get` knows it: `greet` for the message's own, `greet~short` for a variant."""
    return message if variant in ("", OWN) else f"{message}{MARK}{variant}"


class Missing(OffswitchError):
    """There is no text for this message in this language; the message says which."""


class Library:
    """Reads message files; a changed file is compiled anew, an unchanged one costs one look at the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache: dict[tuple[str, str, str], tuple[Path, Stamp, Template]] = {}
        self._folders: dict[str, tuple[tuple[int, ...], list[tuple[str, str]]]] = {}

    def get(self, flow: str, message: str, language: str) -> Template:
        """The text in exactly this language. Raises Missing, and ConfigError for a text that can't be used."""
        kept = self._cache.get((flow, message, language))
        path = kept[0] if kept else self._path(flow, message, language)
        try:
            seen = stamp(path)
        except OSError as error:
            raise Missing(f"{flow}/{message}: no {_english(language)} text ({path.name})") from error
        if kept is None or kept[1] != seen:
            from offswitch.messages.template import template  # what compiles texts takes a tenth of a second to load

            text, seen = read_text(path)
            kept = path, seen, template(text, flow=flow, message=message, language=language, path=str(path))
            self._cache[flow, message, language] = kept
        return kept[2]

    def languages(self, flow: str, message: str) -> tuple[str, ...]:
        """The languages that this message is written in, sorted."""
        return tuple(sorted(language for found, language in self._files(flow) if found == message))

    def messages(self, flow: str) -> tuple[str, ...]:
        """The messages of a flow with all their variants, sorted."""
        return tuple(sorted({message for message, _ in self._files(flow)}))

    def texts(self, flow: str, message: str) -> tuple[str, ...]:
        """The message's own text, then its variants, as `get` knows them: `greet`, `greet~short`."""
        found = {name for name, _ in self._files(flow) if name.partition(MARK)[0] == message}
        return message, *sorted(found - {message})

    def front(self, flow: str, message: str) -> Front:
        """What the message is for, the same in all its languages and variants. Raises Missing, and ConfigError where they differ."""
        texts = [self.get(flow, name, language) for name in self.texts(flow, message) for language in self.languages(flow, name)]
        if not texts:
            raise Missing(f"{flow}/{message}: no text in any language ({self.folder / flow / message}.en.md)")
        first = texts[0]
        problems = [_differs(text, first) for text in texts[1:] if text.front.kind != first.front.kind]
        if problems:
            raise ConfigError(*problems)
        return first.front

    def digest(self, flow: str) -> str:
        """Names the content of all message files of a flow, whatever the line endings."""
        total = sha256()
        for message, language in self._files(flow):
            name = f"{message}.{language}.md"
            content = (self.folder / flow / name).read_bytes().replace(b"\r\n", b"\n")
            total.update(f"{name}\0{len(content)}\0".encode() + content)
        return total.hexdigest()

    def check(self, flow: str, names: Iterable[str], variables: Mapping[str, frozenset[str]] | None = None) -> list[Problem]:
        """What is wrong with the texts of a flow whose steps send `names`; `variables` is what each of them is given."""
        wanted = tuple(dict.fromkeys(names))
        files = self._files(flow)
        languages = sorted({language for _, language in files})
        problems = self._misnamed(flow)
        for name in (text for message in wanted for text in self.texts(flow, message)):
            problems += self._gaps(flow, name, languages or ["en"]) or self._sound(
                flow, name, None if variables is None else variables.get(name.partition(MARK)[0], frozenset())
            )
        for message, language in files:
            if message.partition(MARK)[0] not in wanted:
                path = str(self.folder / flow / f"{message}.{language}.md")
                problems.append(Problem(path, 0, 0, f"no step sends {message!r}", "correct the name, or take the file away"))
        return problems

    def _path(self, flow: str, message: str, language: str) -> Path:
        name = f"{message}.{language}.md"
        if not _FILE.fullmatch(name) or not _NAME.fullmatch(flow):
            raise Missing(f"{flow}/{message}: no text in {language!r}")
        return self.folder / flow / name

    def _gaps(self, flow: str, message: str, languages: Iterable[str]) -> list[Problem]:
        there = self.languages(flow, message)
        return [
            Problem(str(self.folder / flow / f"{message}.{language}.md"), 0, 0, f"no {_english(language)} text of {message!r}", "write it")
            for language in languages
            if language not in there
        ]

    def _sound(self, flow: str, message: str, given: frozenset[str] | None) -> list[Problem]:
        problems: list[Problem] = []
        for language in self.languages(flow, message):
            try:
                text = self.get(flow, message, language)
            except ConfigError as error:
                problems += error.problems
                continue
            if given is not None:
                problems += _unknown(text, given)
            if text.buttons > 1:
                what = f"has {text.buttons} buttons"
                problems.append(Problem(text.path, 0, 0, what, "one call to action: keep one bold link on its own"))
        if problems:
            return problems
        try:
            self.front(flow, message)  # a variant is told with its message
        except ConfigError as error:
            return list(error.problems) if MARK not in message else []
        return []

    def _misnamed(self, flow: str) -> list[Problem]:
        """Files that were meant as variants and are none."""
        folder = self.folder / flow
        odd = [path for path in sorted(folder.glob(f"*{MARK}*.md")) if not _FILE.fullmatch(path.name) or f"{MARK}{OWN}." in path.name]
        fix = f"call it like greet{MARK}short.en.md, in small letters, digits and _; {OWN} is the text without a mark"
        return [Problem(str(path), 0, 0, "is no name of a variant", fix) for path in odd]

    def _files(self, flow: str) -> list[tuple[str, str]]:
        """Message and language of each file. A folder that has rested since it was last read isn't read again.

        Whoever unpacks a release sets the time of the folder back, but not the time of that change.
        """
        if not _NAME.fullmatch(flow):
            return []
        try:
            seen = (self.folder / flow).stat()
            version = seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns
            kept = self._folders.get(flow)
            if kept is not None and kept[0] == version:
                return kept[1]
            with os.scandir(self.folder / flow) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError:
            return []
        found = [(match["message"], match["language"]) for match in map(_FILE.fullmatch, names) if match]
        if time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) > _RESTED:
            self._folders[flow] = (version, found)
        return found


def _differs(text: Template, first: Template) -> Problem:
    names = ("purpose", "ask", "decides", "amount", "currency")
    odd = [name for name, one, other in zip(names, text.front.kind, first.front.kind, strict=True) if one != other]
    fix = "one message is one thing in all languages and variants"
    return Problem(text.path, 1, 1, f"{' and '.join(odd)} differ from {Path(first.path).name}", fix)


def _unknown(text: Template, given: frozenset[str]) -> Iterator[Problem]:
    known = {*given, *ALWAYS, *(("unsubscribe_url",) if text.front.purpose == "marketing" else ())}
    lines = Path(text.path).read_text("utf-8").splitlines()
    for name in sorted({*text.variables, *text.front.fallback, *text.front.money_in}):
        if name in known or name.partition(".")[0] in ("contact", *(one for one in given if "." not in one)):
            continue
        line, column = next(((at, row.index(name) + 1) for at, row in enumerate(lines, 1) if name in row), (1, 1))
        near = get_close_matches(name, known, 1)
        fix = f"did you mean {near[0]!r}?" if near else "a step gives it with send(…, name=value)"
        yield Problem(text.path, line, column, f"nothing gives this text {name!r}", fix)


def _english(language: str) -> str:
    try:
        return Locale.parse(language, sep="-").get_display_name("en") or language
    except (UnknownLocaleError, ValueError):
        return language
