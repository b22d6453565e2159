"""Starts, watches and stops every process of an installation."""
