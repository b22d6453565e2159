"""How a deliverable's pool comes to be shared: points, proposals with their lines, comments, final words, and kill fees."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Amount, Base, Currency, Id

MOST_POINTS = 1_000_000


class ProposalState(StrEnum):
    """Where a version of a proposal stands."""

    OPEN = "open"
    SUPERSEDED = "superseded"
    FINAL = "final"
    CLOSED = "closed"


class Disposition(StrEnum):
    """What became of a comment."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    CHANGED = "changed"


def _named(words: type[StrEnum]) -> Enum:
    return Enum(words, native_enum=False, length=10, values_callable=lambda values: [v.value for v in values])


class Assessment(Base):
    """What a visit to payout is about: the approved version, and once assessed the points of its components.

    `due_since` is since when a proposal is to be computed, None while the newest one answers what is known. A kill fee is shared by one
    point for each contribution, whatever was assessed before: then `assessed_by` is who asked for the cancellation, and there may be no
    version.
    """

    __tablename__ = "assessment"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("version.id"))
    is_kill_fee: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    assessed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    assessed_at: Mapped[datetime | None]
    due_since: Mapped[datetime | None]
    due_because: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),
        CheckConstraint("(assessed_by is null) = (assessed_at is null)", name="assessed"),
        CheckConstraint("due_since is null or assessed_at is not null", name="due"),
        CheckConstraint("version_id is not null or is_kill_fee", name="version"),
        Index("ix_assessment_due", "deliverable_id", postgresql_where="due_since is not null"),
    )


class Points(Base):
    """The impact of one component in the piece, with the published reason."""

    __tablename__ = "points"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["assessment.deliverable_id", "assessment.visit"]),
        CheckConstraint(f"points between 1 and {MOST_POINTS}", name="points"),
        CheckConstraint("reason <> ''", name="reason"),
    )


class Proposal(Base):
    """One version of how a deliverable's pool is shared: computed from `inputs`, frozen under their hash, commented on until `closes_at`.

    Where the campaign was cancelled the pool is the deliverable's kill fee, and what was open before is closed. `edges` says of each
    edge in the lineage who recorded and who confirmed it, and when. It becomes final beside a package whose credits were read from the
    same lineage: `lineage_sha256` is its hash.
    """

    __tablename__ = "proposal"

    id: Mapped[Id]
    deliverable_id: Mapped[UUID]
    visit: Mapped[int]
    number: Mapped[int]
    is_kill_fee: Mapped[bool] = mapped_column(default=False)
    pool: Mapped[Amount]
    currency: Mapped[Currency]
    inputs: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    edges: Mapped[list[Any]] = mapped_column(deferred=True)
    inputs_hash: Mapped[str] = mapped_column(String(64))
    lineage_sha256: Mapped[str | None] = mapped_column(String(64))
    because: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[ProposalState] = mapped_column(_named(ProposalState), default=ProposalState.OPEN)
    final_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["assessment.deliverable_id", "assessment.visit"]),
        UniqueConstraint("deliverable_id", "number"),
        Index("uq_proposal_standing", "deliverable_id", unique=True, postgresql_where="state in ('open', 'final')"),
        Index("ix_proposal_unposted", "deliverable_id", postgresql_where="state = 'final' and posted_at is null"),
        CheckConstraint("pool > 0", name="pool"),
        CheckConstraint("(state = 'final') = (final_at is not null)", name="final"),
        CheckConstraint("posted_at is null or state = 'final'", name="posted"),
    )


class ProposalLine(Base):
    """What a person gets, in minor units, with the credit behind it in millionths; of staff the credit that they gave up."""

    __tablename__ = "proposal_line"

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    amount: Mapped[Amount]
    credit: Mapped[Amount]
    before_staff: Mapped[Amount]
    is_staff: Mapped[bool]

    __table_args__ = (
        CheckConstraint("amount >= 0 and credit >= 0 and before_staff >= 0", name="amounts"),
        CheckConstraint("not is_staff or amount = 0", name="staff"),
        Index("ix_proposal_line_largest_first", "proposal_id", "is_staff", text("(- amount)"), "person_id"),
    )


class Comment(Base):
    """What a contributor says of a proposal, about one person's line or about someone left out, and the public answer."""

    __tablename__ = "proposal_comment"

    id: Mapped[Id]
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    about_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    claim: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    disposition: Mapped[Disposition | None] = mapped_column(_named(Disposition))
    reason: Mapped[str | None] = mapped_column(Text)
    disposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    disposed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("claim <> '' and evidence <> ''", name="said"),
        CheckConstraint("num_nulls(disposition, reason, disposed_by, disposed_at) in (0, 4)", name="disposed"),
        Index("ix_proposal_comment_open", "proposal_id", postgresql_where="disposition is null"),
    )


class Finalization(Base):
    """One person's word that a proposal is final; it takes two who gain nothing from it."""

    __tablename__ = "proposal_finalization"

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class KillFee(Base):
    """What a cancelled campaign owes for a deliverable by its brief: `bps` of the price, from the reserve first; a proposal shares it.

    Those with inputs of their own were posted at once, before cancellations had proposals.
    """

    __tablename__ = "kill_fee"

    deliverable_id: Mapped[UUID] = mapped_column(ForeignKey("deliverable.id"), primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    price: Mapped[Amount]
    bps: Mapped[int]
    amount: Mapped[Amount]
    from_reserve: Mapped[Amount]
    currency: Mapped[Currency]
    inputs: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    inputs_hash: Mapped[str | None] = mapped_column(String(64))
    owed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("amount between 1 and price", name="amount"),
        CheckConstraint("amount = price * bps / 10000", name="by_the_brief"),
        CheckConstraint("from_reserve between 0 and amount", name="from_reserve"),
        CheckConstraint("(inputs is null) = (inputs_hash is null)", name="inputs"),
    )


class KillFeeLine(Base):
    """One maker's part of a kill fee that was posted at once; those of later ones are lines of its proposal."""

    __tablename__ = "kill_fee_line"

    id: Mapped[Id]
    deliverable_id: Mapped[UUID] = mapped_column(ForeignKey("kill_fee.deliverable_id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    amount: Mapped[Amount]

    __table_args__ = (UniqueConstraint("deliverable_id", "person_id"), CheckConstraint("amount >= 0", name="amount"))
