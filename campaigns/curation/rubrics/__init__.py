"""Rubrics: the questions that every review answers."""
