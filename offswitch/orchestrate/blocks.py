"""Secrets and connectors' settings that are kept in Prefect blocks, and the kinds of block that ops people fill in there.

`prefect block register -m offswitch.orchestrate.blocks` makes one kind for each connector of the project.
"""

from __future__ import annotations

import re
import threading
import time
from copy import copy
from typing import Any

from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import get_current_settings
from pydantic import SecretStr, create_model
from pydantic_settings import BaseSettings

from offswitch.errors import ConfigError, Problem
from offswitch.project.catalogue import catalogue

FRESH = 5.0  # seconds: a pass asks once, the next one anew
_WAIT = 10.0  # seconds for Prefect's answer
_SPELT = {"csv": "CSV", "hubspot": "HubSpot", "sendgrid": "SendGrid", "ses": "SES", "smtp": "SMTP"}
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # what Prefect allows

_read: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


def secret(name: str) -> str:
    """What the Prefect Secret block of this name holds. Raises ConfigError, which says what to do."""
    value = _document("secret", name, f"a Secret block called {name!r}").get("value")
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str) or not value:
        raise _wrong(name, "this Secret block holds no text", "write the secret into it as plain text")
    return value


def values(prefix: str, name: str) -> dict[str, Any]:
    """What the connector block of this name holds, by field. `prefix` is that of the connector's variables. Raises ConfigError."""
    slug = slug_of(prefix)
    return {field: value for field, value in _document(slug, name, f"a block of the type {slug}").items() if value is not None}


def slug_of(prefix: str) -> str:
    """Prefect's name for the kind of block that stands for the variables with this prefix."""
    return prefix.strip("_").lower().replace("_", "-")


def _document(slug: str, name: str, what: str) -> dict[str, Any]:
    """The values of one block as they were at most FRESH seconds ago. Nothing of them is logged or shown."""
    url = get_current_settings().api.url or ""
    if not url:
        raise _wrong(name, "a setting is kept in a Prefect block, and no Prefect server is known", "set PREFECT_API_URL, or set it here")
    if not _NAME.fullmatch(name):
        raise _wrong(name, "this can't be the name of a block", "Prefect's names have small letters, digits and dashes")
    key = (url, slug, name)
    with _lock:
        at, kept = _read.get(key, (0.0, {}))
        if at and time.monotonic() - at < FRESH:
            return kept
        found = _ask(slug, name, what)
        _read[key] = (time.monotonic(), found)
        return found


def _ask(slug: str, name: str, what: str) -> dict[str, Any]:
    register = "" if slug == "secret" else "run `prefect block register -m offswitch.orchestrate.blocks`, then "
    try:
        with get_client(httpx_settings={"timeout": _WAIT}, sync_client=True) as client:
            return dict(client.read_block_document_by_name(name, slug).data)
    except ObjectNotFound:
        raise _wrong(name, f"the Prefect server has no such block: {what}", f"{register}make it in Prefect under Blocks") from None
    except PrefectHTTPStatusError as error:
        what = f"the Prefect server answered {error.response.status_code} when asked for this block"
        raise _wrong(name, what, "check PREFECT_API_AUTH_STRING or PREFECT_API_KEY") from None
    except Exception as error:  # noqa: BLE001 - the client passes on errors of several libraries
        raise _wrong(name, f"the Prefect server can't be asked: {type(error).__name__}", "is it running at PREFECT_API_URL?") from None


def _wrong(name: str, what: str, fix: str) -> ConfigError:
    return ConfigError(Problem(f"Prefect block {name!r}", 0, 0, what, fix))


def _kind(name: str, prefix: str, settings: type[BaseSettings]) -> type[Block]:
    """A kind of block with the fields of a connector's settings; secret ones are masked in Prefect's pages."""
    fields: dict[str, Any] = {field: (one.annotation, copy(one)) for field, one in settings.model_fields.items()}
    title = f"Offswitch{name.capitalize()}"
    made: type[Block] = create_model(title, __base__=Block, __module__=__name__, __doc__=settings.__doc__, **fields)
    made._block_type_name = f"Offswitch {_SPELT.get(name, name.replace('_', ' ').title())}"  # noqa: SLF001 - so Prefect wants it
    made._block_type_slug = slug_of(prefix)  # noqa: SLF001
    words = " ".join((settings.__doc__ or "").split())
    made._description = f"{words} A connector uses it by {prefix}BLOCK."  # noqa: SLF001
    return made


_kinds = {entry.settings: _kind(entry.name, entry.prefix, entry.settings) for entry in catalogue() if entry.settings is not None}
globals().update({kind.__name__: kind for kind in _kinds.values()})  # where `prefect block register` looks
