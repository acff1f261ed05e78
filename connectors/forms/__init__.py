"""Forms in: webhooks believed, bodies and files read into submissions."""
