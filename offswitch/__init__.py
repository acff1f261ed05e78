"""Offswitch: marketing automation that you can switch off without collapse.

These are the names that flow authors import.
"""

from offswitch.journey.journey import Journey
from offswitch.model.action import note, send, task, update
from offswitch.model.event import Event, event
from offswitch.model.facts import Facts
from offswitch.model.plan import Decision, Plan, days, finish, hand_over, hours, local, minutes

__all__ = [
    "Decision",
    "Event",
    "Facts",
    "Journey",
    "Plan",
    "days",
    "event",
    "finish",
    "hand_over",
    "hours",
    "local",
    "minutes",
    "note",
    "send",
    "task",
    "update",
]
__version__ = "0.1.0"
