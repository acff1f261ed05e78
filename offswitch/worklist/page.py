"""x"""

from collections.abc import Sequence
from datetime import datetime

from offswitch.model.work import WorkItem


def as_html(items: Sequence[WorkItem], now: datetime, language: str = "en") -> str:
    return ""
