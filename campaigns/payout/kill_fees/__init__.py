"""Kill fees: what a canceled campaign owes to those whose work was chosen."""
