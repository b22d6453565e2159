"""Assignments: which curator reviews which contribution."""
