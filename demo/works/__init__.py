"""The artistic material of the demo's assignment: what twenty artists write, draw, play and film, made by these scripts."""
