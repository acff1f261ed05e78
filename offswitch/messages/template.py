"""One message in one language, compiled once so that a copy for one person costs little."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Template as Compiled
from jinja2 import nodes

from offswitch.errors import ConfigError, Problem
from offswitch.messages.front_matter import Front, split
from offswitch.messages.layout import framed, inlined, signed
from offswitch.messages.markdown import Sources, Tags, Unusable, checked, compiled, word_not_in
from offswitch.messages.sandbox import HTML, TEXT

_MARK = r"\s*[,،;؛:.!?؟]"


@dataclass(frozen=True, slots=True)
class Template:
    """`variables` are the names that the text uses, with dots; `buttons` counts its calls to action."""

    flow: str
    message: str
    language: str
    path: str
    front: Front
    subject: Compiled
    preheader: Compiled
    text: Compiled
    html: Compiled
    variables: frozenset[str]
    buttons: int


def template(source: str, *, flow: str, message: str, language: str, path: str) -> Template:
    """Compile the text of a message file. Raises ConfigError with file, line and column."""
    front, body, above = split(source.replace("\r\n", "\n"), path)
    subject, preheader = (_line(line, front, path) for line in (front.subject, front.preheader))
    try:
        soft = _without_orphans(body, front.fallback)
        sources = compiled(soft)
    except Unusable as wrong:
        line = above + wrong.line
        raise ConfigError(Problem(path, line, _column(source, line), wrong.what, wrong.fix)) from wrong
    if not sources.text.strip():
        raise ConfigError(Problem(path, above + 1, 1, "the message has no text", "write it below the second ---"))
    return Template(
        flow,
        message,
        language,
        path,
        front,
        TEXT.from_string(subject),
        TEXT.from_string(preheader),
        TEXT.from_string(signed(sources.text, language=language, purpose=front.purpose)),
        HTML.from_string(_page(sources, language, front)),
        frozenset(_variables(f"{subject} {preheader} {soft}")),
        sources.buttons,
    )


def _line(text: str, front: Front, path: str) -> str:
    """A subject or preheader, with the same care as a body."""
    try:
        soft = _without_orphans(text, front.fallback)
        checked(soft)
    except Unusable as wrong:
        raise ConfigError(Problem(path, front.line, 1, wrong.what, wrong.fix)) from wrong
    return soft


def _page(sources: Sources, language: str, front: Front) -> str:
    """The framed page with inlined styles. Tags are hidden meanwhile, as the inliner would escape them."""
    page = framed(sources.html, language=language, purpose=front.purpose, preheader=bool(front.preheader))
    tags = Tags(word_not_in(page))
    return tags.show(inlined(tags.hide_all(page)))


def _without_orphans(text: str, fallback: Mapping[str, str]) -> str:
    """A variable whose fallback is nothing takes comma and blank before it along: `Hello {{ name }},` becomes `Hello,`."""
    for name in (name for name, instead in fallback.items() if not instead):
        tag = rf"\{{\{{-?\s*{re.escape(name)}\s*-?\}}\}}"
        orphan = re.search(rf"(?:^|[^\w\s\u064b-\u0652])[ \t]*{tag}{_MARK}", text, re.MULTILINE)
        if orphan:
            line = text.count("\n", 0, orphan.start() + 1) + 1
            fix = "give it a fallback text, or turn the sentence round"
            raise Unusable(line, f"without {name} a lonely comma or stop remains", fix)
        there = rf"{{% if {name} %}}\g<before>{{{{ {name} }}}}{{% endif %}}"
        text = re.sub(rf"(?P<before>[,،]?[ \t]+){tag}", there, text)
        text = re.sub(rf"(?<![ \t]){tag}", f'{{{{ {name} | default("") }}}}', text)
    return text


def _column(source: str, line: int) -> int:
    """Where the first tag of a line stands; 1 where there is none."""
    lines = source.splitlines()
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    found = re.search(r"\{[{%]", text)
    return found.start() + 1 if found else 1


def _variables(source: str) -> Iterator[str]:
    tree = TEXT.parse(source)
    inner = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    for node in tree.find_all((nodes.Name, nodes.Getattr)):
        if id(node) not in inner:
            yield _dotted(node)


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"
