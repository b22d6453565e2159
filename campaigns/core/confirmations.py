"""The columns of whatever one person proposes and a second person confirms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.people import Actor


class Confirmable:
    """Who confirmed it and when; both are empty until then. Each table names its own proposer and the checks on the two."""

    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]

    def confirm(self, *, by: Actor, at: datetime) -> None:
        """Enter the actor's confirmation; the caller has asked `require_second_person`."""
        self.confirmed_by, self.confirmed_at = by.person, at
