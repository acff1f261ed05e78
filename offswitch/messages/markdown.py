"""Markdown with Jinja2 inside becomes HTML and plain text with the same Jinja2 inside, once per file and not per contact.

Each tag is swapped for a plain word before Markdown sees the text and put back afterwards. So what a value contains can
never be Markdown, and Markdown can never break a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jinja2 import TemplateSyntaxError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from offswitch.messages.plain import plain
from offswitch.messages.sandbox import TEXT, forbidden

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_OPENS = re.compile(r"\{%-?\s*if\b")
_CLOSES = re.compile(r"\{%-?\s*endif\b")
_EXPRESSION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)


class Unusable(Exception):
    """The text can't become a message; `line` counts from 1 within the text."""

    def __init__(self, line: int, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.line, self.what, self.fix = line, what, fix


@dataclass(frozen=True, slots=True)
class Sources:
    """Two Jinja2 sources made from one text, and how many buttons it has."""

    html: str
    text: str
    buttons: int


@dataclass(slots=True)
class Tags:
    """The Jinja2 tags of one text, each under a word that Markdown leaves alone."""

    word: str
    sources: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def hide(self, source: str, line: int = 1) -> str:
        """The word that stands for a tag, which was written in this line."""
        self.sources.append(source)
        self.lines.append(line)
        return f"{self.word}{len(self.sources) - 1}z"

    def hide_all(self, source: str) -> str:
        """The text with words for tags. Comments go."""
        parts: list[str] = []
        tag = ""
        begun = 1
        for line, kind, raw in TEXT.lex(source):
            if kind == "raw_begin":
                raise Unusable(line, "a text can't use raw: only values, filters and if")
            if kind.endswith("_begin"):
                tag, begun = raw, line
            elif kind.endswith("_end"):
                parts.append("" if kind == "comment_end" else self.hide(tag + raw, begun))
                tag = ""
            elif tag:
                tag += raw
            else:
                parts.append(raw)
        return "".join(parts)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the words; group 1 is the number of the tag."""
        return re.compile(rf"{self.word}(\d+)z")

    def show(self, text: str) -> str:
        """The text with the tags put back."""
        return self.pattern.sub(lambda found: self.sources[int(found[1])], text)

    def within(self, text: str) -> list[str]:
        """The tags that a piece of text stands for, in order."""
        return [self.sources[int(found[1])] for found in self.pattern.finditer(text)]

    def line(self, text: str) -> int:
        """Where the first tag of a piece of text was written."""
        found = self.pattern.search(text)
        return self.lines[int(found[1])] if found else 1


def checked(source: str) -> None:
    """Raise Unusable unless the text is sound Jinja2 within what a text may use."""
    try:
        tree = TEXT.parse(source)
    except TemplateSyntaxError as error:
        raise Unusable(error.lineno, error.message or "not readable as Jinja2") from error
    for line, what in forbidden(tree):
        raise Unusable(line, what)


def compiled(source: str) -> Sources:
    """HTML and plain text, both still with Jinja2 inside. Raises Unusable with the line."""
    checked(source)
    tags = Tags(word_not_in(source))
    tokens = _alone(_MARKDOWN.parse(_with_words(source, tags)), tags)
    _balanced(tokens, tags)
    _safe_links(tokens, tags)
    buttons = sum(1 for token in _paragraphs(tokens) if _as_button(token))
    text = plain(tokens)
    _isolate(tokens, tags)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Sources(tags.show(html), tags.show(text), buttons)


def word_not_in(source: str) -> str:
    """A beginning for words that no text contains by itself."""
    word = "xq"
    while word in source:
        word += "q"
    return word


def _with_words(source: str, tags: Tags) -> str:
    """Swap tags for words; a condition on a line of its own becomes a block of its own."""
    lone = re.compile(rf"^[ \t]*((?:{tags.word}\d+z[ \t]*)+)$", re.MULTILINE)

    def apart(line: re.Match[str]) -> str:
        return f"\n{line[1].strip()}\n" if _only_conditions(line[1], tags) else line[0]

    return lone.sub(apart, tags.hide_all(source))


def _paragraphs(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open":
            yield opening, inline


def _alone(tokens: Sequence[Token], tags: Tags) -> list[Token]:
    """Paragraphs that are nothing but conditions lose their <p> and become raw text of the page."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "paragraph_close" and kept[-1].type == "html_block":
            continue
        if token.type == "inline" and token.level == 1 and kept[-1].type == "paragraph_open" and _only_conditions(token.content, tags):
            kept[-1] = Token("html_block", "", 0, content=token.content)
        else:
            kept.append(token)
    return kept


def _only_conditions(text: str, tags: Tags) -> bool:
    return not tags.pattern.sub("", text).strip() and all(tag.startswith("{%") for tag in tags.within(text))


def _balanced(tokens: Iterable[Token], tags: Tags) -> None:
    """A condition inside a paragraph ends there, at the same level of emphasis; else it would tear the HTML apart."""
    for token in tokens:
        if token.type != "inline":
            continue
        level, opened = 0, []
        for child in token.children or ():
            level += child.nesting
            for tag in tags.within(child.content):
                if _OPENS.match(tag):
                    opened.append(level)
                elif tag.startswith("{%") and (not opened or opened[-1] != level):
                    raise _torn(tags.line(token.content))
                elif _CLOSES.match(tag):
                    opened.pop()
        if opened:
            raise _torn(tags.line(token.content))


def _torn(line: int) -> Unusable:
    what = "a condition begins in one paragraph or emphasis and ends in another"
    return Unusable(line, what, "put {% if %} and {% endif %} on lines of their own")


def _isolate(tokens: Iterable[Token], tags: Tags) -> None:
    """A value may run the other way than its sentence: <bdi> keeps each in its place (Unicode TR 9, HTML 4.5.24)."""
    for child in (child for token in tokens for child in token.children or () if child.type == "text"):
        for word, source in ((found[0], tags.sources[int(found[1])]) for found in [*tags.pattern.finditer(child.content)]):
            if source.startswith("{{"):
                child.content = child.content.replace(word, tags.hide(f"<bdi>{source}</bdi>"))


def _safe_links(tokens: Iterable[Token], tags: Tags) -> None:
    """Values in an address are checked when they are the address, and percent-encoded when they are a part of it."""
    for token in tokens:
        for child in token.children or ():
            for name in ("href", "src"):
                url = child.attrGet(name)
                if isinstance(url, str) and tags.pattern.search(url):
                    child.attrSet(name, tags.pattern.sub(lambda found, url=url: _escaped(found, url, tags), url))  # type: ignore[misc]


def _escaped(found: re.Match[str], url: str, tags: Tags) -> str:
    expression = _EXPRESSION.fullmatch(tags.sources[int(found[1])])
    if expression is None:
        raise Unusable(tags.line(found[0]), "a condition inside an address", "write two links")
    whole = found[0] == url
    return tags.hide(f"{{{{ ({expression[1].strip()}) | {'web_url' if whole else 'url_part'} }}}}")


def _as_button(paragraph: tuple[Token, Token]) -> bool:
    """A bold link alone in its paragraph is the button."""
    opening, inline = paragraph
    children = [child for child in inline.children or () if child.type != "text" or child.content]
    kinds = [child.type for child in children]
    if kinds[:2] != ["strong_open", "link_open"] or kinds[-2:] != ["link_close", "strong_close"] or kinds.count("link_open") != 1:
        return False
    opening.attrSet("class", "action")
    children[1].attrSet("class", "button")
    inline.children = children[1:-1]
    return True
