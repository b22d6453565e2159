"""Versions: what the brand decides on."""
