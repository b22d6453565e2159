"""Assessments: the points of each component of an approved version."""
