"""Does the configured Prefect server answer, and does it know our kinds of blocks?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from offswitch.model.finding import Finding, Level
from offswitch.orchestrate.blocks import slug_of

_WAIT = 5.0  # seconds
_REGISTER = "prefect block register -m offswitch.orchestrate.blocks"


def of_prefect(prefixes: Iterable[str]) -> Iterator[Finding]:
    """`prefixes`: those of the variables of the connectors whose blocks are looked for."""
    about = f"Prefect server at {get_current_settings().api.url}"
    try:
        with get_client(httpx_settings={"timeout": _WAIT}, sync_client=True) as client:
            client.hello().raise_for_status()
            yield Finding(about, Level.FINE, f"answers, version {client.api_version()}")
            lacking = []
            for prefix in prefixes:
                try:
                    client.read_block_type_by_slug(slug_of(prefix))
                except ObjectNotFound:
                    lacking.append(slug_of(prefix))
    except Exception as error:  # noqa: BLE001 - the client passes on errors of several libraries
        yield Finding(about, Level.TROUBLE, f"can't be asked: {type(error).__name__}", "start it, or mend PREFECT_API_URL and its password")
        return
    if lacking:
        yield Finding("Prefect blocks", Level.ADVICE, f"not registered: {', '.join(lacking)}", f"to use them: {_REGISTER}")
    else:
        yield Finding("Prefect blocks", Level.FINE, "registered")
