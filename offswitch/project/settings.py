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
    policies: Path = Path("policies")
    messages: Path = Path("messages")
    flows: Path = Path("flows")
    crm: str = "local"
    email: str = "smtp"
    user: str = ""
    stop: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ledger_url(self) -> str:
        """The SQLAlchemy URL of the ledger."""
        return self.ledger or f"sqlite:///{(self.home / 'ledger.sqlite').absolute()}"

    def stop_file(self, flow: str = "") -> Path:
        """The file whose presence stops everything, or one flow."""
        return self.home / (f"{STOP_FILE}-{flow}" if flow else STOP_FILE)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, over those in `.env`. Variables from `.env` become visible to connectors too."""
    for name, value in _dotenv(Path(".env")).items():
        os.environ.setdefault(name, value)
    env = dict(os.environ if environment is None else environment)

    def text(name: str, default: str = "") -> str:
        return env.get(f"OFFSWITCH_{name}", "") or default

    return Settings(
        home=Path(text("HOME", ".offswitch")),
        ledger=text("LEDGER"),
        policies=Path(text("POLICIES", "policies")),
        messages=Path(text("MESSAGES", "messages")),
        flows=Path(text("FLOWS", "flows")),
        crm=text("CRM", "local"),
        email=text("EMAIL", "smtp"),
        user=text("USER"),
        stop=text("STOP"),
        environment=env,
    )


def _dotenv(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}
