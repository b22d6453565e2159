"""Deliverables: what a brief orders."""
