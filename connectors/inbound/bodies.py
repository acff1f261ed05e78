"""Bodies of posts, read strictly: JSON, web forms and multipart forms. Files that came along are left out."""

from __future__ import annotations

from email.errors import MessageError
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from connectors.forms.strict_json import LARGEST_BODY
from connectors.inbound.verify import json_of
from offswitch.model.post import Post
from offswitch.model.refusal import Refusal

FIELDS = 1_000  # in one web form


def read_body(sort: str, post: Post) -> Any:
    """What the body says. Raises Refusal: 413 too large, 400 not what it should be, 422 neither object nor list."""
    if len(post.body) > LARGEST_BODY:
        raise Refusal(413, "the body is larger than 1 MiB")
    if sort == "form":
        return _together(_pairs(post.body))
    if sort == "multipart":
        return _together(_parts(post))
    found = json_of(post.body)
    if not isinstance(found, dict | list):
        raise Refusal(422, "the body is not a JSON object")
    return found


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=FIELDS)
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8") from None
    except ValueError:
        raise Refusal(400, f"the body is not a web form, or has more than {FIELDS:,} fields") from None


def _parts(post: Post) -> list[tuple[str, str]]:
    """The fields of a multipart form; where no header names the boundary, the body's first line does."""
    sort = post.headers.get("content-type", "")
    if "boundary=" not in sort:
        boundary = post.body.partition(b"\n")[0].strip().removeprefix(b"--").decode("ascii", "replace")
        sort = f'multipart/form-data; boundary="{boundary}"'
    wrong = Refusal(400, "the body is not a multipart form")
    if "\n" in sort or "\r" in sort or not sort.lower().startswith("multipart/form-data") or post.body.count(b"\nContent-") > 2 * FIELDS:
        raise wrong
    try:
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + sort.encode() + b"\r\n\r\n" + post.body)
        parts: list[Any] = [*whole.iter_parts()] if whole.is_multipart() else []
        plain = [part for part in parts if not part.is_multipart() and part.get_filename() is None]
        return [(name, _text(part)) for part in plain if (name := _name(part))]
    except (MessageError, LookupError, ValueError) as error:
        raise wrong from error


def _name(part: Any) -> str:
    return str(part.get_param("name", "", "content-disposition") or "")


def _text(part: Any) -> str:
    content = part.get_payload(decode=True)
    return bytes(content or b"").decode()


def _together(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """By name; what was sent several times, as boxes are, is a list."""
    if not pairs:
        raise Refusal(400, "the body is empty")
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        else:
            found[name] = [*found[name], value] if isinstance(found[name], list) else [found[name], value]
    return found
