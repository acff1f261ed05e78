"""What must always hold: one function each, judged by the world's truth."""
