"""Screening: whether a contribution takes part."""
