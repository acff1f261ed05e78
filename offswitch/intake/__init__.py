"""Takes in what happened outside, durably, before anybody decides what it means. Works whatever is switched off."""
