"""Identifiers: opaque, sortable by age, the same inside and outside."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7: later ids compare greater than earlier ones, also as text."""
    return UUID(int=uuid_utils.uuid7().int)
