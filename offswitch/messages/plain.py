"""Plain text from parsed Markdown: what a reader without HTML gets, and what an operator copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token


def plain(tokens: Sequence[Token]) -> str:
    """Paragraphs apart by one blank line, lists with their marks, links as `label: address`."""
    return "".join(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    marks: list[str] = []
    counts: list[int] = []
    mark = ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            counts.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counts.pop()
            yield "" if counts else "\n"
        elif token.type == "list_item_open":
            mark = f"{counts[-1]}. " if counts[-1] else "- "
            counts[-1] += bool(counts[-1])
            marks.append(" " * len(mark))
        elif token.type == "blockquote_open":
            marks.append("> ")
        elif token.type in ("list_item_close", "blockquote_close"):
            marks.pop()
        elif token.type == "html_block":
            yield token.content
        elif token.type == "hr":
            yield "* * *\n\n"
        elif token.type in ("inline", "fence", "code_block"):
            yield _block(token, marks, mark, tight=bool(counts))
            mark = ""


def _block(token: Token, marks: list[str], mark: str, *, tight: bool) -> str:
    text = _inline(token.children or ()) if token.type == "inline" else token.content.rstrip("\n")
    indent = "".join(marks)
    first = indent[: len(indent) - len(mark)] + mark
    return first + text.replace("\n", "\n" + indent) + ("\n" if tight else "\n\n")


def _inline(children: Sequence[Token]) -> str:
    parts: list[str] = []
    links: list[tuple[int, str]] = []
    for child in children:
        if child.type == "link_open":
            links.append((len(parts), str(child.attrGet("href") or "")))
        elif child.type == "link_close":
            start, url = links.pop()
            label = "".join(parts[start:])
            parts[start:] = [label if label in (url, url.removeprefix("mailto:")) else f"{label}: {url}"]
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        else:
            parts.append(child.content)
    return "".join(parts)
