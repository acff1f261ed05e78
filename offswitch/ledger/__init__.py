"""Remembers where each contact stands. Orders nothing, runs nothing."""
