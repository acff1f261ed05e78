"""Journeys and the graph of their steps: what flow authors import."""
