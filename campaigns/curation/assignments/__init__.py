"""Assignments: which curator reviews which work."""
