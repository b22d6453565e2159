"""Terms: what binds in a brief, and what may be written into it."""
