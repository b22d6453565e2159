"""Payout runs: what is payable is quoted, released by two people, sent once, settled with the ledger and reconciled with the provider."""
