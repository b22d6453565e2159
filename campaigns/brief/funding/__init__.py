"""Funding: how a campaign's money comes in."""
