"""The forecast as one page: no network, light and dark, screen and paper, English or Arabic."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from offswitch.forecast import told
from offswitch.forecast.chart import bars
from offswitch.forecast.forecast import Forecast
from offswitch.forecast.habits import Deed
from offswitch.forecast.words import Language, say
from offswitch.gate.reasons import reason_in
from offswitch.messages.words import direction
from offswitch.paper import pages


def as_html(forecast: Forecast, language: Language = "en") -> str:
    """The whole page. Names and reasons are data in it, never markup."""
    sections: dict[str, Any] = {
        name: list(getattr(told, name)(language, forecast))
        for name in ("honest", "rests", "work", "steps", "sights", "put_off", "collisions", "ends", "inside")
    }
    return _template().render(
        forecast=forecast,
        language=language,
        dir=direction(language),
        say=partial(say, language),
        reason=partial(reason_in, language),
        moment=told.moment,
        numbers=told.numbers(forecast),
        spans=told.spans(forecast),
        weekly=told.by_week(forecast),
        rates=told.rates(forecast),
        deeds=list(Deed),
        charts=charts(language, forecast),
        **sections,
    )


def charts(language: Language, forecast: Forecast) -> dict[str, Markup]:
    """Mails per day, by hour, and the work, each with what it shows in words."""
    draw, days = partial(bars, from_right=direction(language) == "rtl"), forecast.days
    work = [(day.minutes,) for day in days]
    return {
        "per day": draw([(day.mails, day.by_hand) for day in days], _in_words(language, "per day", [day.mails for day in days])),
        "per hour": draw([(many,) for many in forecast.hours], _in_words(language, "per hour", forecast.hours)),
        "work": draw(work, _in_words(language, "work", [one for (one,) in work]), forecast.capacity),
    }


def _in_words(language: Language, what: str, figures: list[int] | tuple[int, ...]) -> str:
    most, least = max(figures), min(figures)
    return say(language, "chart", what=say(language, what), least=f"{least:,}", most=f"{most:,}", all=f"{sum(figures):,}")


@cache
def _template() -> Template:
    return pages("offswitch.forecast", ".").get_template("page.html")
