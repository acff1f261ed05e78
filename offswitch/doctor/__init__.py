"""What `offswitch doctor` looks at: one file per thing, findings as values, nothing changed by looking."""
