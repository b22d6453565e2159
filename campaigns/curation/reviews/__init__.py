"""Reviews: what a curator says of a contribution, without knowing whose it is."""
