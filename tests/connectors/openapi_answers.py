"""Answers made from the documents that providers publish: what a connector must understand, whoever wrote our stand-ins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.connectors.openapi import document_of, resolved

_WORDS = {"date-time": "2026-11-21T09:00:00Z", "date": "2026-11-21", "uuid": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794", "email": "a@b.example"}


def answers_of(name: str, method: str, path: str) -> Iterator[tuple[int, Any]]:
    """Every status that the document gives for this operation, with a body as it is described; None where there is none."""
    document = document_of(name)
    for status, response in document["paths"][path][method]["responses"].items():
        content = resolved(response, document).get("content", {})
        found = next((each for media, each in content.items() if "json" in media), None)
        if str(status).isdigit():
            yield int(status), None if found is None else _made(found, document)


def _made(content: Mapping[str, Any], document: dict[str, Any]) -> Any:
    """The provider's own example where it gives one."""
    if "example" in content:
        return content["example"]
    for example in content.get("examples", {}).values():
        return resolved(example, document).get("value")
    return value_of(content.get("schema", {}), document)


def value_of(schema: Any, document: dict[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema: its example, or every property that it has."""
    schema = resolved(schema, document)
    for word in ("example", "const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        return value_of(part, document, depth + 1)
    parts = [value_of(part, document, depth + 1) for part in schema.get("allOf", ())]
    own = _plain(schema, document, depth)
    return {name: value for part in (*parts, own) if isinstance(part, dict) for name, value in part.items()} if parts else own


def _plain(schema: Mapping[str, Any], document: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object" if depth < 8:
            return {name: value_of(inner, document, depth + 1) for name, inner in schema.get("properties", {}).items()}
        case "array" if depth < 8:
            return [value_of(schema.get("items", {}), document, depth + 1)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _WORDS.get(schema.get("format", ""), "word")
        case _:
            return None
