"""The story of the demo's assignment, one chapter for each stage."""
