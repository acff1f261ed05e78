"""What every connector reads about itself: from the environment, from `.env`, or from a Prefect block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from offswitch.errors import ConfigError, Problem
from offswitch.secrets import block_values, reveal


class ConnectorSettings(BaseSettings):
    """A connector's settings class adds an `env_prefix` (OFFSWITCH_<NAME>_) and its fields.

    A variable of the environment wins over `.env`, and that over the Prefect block which `<PREFIX>BLOCK` names. A secret may
    be written as `prefect:NAME`: the Prefect Secret block of that name. Settings are read when a connector is made, which is
    at every pass: a changed secret holds from the next one.
    """

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the caller names it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which they win."""
        return init_settings, env_settings, dotenv_settings, _Block(settings_cls, (env_settings, dotenv_settings))

    @field_validator("*", mode="after")
    @classmethod
    def _kept_elsewhere(cls, value: Any) -> Any:
        return SecretStr(reveal(value.get_secret_value())) if isinstance(value, SecretStr) else value


class _Block(PydanticBaseSettingsSource):
    """The fields of the Prefect block that the environment or `.env` names."""

    def __init__(self, settings_cls: type[BaseSettings], above: tuple[PydanticBaseSettingsSource, ...]) -> None:
        super().__init__(settings_cls)
        self._above = above

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not asked field by field."""
        return None, field_name, False

    def __call__(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Its values by field, none where no block is named."""
        variable = f"{self.config.get('env_prefix', '')}BLOCK".lower()
        for source in self._above:
            name = {key.lower(): value for key, value in getattr(source, "env_vars", {}).items()}.get(variable)
            if name:
                return block_values(str(self.config.get("env_prefix", "")), name)
        return {}


S = TypeVar("S", bound=BaseSettings)
C = TypeVar("C")


def connected(settings: type[S], make: Callable[[S], C]) -> C:
    """The connector with the settings of this environment; it talks to nobody yet. Raises ConfigError."""
    try:
        return make(settings())
    except ValidationError as error:
        prefix = str(settings.model_config.get("env_prefix", ""))
        raise ConfigError(*(_problem(prefix, detail["loc"], detail["msg"]) for detail in error.errors(include_input=False))) from None


def _problem(prefix: str, place: tuple[int | str, ...], what: str) -> Problem:
    variable = prefix.upper() + "_".join(str(part).upper() for part in place)
    return Problem(variable.rstrip("_"), 0, 0, what.removeprefix("Value error, "), "in the environment or in .env")
