"""Annotations: comments at a place of a version."""
