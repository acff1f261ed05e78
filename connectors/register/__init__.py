"""What all customer registers share: names of fields, orders, and whose value stays."""
