"""Remixes: contributions that are built on others."""
