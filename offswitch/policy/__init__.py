"""The files that marketers edit: strict reading, what they mean, and changing one word without touching the rest."""
