"""Questions and answers at the call."""
