"""The part of docs/connectors.md that is made from the connectors themselves: promises, limits and every variable."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from offswitch.errors import Refused
from offswitch.project.catalogue import PROMISES, Entry, Variable, catalogue

BEGIN = "<!-- made by `offswitch connectors --reference docs/connectors.md` -->"
END = "<!-- end -->"


def renewed(page: str) -> str:
    """The page with its tables as the connectors are now. Raises Refused where the page has no place for them."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise Refused(f"the page has no place for the variables: write {BEGIN} and {END}")
    shared = _shared()
    parts = [_of_all(shared), *(_of_one(entry, shared) for entry in catalogue())]
    return f"{head}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{tail}"


def _shared() -> dict[str, Variable]:
    """What every connector over HTTP has, by the end of its name."""
    settings = importlib.import_module("connectors.http").HttpSettings
    return {one.name: one for one in Entry("", "", settings=settings).variables if one.name != "BASE_URL"}


def _of_all(shared: dict[str, Variable]) -> str:
    lines = [f"| `OFFSWITCH_<NAME>_{name}` | {_default(one)} |" for name, one in shared.items()]
    head = "Every connector that has a base URL also has these; a row below says where its own default differs."
    return "\n".join([head, "", "| variable | default |", "|---|---|", *lines])


def _of_one(entry: Entry, shared: dict[str, Variable]) -> str:
    words = " ".join(entry.about.split())
    over_http = any(one.name == f"{entry.prefix}BASE_URL" for one in entry.variables)
    said = [
        f"### {entry.name} ({entry.kind})",
        f"{_sentence(PROMISES[entry.guarantee])} Limits: {entry.limits}.",
        *([words] if words else []),
    ]
    rows = [one for one in entry.variables if not (over_http and _as_shared(one, entry.prefix, shared))]
    return "\n\n".join([*said, *([_table(rows)] if rows else [])])


def _as_shared(one: Variable, prefix: str, shared: dict[str, Variable]) -> bool:
    same = shared.get(one.name.removeprefix(prefix))
    return same is not None and same.default == one.default


def _table(rows: Sequence[Variable]) -> str:
    lines = [f"| `{one.name}` | {_default(one)} |" for one in rows]
    return "\n".join(["| variable | default |", "|---|---|", *lines])


def _default(one: Variable) -> str:
    word = "must be set" if one.required else f"`{one.default}`" if one.default else "empty"
    return f"{word}; a secret" if one.secret else word


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
