"""Balances: what of a person's account can be paid out, and why the rest cannot."""
