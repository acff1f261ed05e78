"""The page about every key of the policy files, made from their schema: what to write, what holds where nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from offswitch.policy.editor import FILES, schema_of

Shape = Mapping[str, Any]
_HEAD = """# Policy files: every key

Made by `offswitch schema --reference`; don't edit it by hand. A key of a flow that has no default takes the value of `company.yaml`.
Your editor completes all this when a file begins with the comment that the sample files have (`# yaml-language-server: …`).
"""
_NAMES = {
    "schema.json": "`<flow>.yaml`",
    "schema.company.json": "`company.yaml`",
    "schema.scoring.json": "`scoring.yaml`",
    "schema.segments.json": "`segments.yaml`",
    "schema.funnel.json": "`funnel.yaml`",
}


def reference() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *(line for name in FILES for line in _file(name))]).rstrip() + "\n"


def sections(kind: type[BaseModel]) -> str:
    """The tables of another kind of file, for a page of its own."""
    return "\n".join(_tables(schema_of(kind), ""))


def _file(name: str) -> Iterator[str]:
    yield f"## {_NAMES.get(name, name)}\n"
    yield from _tables(schema_of(FILES[name]), f" in {_NAMES.get(name, name)}")


def _tables(schema: Shape, where: str) -> Iterator[str]:
    yield from _section(schema)
    for title, section in schema.get("$defs", {}).items():
        yield f"### {_plain(title)}{where}\n"
        yield f"{section['description']}\n"
        yield from _section(section)


def _section(section: Shape) -> Iterator[str]:
    required = section.get("required", ())
    yield "| Key | Write | Default | Meaning |"
    yield "|---|---|---|---|"
    for key, shape in section["properties"].items():
        default = "required" if key in required else _default(shape)
        yield f"| `{key}` | {_write(shape)} | {default} | {shape['description']} |"
    yield ""


def _default(shape: Shape) -> str:
    return f"`{_flow_style(shape['default'])}`" if "default" in shape else ""


def _flow_style(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow_style(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow_style, value)) + "]"
    return str(value)


def _write(shape: Shape) -> str:
    """What stands behind the key, in a few words."""
    if "$ref" in shape:
        return f"a section: {_plain(shape['$ref'].rpartition('/')[2])}"
    if "enum" in shape:
        return ", ".join(f"`{word}`" for word in shape["enum"] if isinstance(word, str))
    if "anyOf" in shape:
        return " or ".join(_write(one) for one in shape["anyOf"])
    if shape.get("type") == "array":
        return f"a list of {_write(shape['items'])}"
    if shape.get("type") == "object":
        inner = [*shape.get("patternProperties", {}).values()] or [shape.get("additionalProperties")]
        if "properties" in shape:
            return "`{" + ", ".join(f"{key}: {_example(one)}" for key, one in shape["properties"].items()) + "}`"
        return f"by name: {_write(inner[0])}" if isinstance(inner[0], dict) else "a section"
    if shape.get("type") == "integer":
        return f"a number from {shape['minimum']} to {shape['maximum']}" if "maximum" in shape else "a number"
    return ", ".join(f"`{text}`" for text in shape.get("examples", ())) or "text"


def _example(shape: Shape) -> str:
    return str((shape.get("examples") or [shape.get("minimum", "…")])[0])


def _plain(title: str) -> str:
    """`OnResume` is "on resume"."""
    return "".join(f" {letter.lower()}" if letter.isupper() and place else letter.lower() for place, letter in enumerate(title))
