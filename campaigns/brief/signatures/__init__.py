"""Signatures: each sign-off role of the brand signs one text."""
