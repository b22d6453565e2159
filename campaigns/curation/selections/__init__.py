"""Selections: what is chosen for a deliverable."""
