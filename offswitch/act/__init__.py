"""Claim, decide, gate, perform, record: the only caller of connectors."""
