"""Contributions: what artists send to a call."""
