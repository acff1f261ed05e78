"""Bars as inline SVG. They stretch to the width there is; words stand beside them, where they stay readable on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

HEIGHT = 120
_GAP = 0.18  # of a bar's place


def bars(stacks: Sequence[tuple[int, ...]], told: str, line: int | None = None, *, from_right: bool = False) -> Markup:
    """Each stack holds figures from the bottom up. `told` is the chart in words, `line` a limit across; both end at the highest."""
    most = max([*(sum(stack) for stack in stacks), line or 0, 1])
    drawn = []
    for place, stack in enumerate(stacks):
        left, bottom = (len(stacks) - 1 - place if from_right else place), float(HEIGHT)
        for layer, figure in enumerate(stack):
            height = figure / most * HEIGHT
            bottom -= height
            if figure:
                drawn.append(
                    f'<rect class="l{layer}" x="{left + _GAP / 2:g}" y="{bottom:.2f}" width="{1 - _GAP:g}" height="{height:.2f}"/>'
                )
    if line is not None:
        y = HEIGHT - line / most * HEIGHT
        drawn.append(f'<line class="limit" x1="0" x2="{len(stacks)}" y1="{y:.2f}" y2="{y:.2f}" vector-effect="non-scaling-stroke"/>')
    frame = f'<svg class="bars" viewBox="0 0 {len(stacks)} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="'
    return Markup(frame) + told + Markup('">' + "".join(drawn) + "</svg>")  # noqa: S704 - numbers alone; the words are escaped
