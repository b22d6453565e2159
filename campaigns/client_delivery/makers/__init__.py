"""Makers: the people who are credited with a version."""
