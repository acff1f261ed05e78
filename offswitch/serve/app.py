"""The web application of one project: which address leads where."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from offswitch.intake.forms import forms, known_kinds
from offswitch.project.project import Project
from offswitch.serve.health import Health
from offswitch.serve.hooks import Hooks
from offswitch.serve.ledger_thread import LedgerThread
from offswitch.serve.secrets import HookSecrets
from offswitch.serve.shell import Shell
from offswitch.serve.store import Store
from offswitch.serve.unsubscribe import Unsubscribe

_LOG = logging.getLogger(__name__)
PATIENCE = 10.0  # seconds that a sender waits for the ledger; Standard Webhooks senders give up after 15 to 30


def app_of(project: Project, patience: float = PATIENCE, secrets: HookSecrets | None = None) -> Starlette:
    """The application. Flows are loaded now, for their kinds of events; the ledger is opened when it is first needed."""
    for problem in project.flows.problems:
        _LOG.warning("%s", problem)
    # Writing, reading and telling have a thread each: a page opens while a write waits, and an alert delays no form.
    # Keeping has its own, too: an opt-out waits for no ledger.
    writer, reader, keeper, teller = (LedgerThread(project, seconds) for seconds in (patience, patience, patience, None))
    store = Store(project, writer, keeper, teller, forms())
    hooks = Hooks(store, secrets or HookSecrets(project.settings), known_kinds())
    unsubscribe = Unsubscribe(project, writer, reader, keeper)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        project.opt_outs.save_space()
        yield
        for thread in (writer, reader, keeper, teller):
            thread.close()

    app = Starlette(
        routes=[
            _route("/hooks/{source}", hooks.answer, "POST"),
            _route("/u/{token}", unsubscribe.answer, "GET", "POST"),
            _route("/healthz", Health(project, writer).answer, "GET"),
        ],
        middleware=[Middleware(Shell)],
        lifespan=life,
    )
    app.router.redirect_slashes = False  # a one-click POST is never redirected (RFC 8058)
    return app


def _route(path: str, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
    """Exactly these methods: Starlette would add HEAD to GET."""
    route = Route(path, answer, methods=list(methods))
    route.methods = set(methods)
    return route
