"""A drill's result as one page: no network, light and dark, screen and paper, English and Arabic."""

from __future__ import annotations

from datetime import UTC
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from offswitch.drill.result import Found
from offswitch.drill.show import moment
from offswitch.drill.words import Language, invariant_in, say, way_in
from offswitch.messages.words import direction


def as_html(found: list[Found], language: Language = "en") -> str:
    """The whole page, one section for each flow."""
    return _template().render(
        found=found,
        language=language,
        dir=direction(language),
        say=partial(say, language),
        invariant=partial(invariant_in, language),
        way=partial(way_in, language),
        moment=moment,
        day=lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("offswitch.drill").joinpath("page.html").read_text(encoding="utf-8"))
