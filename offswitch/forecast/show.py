"""The forecast for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from offswitch.forecast import told
from offswitch.forecast.forecast import Forecast
from offswitch.forecast.habits import Deed
from offswitch.forecast.words import say

COLUMNS = 80
BAR = 25
_BLOCKS = " ▁▂▃▄▅▆▇█"


def as_text(forecast: Forecast) -> str:
    """From what it is and the figures to what they rest on."""
    parts = [
        _head(forecast),
        _summary(forecast),
        _days(forecast),
        _hours(forecast),
        _section("work", map(_bullet, told.work("en", forecast))),
        _section("rollout", _rollout(forecast)),
        _section("sight", map(_bullet, told.sights("en", forecast))),
        _section("put off", _counted(told.put_off("en", forecast), "nothing put off")),
        _section("collisions", _counted(told.collisions("en", forecast), "no collisions")),
        _section("end", _counted(told.ends("en", forecast), "nobody ends")),
        _section("inside", _counted(told.inside("en", forecast), "nobody inside")),
        _rests(forecast),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _head(forecast: Forecast) -> Iterator[str]:
    span = say("en", "span", days=len(forecast.days), last=forecast.days[-1].date)
    yield _cut(f"FORECAST OF {forecast.flow}   {span}   {told.moment(forecast.made)}")
    yield from _wrapped(forecast.about)
    yield ""
    for sentence in told.honest("en", forecast):
        yield from _wrapped(sentence)
    if forecast.in_the_way:
        yield f"{say('en', 'in the way')}:"
        for one in forecast.in_the_way:
            yield from _wrapped(f"- {one}", "  ")


def _summary(forecast: Forecast) -> Iterator[str]:
    busiest = say("en", "busiest", day=f"{forecast.busiest.date:%a %Y-%m-%d}")
    figures = [f"{number:,} {say('en', word)}" for word, number in told.numbers(forecast)]
    yield from _wrapped(" · ".join([*figures, f"{forecast.busiest.mails:,} {busiest}"]))


def _days(forecast: Forecast) -> Iterator[str]:
    rows, weekly = told.spans(forecast), told.by_week(forecast)
    most = max(row.mails for row in rows)
    yield say("en", "per week" if weekly else "per day").upper()
    yield f"  {say('en', 'week' if weekly else 'day'):<15}{'':<{BAR}}{'mails':>8}{'by hand':>9}{'items':>7}{'min':>7}{'other':>7}"
    for row in rows:
        bar = "█" * (-(-row.mails * (BAR - 1) // most) if most else 0)
        figures = f"{row.mails:>8,}{row.by_hand:>9,}{row.items:>7,}{row.minutes:>7,}{row.others:>7,}"
        yield f"  {row.first:%a %Y-%m-%d} {bar:<{BAR}}{figures}"


def _hours(forecast: Forecast) -> Iterator[str]:
    most = max(forecast.hours)
    if not most:
        return
    yield f"{say('en', 'per hour').upper()} ({forecast.zone})"
    yield "  " + "".join(_BLOCKS[-(-many * (len(_BLOCKS) - 1) // most)] * 3 for many in forecast.hours).rstrip()
    yield "  " + "".join(f"{hour:<9}" for hour in range(0, 24, 3)).rstrip()
    busy = max(range(24), key=forecast.hours.__getitem__)
    yield f"  most at {busy:02}:00: {forecast.hours[busy]:,}"


def _rollout(forecast: Forecast) -> Iterator[str]:
    if len(forecast.steps) > 1:
        yield from map(_bullet, [say("en", "rollout how" if forecast.by_itself else "only people")])
    for number, size, when in told.steps("en", forecast):
        yield from wrap(f"{number}. {size:<14}{when}", COLUMNS, initial_indent="  ", subsequent_indent=" " * 19)


def _rests(forecast: Forecast) -> Iterator[str]:
    yield say("en", "rests").upper()
    yield f"  {say('en', 'message'):<14}{say('en', 'sends'):>10}" + "".join(f"{deed.value[:7]:>9}" for deed in Deed)
    for name, many, shares in told.rates(forecast):
        yield f"  {name[:14]:<14}{many:>10,}" + "".join(f"{share:>9}" for share in shares)
    for sentence in told.rests("en", forecast):
        yield from _bullet(sentence).split("\n")
    yield f"  {say('en', 'seed')} {forecast.asked.seed}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield say("en", title).upper()
        yield from found


def _counted(rows: Iterable[tuple[int, str]], nothing: str) -> Iterator[str]:
    found = [_cut(f"  {many:>8,}  {what}") for many, what in rows]
    yield from found or [f"  {say('en', nothing)}"]


def _bullet(sentence: str) -> str:
    return "\n".join(wrap(sentence, COLUMNS, initial_indent="  ", subsequent_indent="  "))


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(text, COLUMNS, initial_indent=indent, subsequent_indent=indent) or [""]


def _cut(line: str) -> str:
    return line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…"
