"""Proposals: how a deliverable's pool is to be divided, open to every contributor's comments."""
