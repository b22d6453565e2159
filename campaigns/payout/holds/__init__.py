"""Holds: payments to a person that finance keeps back."""
