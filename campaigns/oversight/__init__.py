"""Oversight: where campaigns stand, what they wait for and who does it, across all stages."""
