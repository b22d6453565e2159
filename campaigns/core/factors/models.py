"""What is kept of a person's passkeys and of their app that shows codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.core.db import Base, Id
from campaigns.core.names import Name, one_line


class Passkey(Base):
    """The public half of a key pair whose private half never leaves its owner's device; ids are base64url.

    `counts_from`, in business time, is from when on it proves who its owner is; None where it always did.
    """

    __tablename__ = "passkey"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(Name(80))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    counts_from: Mapped[datetime | None]

    __table_args__ = (one_line("name"),)


class PasskeyChallenge(Base):
    """A question for a passkey, answered once within minutes; without a person it is for whoever signs in."""

    __tablename__ = "passkey_challenge"

    challenge: Mapped[str] = mapped_column(String(120), primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]


class CodeApp(Base):
    """A person's app that shows codes (RFC 6238): its sealed secret, and the step of the last code used, up to which no code counts.

    `counts_from`, in business time, is from when on it proves who its owner is; None where it always did.
    """

    __tablename__ = "code_app"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(String(300))
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    counts_from: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
