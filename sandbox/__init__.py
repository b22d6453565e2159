"""Simulators for the providers: they speak their wire protocols and keep state in database schemas of their own."""
