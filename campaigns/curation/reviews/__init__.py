"""Reviews: what a curator says of a work, without knowing whose it is."""
