"""Puts a project together: settings, flows, policies, texts, connectors, ledger."""
