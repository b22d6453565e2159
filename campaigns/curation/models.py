"""The rubric, who reviews which contribution, what they found, and what was chosen for each deliverable."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Double,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id
from campaigns.core.names import Name, one_line

LOWEST, HIGHEST = 1, 5
MEAN = "case when answers > 0 then cast(points as double precision) / answers else 0 end"


class Criterion(Base):
    """One question that every review of the campaign answers with a score."""

    __tablename__ = "criterion"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Name(80))
    question: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("campaign_id", "number"), UniqueConstraint("campaign_id", "name"), one_line("name"))


class ReviewRound(Base):
    """One handing-out of contributions to curators in a visit; the stored seed makes every draw of it repeatable."""

    __tablename__ = "review_round"

    id: Mapped[Id]
    deliverable_id: Mapped[UUID]
    visit: Mapped[int]
    curator_ids: Mapped[list[Any]]
    per_contribution: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),
        CheckConstraint("per_contribution >= 1", name="per_contribution"),
        Index("ix_review_round_deliverable_id_visit", "deliverable_id", "visit"),
    )


class ReviewAssignment(Base):
    """A contribution that a curator is to review, once in the campaign; `place` is the curator's own order, `released_at` a declared
    conflict."""

    __tablename__ = "review_assignment"

    id: Mapped[Id]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("review_round.id"), index=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"))
    curator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(String(32))
    released_at: Mapped[datetime | None]
    is_written: Mapped[bool] = mapped_column(server_default=false(), server_onupdate=FetchedValue())  # kept by the database

    __table_args__ = (
        UniqueConstraint("contribution_id", "curator_id"),
        Index("ix_review_assignment_curator_id_place", "curator_id", "place"),
        Index("ix_review_assignment_open", "round_id", "curator_id", postgresql_where="released_at is null and not is_written"),
    )


class Tally(Base):
    """How many curators a contribution is with, the sum and the number of their scores, and the mean; the database counts as they judge."""

    __tablename__ = "tally"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    reviewers: Mapped[int] = mapped_column(server_default="0")
    points: Mapped[int] = mapped_column(server_default="0")
    answers: Mapped[int] = mapped_column(server_default="0")
    mean: Mapped[float] = mapped_column(Double, Computed(MEAN, persisted=True))

    __table_args__ = (
        Index("ix_tally_best", "campaign_id", "mean", "contribution_id"),
        Index("ix_tally_reviewers", "campaign_id", "reviewers"),
    )


class DeskTally(Base):
    """What a curator has had and done in a round, `open` of contributions that still take part; the database counts as they judge."""

    __tablename__ = "desk_tally"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("review_round.id"), primary_key=True)
    curator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    given: Mapped[int] = mapped_column(server_default="0")
    written: Mapped[int] = mapped_column(server_default="0")
    open: Mapped[int] = mapped_column(server_default="0")
    released: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("0 <= open and open <= given - written", name="open"),)


class Conflict(Base):
    """A curator's word that they cannot judge a contribution; it holds for the whole campaign."""

    __tablename__ = "conflict"

    curator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    declared_at: Mapped[datetime]


class Review(Base):
    """What a curator found, in words; its scores are beside it."""

    __tablename__ = "review"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("review_assignment.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    revised_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)


class TakenBack(Base):
    """The judgement that a curator last took back, kept for them to begin again from; `scores` by the criterion's name."""

    __tablename__ = "review_taken_back"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("review_assignment.id"), primary_key=True)
    scores: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    taken_back_at: Mapped[datetime]


class Score(Base):
    """One criterion's score in a review."""

    __tablename__ = "score"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("review.assignment_id", ondelete="cascade"), primary_key=True)
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    value: Mapped[int]

    __table_args__ = (CheckConstraint(f"value between {LOWEST} and {HIGHEST}", name="value"),)


class SelectedContribution(Base):
    """What the manager means to say of a contribution when the visit's selection is published; until then nobody else reads it."""

    __tablename__ = "selected_contribution"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    chosen: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    selected_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    selected_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),
        CheckConstraint("reason <> ''", name="reason"),
    )


class Selection(Base):
    """What was chosen for a deliverable in one visit, published in one act; nothing chosen is an outcome too, with its reason."""

    __tablename__ = "selection"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    common_reason: Mapped[str | None] = mapped_column(Text)
    published_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),)


class SelectionOutcome(Base):
    """What a selection said about one contribution, with the reason that its makers read."""

    __tablename__ = "selection_outcome"

    deliverable_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True, index=True)
    chosen: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["selection.deliverable_id", "selection.visit"]),
        CheckConstraint("reason <> ''", name="reason"),
    )
