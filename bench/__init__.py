"""How fast it is, each figure next to its bare bound: the same work with nothing of ours around it, in the same run."""
