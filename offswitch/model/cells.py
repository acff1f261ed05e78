"""Text as a cell of a CSV file that somebody will open in a spreadsheet."""

from __future__ import annotations

# What a spreadsheet takes as the beginning of a formula, in both widths, or skips before it (OWASP, CSV injection).
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_BEGINS_A_FORMULA) else text
