"""A simulator of Stripe, written from Stripe's published description (API 2026-05-27.dahlia)."""
