"""Roles that touch money: given by one, confirmed by another, slow to count, and seen by everyone whom they concern."""
