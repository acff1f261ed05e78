"""Can forms be stored and links be read at this moment?"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offswitch.project.links import secret
from offswitch.project.project import Project
from offswitch.serve.ledger_thread import LedgerThread, Unavailable


@dataclass(frozen=True)
class Health:
    """`GET /healthz`."""

    project: Project
    ledger: LedgerThread

    async def answer(self, request: Request) -> Response:
        """200, or 503 with the parts that are wrong."""
        parts = {"ledger": await self._writable(), "links": await self._secret()}
        return JSONResponse({"ok": all(parts.values())} | parts, 200 if all(parts.values()) else 503)

    async def _writable(self) -> bool:
        """An empty transaction takes the lock that a form would need."""
        try:
            return await self.ledger.write(lambda _: True)
        except Unavailable:
            return False

    async def _secret(self) -> bool:
        try:
            return bool(await self.ledger.run(lambda: secret(self.project.settings.home)))
        except Unavailable:
            return False
