"""Earnings: a person's own money."""
