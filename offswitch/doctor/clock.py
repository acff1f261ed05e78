"""How far another clock may be from ours."""

from __future__ import annotations

from offswitch.model.finding import Finding, Level

NEAR = 5.0  # seconds; a date in an HTTP answer has no fractions, and was on its way
FAR = 60.0  # signatures with a time stamp are refused, and leases overlap, some minutes from here


def apart(about: str, ahead: float) -> Finding:
    """`ahead`: seconds by which the other clock is ahead of ours."""
    size, side = abs(ahead), "ahead of" if ahead > 0 else "behind"
    if size <= NEAR:
        return Finding(about, Level.FINE, "agrees with ours")
    said = f"is {size:,.0f} s {side} ours"
    return Finding(about, Level.TROUBLE if size > FAR else Level.ADVICE, said, "let both keep their time by NTP (timedatectl, chrony)")
