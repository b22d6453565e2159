"""The versions of a deliverable, what is in them, what the brand decided, and what was handed over."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id
from campaigns.core.names import Name, one_line
from campaigns.open_call.models import Rendered


def _named(words: type[StrEnum], length: int) -> Enum:
    return Enum(words, native_enum=False, length=length, values_callable=lambda values: [v.value for v in values])


class Verdict(StrEnum):
    """What the brand may say of a version."""

    APPROVED = "approved"
    CHANGES = "changes"


class OutsideKind(StrEnum):
    """What material from outside may be."""

    STOCK_MUSIC = "stock_music"
    FONT = "font"
    FOOTAGE = "footage"
    PICTURE = "picture"
    SOUND_EFFECT = "sound_effect"
    OTHER = "other"


class Showing(StrEnum):
    """Whether there is of a version what a browser shows; the file itself is always there."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class Version(Base):
    """One version of a deliverable: a file, its makers, its components and its outside material; the brand sees it once presented."""

    __tablename__ = "version"

    id: Mapped[Id]
    deliverable_id: Mapped[UUID]
    visit: Mapped[int]
    number: Mapped[int]
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(60))
    bytes: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    presented_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    presented_at: Mapped[datetime | None]
    showing: Mapped[Showing] = mapped_column(_named(Showing, 10), default=Showing.PENDING)
    show_problem: Mapped[str | None] = mapped_column(Text)
    package_problem: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "visit"], ["stage_visit.deliverable_id", "stage_visit.number"]),
        UniqueConstraint("deliverable_id", "number"),
        CheckConstraint("(presented_by is null) = (presented_at is null)", name="presented"),
        CheckConstraint("(showing = 'failed') = (show_problem is not null)", name="showing"),
        Index("ix_version_unprepared", "deliverable_id", postgresql_where="showing = 'pending'"),
    )


class VersionRendition(Rendered, Base):
    """What a browser shows of a version; what the brand approves is the version's own file."""

    __tablename__ = "version_rendition"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), primary_key=True, sort_order=-1)


class VersionMaker(Base):
    """Someone who edited, mixed or assembled the version, with their part of the assembly share.

    Whoever makes it has confirmed it by that; somebody whom they name beside them confirms it by their own word.
    """

    __tablename__ = "version_maker"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    shares: Mapped[int]
    confirmed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("shares >= 1", name="shares"),
        Index("ix_version_maker_unconfirmed", "person_id", postgresql_where="confirmed_at is null"),
    )


class Component(Base):
    """A contribution that is in the version."""

    __tablename__ = "component"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True, index=True)


class OutsideMaterial(Base):
    """Something in the version that no artist of the campaign made; without a licence the version cannot be approved."""

    __tablename__ = "outside_material"

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), index=True)
    kind: Mapped[OutsideKind] = mapped_column(_named(OutsideKind, 20))
    title: Mapped[str] = mapped_column(Name(160, field="title"))
    origin: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint(f"kind in {tuple(k.value for k in OutsideKind)}", name="kind"),
        CheckConstraint("licence <> ''", name="licence"),
        one_line("title"),
    )


class ReviewDecision(Base):
    """The brand's word on one version: which file and which parts it was given for, by whom."""

    __tablename__ = "review_decision"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(_named(Verdict, 10))
    file_sha256: Mapped[str] = mapped_column(String(64))
    parts_sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("verdict <> 'changes' or note <> ''", name="note"),)


class Weight(StrEnum):
    """What a note asks for: what is required keeps the version from being approved until it is done or let go."""

    REQUIRED = "required"
    WISH = "wish"


class NoteState(StrEnum):
    """What became of a note."""

    OPEN = "open"
    DONE = "done"
    LET_GO = "let_go"


class Annotation(Base):
    """A note on a version, at a moment of it or on the whole; the brand reads none that is `internal`; an email told of it at `told_at`."""

    __tablename__ = "annotation"

    id: Mapped[Id]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("version.id"), index=True)
    at_ms: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text)
    weight: Mapped[Weight] = mapped_column(_named(Weight, 10))
    internal: Mapped[bool]
    state: Mapped[NoteState] = mapped_column(_named(NoteState, 10), default=NoteState.OPEN)
    done_in: Mapped[UUID | None] = mapped_column(ForeignKey("version.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    told_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_annotation_untold", "version_id", "written_by", postgresql_where="told_at is null"),
        CheckConstraint("at_ms >= 0", name="at_ms"),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("(state = 'done') = (done_in is not null)", name="done"),
        CheckConstraint("(state = 'open') = (settled_at is null) and (settled_by is null) = (settled_at is null)", name="settled"),
    )


class Package(Base):
    """What is handed over for an approved version: a zip with the file, the credits, the licences and every hash.

    `lineage_sha256` is the hash of the lineage that its credits were read from; where a source is confirmed after it, it is made again,
    as the next `edition`. The database says that it `is_outdated` once a contribution of that lineage is taken down or who is credited
    changes.
    """

    __tablename__ = "package"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("review_decision.version_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    lineage_sha256: Mapped[str | None] = mapped_column(String(64))
    is_outdated: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (CheckConstraint("edition >= 1", name="edition"),)
