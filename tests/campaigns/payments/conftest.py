"""The treasury, for the tests of this folder."""

from tests.treasury import treasury

__all__ = ["treasury"]
