"""Where things are, from the environment or `.env`. Read without a library, because `off` must answer at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_FILE = "STOP"


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds state: ledger, marks, stop files, rejects. Connectors read their own variables."""

    home: Path = Path(".offswitch")
    ledger: str = ""
    mark_file: str = ""
    policies: Path = Path("policies")
    messages: Path = Path("messages")
    flows: Path = Path("flows")
    sources: Path = Path("sources")
    crm: str = "local"
    email: str = "smtp"
    user: str = ""
    stop: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ledger_url(self) -> str:
        """The SQLAlchemy URL of the ledger."""
        return self.ledger or f"sqlite:///{(self.home / 'ledger.sqlite').absolute()}"

    @property
    def ledger_file(self) -> Path | None:
        """The ledger, where it is a file."""
        url = self.ledger_url
        return Path(url.partition(":///")[2].partition("?")[0]) if url.startswith("sqlite") else None

    @property
    def mark(self) -> Path:
        """The file that says how far the ledger had come: a backup of the ledger should not bring back an old one."""
        return Path(self.mark_file) if self.mark_file else self.home / "ledger.mark"

    def stop_file(self, flow: str = "") -> Path:
        """The file whose presence stops everything, or one flow."""
        return self.home / (f"{STOP_FILE}-{flow}" if flow else STOP_FILE)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, over those in `.env`. Variables from `.env` become visible to connectors too.

    Reading again brings what was changed in `.env` meanwhile, so that a secret is changed without a restart.
    """
    _publish(_dotenv(Path(".env")))
    env = dict(os.environ if environment is None else environment)

    def text(name: str, default: str = "") -> str:
        return env.get(f"OFFSWITCH_{name}", "") or default

    return Settings(
        home=Path(text("HOME", ".offswitch")),
        ledger=text("LEDGER"),
        mark_file=text("MARK"),
        policies=Path(text("POLICIES", "policies")),
        messages=Path(text("MESSAGES", "messages")),
        flows=Path(text("FLOWS", "flows")),
        sources=Path(text("SOURCES", "sources")),
        crm=text("CRM", "local"),
        email=text("EMAIL", "smtp"),
        user=text("USER"),
        stop=text("STOP"),
        environment=env,
    )


_published: dict[str, str] = {}


def _publish(told: Mapping[str, str]) -> None:
    """Into the environment, but never over what stands there by itself."""
    ours = {name for name, value in _published.items() if os.environ.get(name) == value}
    for name in ours - told.keys():
        del os.environ[name]
    new = {name: value for name, value in told.items() if name in ours or name not in os.environ}
    os.environ.update(new)  # a name that stays is never missing in between: other threads read it
    _published.clear()
    _published.update(new)


def _dotenv(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}
