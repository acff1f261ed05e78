"""Bodies of posts, read strictly: JSON, web forms and multipart forms. Files that came along are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from connectors.forms.strict_json import LARGEST_BODY
from connectors.inbound.verify import json_of
from offswitch.model.post import Post
from offswitch.model.refusal import Refusal

FIELDS = 1_000  # in one web form
_BOUNDARY = re.compile(r"""(?i);\s*boundary="?([0-9a-z'()+_,./:=? -]{1,70}?)"?\s*(?:;|$)""")
_NAME = re.compile(r"""(?im)^content-disposition:[ ]*form-data;[ ]*name="([^"\r\n]{1,200})"([^\r\n]*)""")


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
    """The fields of a multipart form (RFC 7578); where no header names the boundary, the body's first line does.

    Names and values are UTF-8 as they stand, which Python's reader of mail would spoil.
    """
    wrong = Refusal(400, "the body is not a multipart form")
    sort = post.headers.get("content-type", "multipart/form-data")
    named = _BOUNDARY.search(sort)
    first = b"" if "boundary" in sort else post.body.partition(b"\r\n")[0]
    mark = b"--" + named[1].encode() if named else first
    pieces = (b"\r\n" + post.body).split(b"\r\n" + mark)
    fits = sort.lower().startswith("multipart/form-data") and len(mark) > 2 and pieces[0] == b"" and pieces[-1].startswith(b"--")
    if not fits or not 2 < len(pieces) <= FIELDS + 2:
        raise wrong
    try:
        return [field for piece in pieces[1:-1] for field in _field(piece)]
    except ValueError as error:
        raise wrong from error


def _field(piece: bytes) -> Iterator[tuple[str, str]]:
    """The name and value of one part; nothing for a file. Raises ValueError."""
    head, end, value = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    found = _NAME.search(head.decode())
    if not end or found is None:
        raise ValueError("a part without a name")
    if "filename" not in found[2].lower():
        yield found[1].replace("%22", '"'), value.decode()


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
