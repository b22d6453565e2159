"""Finalizations: two people who gain nothing make a proposal final."""
