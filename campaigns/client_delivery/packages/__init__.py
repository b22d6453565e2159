"""Packages: what is handed over for an approved version."""
