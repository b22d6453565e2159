"""The demo: a client of the HTTP API and of the stand-ins' mailbox, which imports nothing of the domain."""
