"""The whole story on this machine: forms in, mail out, off in the middle, people go on, on again, nothing twice."""
