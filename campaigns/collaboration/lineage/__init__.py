"""Lineage: what a contribution was made from and what was made from it."""
