"""What comes in by webhook or file from a declared source: `sources/<name>.yaml` says how it is signed and what each field becomes."""
