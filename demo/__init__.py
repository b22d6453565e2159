"""The demo: a client of the HTTP API and of the simulators' mailbox, which imports nothing of the domain."""
