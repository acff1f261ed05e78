"""Requests judged by the documents that providers publish. The documents are not ours, so they lie outside the repository."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import ruamel.yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from offswitch.testing.http_server import Asked

FOLDER = Path(os.environ.get("OFFSWITCH_SPECS") or "../shared/specs")


class Spec:
    """One provider's document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._server = str(document["servers"][0]["url"]).rstrip("/")
        # A file in a form is a string to the documents, and would be bytes.
        files: dict[str, Any] = {"application/octet-stream": lambda content, **_: content.decode("latin-1")}
        self._openapi = OpenAPI.from_dict(document, config=Config(extra_media_type_deserializers=files))

    def check(self, asked: Asked) -> None:
        """Raise AssertionError unless the request is one that the provider describes."""
        url = urlsplit(asked.path)
        request = MockRequest(
            self._server,
            asked.method.lower(),
            url.path,
            args=dict(parse_qsl(url.query)),
            headers=dict(asked.headers),
            data=asked.body,
            content_type=asked.headers.get("content-type", ""),
        )
        try:
            self._openapi.validate_request(request)
        except OpenAPIError as error:
            raise AssertionError(f"{asked.method} {url.path}: {_why(error)}") from None


def spec_of(name: str, *paths: str) -> Spec:
    """The document in this file, of it the operations at these paths; all where none is named. Skips where it isn't there."""
    document_of(name)
    return _spec(name, paths)


def document_of(name: str) -> dict[str, Any]:
    """The document as it is. Skips where it isn't there."""
    if not (FOLDER / name).is_file():
        pytest.skip(f"{name}, the provider's own document, is not in {FOLDER}: set OFFSWITCH_SPECS")
    return _document(name)


@cache
def _document(name: str) -> dict[str, Any]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text) if name.endswith(".json") else ruamel.yaml.YAML(typ="safe").load(text)
    return found


@cache
def _spec(name: str, paths: Collection[str]) -> Spec:
    document = deepcopy(_document(name))
    if paths:  # reading all of it takes seconds
        document["paths"] = {path: document["paths"][path] for path in paths}
    for path in document["paths"].values():
        for operation in filter(lambda each: isinstance(each, dict), path.values()):
            for content in resolved(operation.get("requestBody", {}), document).get("content", {}).values():
                _close(content.get("schema", {}), document)
    return Spec(document)


def _close(schema: Any, document: dict[str, Any]) -> None:
    """A misspelt field is a mistake, though the documents let any pass."""
    if not isinstance(schema, dict):
        return
    schema = resolved(schema, document)
    if schema.get("x-closed"):
        return
    schema["x-closed"] = True
    if schema.get("properties"):
        schema.setdefault("additionalProperties", False)
    for inner in [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        _close(inner, document)


def resolved(value: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document stands for."""
    if "$ref" not in value:
        return value
    found = document
    for name in value["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _why(error: BaseException) -> str:
    causes = [str(error)]
    while error.__cause__ is not None:
        error = error.__cause__
        causes += [str(one.message) for one in getattr(error, "schema_errors", ())] or [str(error)]
    return "; ".join(dict.fromkeys(causes))
