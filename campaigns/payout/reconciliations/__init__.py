"""Reconciliations: what the provider has beside what we have."""
