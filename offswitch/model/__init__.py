"""Frozen values that everything else speaks in. No I/O, no clock."""
