"""The lineage edge, a curator's finding on a wrapper, and the time in which a deliverable's contributions are built on."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKey, ForeignKeyConstraint, Index, Text, and_, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id
from campaigns.core.ids import new_id

MOST_WEIGHT = 1_000_000


class SourceKind(StrEnum):
    """How a newer contribution relates to an older one: it contains material from it, or was influenced by it."""

    CONTAINS = "contains"
    INFLUENCED_BY = "influenced_by"


class SourceState(StrEnum):
    """The state of a link to an older contribution; only a confirmed one counts."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Party(StrEnum):
    """Who claims or decides a link: the makers of the contribution, those of its source, a curator, or the source's license."""

    CONTRIBUTION = "contribution"
    SOURCE = "source"
    CURATOR = "curator"
    LICENCE = "licence"


def _named(words: type[StrEnum]) -> Enum:
    return Enum(words, native_enum=False, length=16, values_callable=lambda values: [v.value for v in values])


KIND, STATE, PARTY = _named(SourceKind), _named(SourceState), _named(Party)


class Source(Base):
    """An edge from a contribution to an older contribution of the same campaign; only a confirmed one counts, in the split and in the
    credits."""

    __tablename__ = "source"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    kind: Mapped[SourceKind] = mapped_column(KIND)
    weight: Mapped[int] = mapped_column(default=1)
    state: Mapped[SourceState] = mapped_column(STATE)
    claimed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    claimed_as: Mapped[Party] = mapped_column(PARTY)
    claimed_at: Mapped[datetime]
    at_upload: Mapped[bool] = mapped_column(default=False)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_as: Mapped[Party | None] = mapped_column(PARTY)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        # Identifiers grow with time: an edge can only point back, so that no cycle can be written.
        CheckConstraint("source_id < contribution_id", name="older"),
        CheckConstraint(f"weight between 1 and {MOST_WEIGHT}", name="weight"),
        CheckConstraint("(state = 'open') = (decided_as is null) and (decided_as is null) = (decided_at is null)", name="decided"),
        CheckConstraint("decided_as <> claimed_as or decided_as = 'curator'", name="other_side"),
        CheckConstraint("decided_as <> 'licence' or (kind = 'contains' and at_upload)", name="licence"),
        Index("ix_source_source_id_contribution_id", "source_id", "contribution_id"),
        Index("ix_source_open", "contribution_id", postgresql_where="state = 'open'"),
        Index("ix_source_decided_at", "decided_at", postgresql_where="decided_at is not null"),
    )


# Said as a constant, as in TAKES_PART.
IS_OPEN = Source.state == literal_column(f"'{SourceState.OPEN.value}'")
# One side says that material is inside and the other that it is not; it stops whatever it is said to be in until a curator decides.
IS_DISPUTED = and_(Source.state == SourceState.DECLINED, Source.kind == SourceKind.CONTAINS, Source.decided_as != Party.CURATOR)


class WrapperFinding(Base):
    """What a curator found on whether a contribution adds anything of its own; it stands above what the maker said."""

    __tablename__ = "wrapper_finding"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    is_wrapper: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    found_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    found_at: Mapped[datetime] = mapped_column(index=True)


class CollaborationWindow(Base):
    """A visit's time for building on each other's contributions: until `closes_at`, or until the word that the material is complete."""

    __tablename__ = "collaboration_window"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),
        CheckConstraint("(completed_at is null) = (completed_by is null)", name="completed"),
    )

    def is_open(self, at: datetime) -> bool:
        """Whether contributions may be built on for this deliverable at `at`; the close itself is outside."""
        return self.completed_at is None and (self.closes_at is None or at < self.closes_at)


class CollaborationExtension(Base):
    """One later close of a deliverable's collaboration, for everyone, with its reason."""

    __tablename__ = "collaboration_extension"

    id: Mapped[Id]
    deliverable_id: Mapped[UUID] = mapped_column()
    visit: Mapped[int]
    from_close: Mapped[datetime | None]
    to_close: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    extended_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    extended_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["collaboration_window.deliverable_id", "collaboration_window.visit"]),
        Index("ix_collaboration_extension_deliverable_id_visit", "deliverable_id", "visit"),
    )
