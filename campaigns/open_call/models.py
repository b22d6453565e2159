"""The call, what is sent to it, who made it, the licence that came with it, and what people see of it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, ForeignKeyConstraint, Index, String, Text, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id, word_index
from campaigns.core.names import Name, one_line
from campaigns.core.people import Scope
from campaigns.open_call.media.formats import MediaKind


class UploadState(StrEnum):
    """The state of an upload."""

    ARRIVING = "arriving"
    COMPLETE = "complete"
    PROVEN = "proven"
    REFUSED = "refused"


class ContributionState(StrEnum):
    """The state of a contribution."""

    RECEIVED = "received"
    UNSHOWABLE = "unshowable"
    READY = "ready"
    SCREENED_IN = "screened_in"
    SCREENED_OUT = "screened_out"
    WITHDRAWN = "withdrawn"


def _named(words: type[StrEnum], length: int) -> Enum:
    return Enum(words, native_enum=False, length=length, values_callable=lambda values: [v.value for v in values])


STILL_WAITS = "state in ('received', 'unshowable', 'ready')"
KIND, UPLOAD_STATE, CONTRIBUTION_STATE = _named(MediaKind, 10), _named(UploadState, 10), _named(ContributionState, 14)


class Upload(Base):
    """A file on its way to us, `offset` of its `length` bytes safe; `name` is its owner's and is shown to nobody else.

    The database says that it `is_used` once a contribution or a version has it.
    """

    __tablename__ = "upload"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    declared: Mapped[str | None] = mapped_column(String(120))
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[UploadState] = mapped_column(UPLOAD_STATE, default=UploadState.ARRIVING)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    mime: Mapped[str | None] = mapped_column(String(60))
    fault: Mapped[str | None] = mapped_column(String(40))
    refusal: Mapped[str | None] = mapped_column(Text)
    is_used: Mapped[bool] = mapped_column(default=False, server_default="false")

    __table_args__ = (
        Index("ix_upload_loose", "person_id", "expires_at", postgresql_where="not is_used", postgresql_include=["length", "state"]),
        CheckConstraint('length > 0 and "offset" between 0 and length', name="offset"),
        CheckConstraint("(state = 'proven') = (sha256 is not null) and (state = 'proven') = (mime is not null)", name="proven"),
        CheckConstraint("(state = 'refused') = (refusal is not null)", name="refused"),
        Index("ix_upload_unfinished", "expires_at", postgresql_where="state in ('arriving', 'complete')"),
    )


class OpenCall(Base):
    """A campaign's call: open from `opened_at` until `closes_at`, which pauses and extensions move on."""

    __tablename__ = "open_call"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("closes_at >= opened_at", name="order"),)

    def is_open(self, at: datetime) -> bool:
        """Whether entries are taken at `at`; the close itself is outside."""
        return self.opened_at <= at < self.closes_at


class CallExtension(Base):
    """One later close, for everyone, with its reason."""

    __tablename__ = "call_extension"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("open_call.campaign_id"), index=True)
    from_close: Mapped[datetime]
    to_close: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    extended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    extended_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("to_close > from_close", name="later"),)


class Contribution(Base):
    """One contribution; its id is the contribution's everywhere, and an older contribution has a smaller one. A wrapper adds nothing of its
    own."""

    __tablename__ = "contribution"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(Name(160, field="title"))
    kind: Mapped[MediaKind] = mapped_column(KIND)
    statement: Mapped[str] = mapped_column(Text, default="")
    is_wrapper: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ContributionState] = mapped_column(CONTRIBUTION_STATE, default=ContributionState.RECEIVED)
    state_reason: Mapped[str | None] = mapped_column(Text)
    by_extension_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_extension.id"))
    received_at: Mapped[datetime]
    state_since: Mapped[datetime]

    __table_args__ = (
        Index("ix_contribution_campaign_id_id", "campaign_id", "id"),
        Index("ix_contribution_taking_part", "campaign_id", "id", postgresql_where="state = 'screened_in'"),
        word_index("ix_contribution_title_words", "title"),
        Index("ix_contribution_waiting", "campaign_id", "state", postgresql_where=STILL_WAITS, postgresql_include=["state_since"]),
        CheckConstraint("state <> 'screened_out' or state_reason is not null", name="reason"),
        one_line("title"),
    )

    @property
    def scope(self) -> Scope:
        return Scope(brand_id=self.brand_id, campaign_id=self.campaign_id)


WAITING = (ContributionState.RECEIVED, ContributionState.UNSHOWABLE, ContributionState.READY)
# Said as constants: an index of such contributions only is of no use to a plan that is made for any state.
TAKES_PART = Contribution.state == literal_column(f"'{ContributionState.SCREENED_IN.value}'")
WAITS = Contribution.state.in_([literal_column(f"'{each.value}'") for each in WAITING])


class DailyContributionCount(Base):
    """How many contributions came to a campaign on one day (UTC); the database counts them as they come in."""

    __tablename__ = "arrival"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    contributions: Mapped[int]


class Maker(Base):
    """Someone who made the contribution, and their part of what it earns: `shares` of the sum of all its makers' shares."""

    __tablename__ = "maker"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    shares: Mapped[int]

    __table_args__ = (CheckConstraint("shares between 1 and 1000000", name="shares"),)


class NamedMaker(Base):
    """A maker whom the sender named, by an address or as a member: neither credited by name nor licensor until they have confirmed."""

    __tablename__ = "named_maker"

    contribution_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str | None] = mapped_column(String(254))
    confirmed_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["contribution_id", "person_id"], ["maker.contribution_id", "maker.person_id"]),
        Index("ix_named_maker_unconfirmed", "contribution_id", postgresql_where="confirmed_at is null"),
    )


class EndedNaming(Base):
    """Someone who was named as a maker and is none: they declined, or their naming was taken back before they had confirmed it."""

    __tablename__ = "ended_naming"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    ended_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime] = mapped_column(index=True)


class ContributionFile(Base):
    """The contribution's file as it came; one upload becomes one contribution."""

    __tablename__ = "contribution_file"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mime: Mapped[str] = mapped_column(String(60))
    bytes: Mapped[int] = mapped_column(BigInteger)


class Rendered:
    """What a browser shows of a file, made by us, in one role: picture, thumbnail, sound, film, poster or text."""

    role: Mapped[str] = mapped_column(String(12), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(60))
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    words: Mapped[int | None]


class Rendition(Rendered, Base):
    """A redacted form of the contribution."""

    __tablename__ = "rendition"

    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), primary_key=True, sort_order=-1)


class LicenceGrant(Base):
    """The licence that a maker granted, by their own word: its version, the hash of its text, the moment."""

    __tablename__ = "licence_grant"

    contribution_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    text_sha256: Mapped[str] = mapped_column(String(64))
    ai_training: Mapped[bool]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["contribution_id", "person_id"], ["maker.contribution_id", "maker.person_id"]),
        CheckConstraint("given_by = person_id", name="own_word"),
    )


class Screening(Base):
    """One decision on whether a contribution takes part, with its reason; the last one counts."""

    __tablename__ = "screening"

    id: Mapped[Id]
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), index=True)
    takes_part: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    screened_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    screened_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("takes_part or reason is not null", name="reason"),
        Index("ix_screening_screened_by_screened_at", "screened_by", "screened_at"),
    )


class Question(Base):
    """What someone asks about a call; its answer makes it public, without the name of who asked."""

    __tablename__ = "question"

    id: Mapped[Id]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("text <> '' and answer <> ''", name="words"),
        CheckConstraint("(answer is null) = (answered_at is null) and (answer is null) = (answered_by is null)", name="answered"),
        Index("ix_question_campaign_id_id", "campaign_id", "id"),
    )
