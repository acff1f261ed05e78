"""What to type to give an answer, so that nobody has to know the tool."""

from __future__ import annotations

from shlex import quote

from offswitch.model.work import WorkItem

_VERBS = ("done", "skip", "approve", "got-it", "did-not", "retry", "take", "give-back")


def command(item: WorkItem, answer: str) -> str:
    """One line for a shell. YOU stands for the address of whoever answers."""
    line = f"offswitch worklist {answer if answer in _VERBS else 'done'} {item.id} --by YOU"
    if answer == "skip":
        return f'{line} --why "REASON"'
    return line if answer in _VERBS else f"{line} --outcome {quote(answer)}"


def answers(item: WorkItem) -> tuple[str, ...]:
    """What may be typed: first whose hands it is in, then what the item offers."""
    return ("give-back" if item.taken_by else "take", *item.outcomes)
