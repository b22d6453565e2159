"""Payments of a brand that its bank questions: what it says, what that moves, what we answer, and who bears what is lost."""
