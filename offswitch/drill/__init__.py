"""Kills workers, switches off in every way and resumes, on a copy with virtual time; then checks what must always hold."""
