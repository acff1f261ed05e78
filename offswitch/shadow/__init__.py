"""Dry runs on live traffic: everything is decided, nothing is done, and people's work is compared with it."""
