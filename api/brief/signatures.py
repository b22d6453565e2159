"""Signatures, and what has changed since each was given."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import At, By, OnlyOnce, Tx
from campaigns.brief import queries
from campaigns.brief.models import SignOff
from campaigns.brief.queries import GivenSignature, WrittenBrief
from campaigns.brief.rules import unsigned_sign_off_roles
from campaigns.brief.signatures import actions as signature_actions
from campaigns.brief.terms.contents import FieldChange

router = APIRouter()


class SignatureForm(BaseModel):
    sign_off_role: str = Field(max_length=40, examples=["legal"])
    hash: str = Field(
        pattern="^[0-9a-f]{64}$",
        description="The `hash` of the brief that you have read.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class SignatureShown(BaseModel):
    """A signature. It is valid while the brief is what was signed and, until launch, while the person who signed is a signer."""

    id: UUID
    sign_off_role: str
    person: UUID
    hash: str
    signed_at: datetime
    holds: bool

    @classmethod
    def of(cls, signed: SignOff, *, holds: bool) -> "SignatureShown":
        return cls(
            id=signed.id, sign_off_role=signed.sign_off_role, person=signed.person_id, hash=signed.hash,
            signed_at=signed.signed_at, holds=holds,
        )  # fmt: skip


class Signatures(BaseModel):
    """All signatures, oldest first, and the sign-off roles that must still sign the current brief."""

    hash: str
    missing: list[str]
    items: list[SignatureShown]

    @classmethod
    def of(cls, written: WrittenBrief, signed: list[GivenSignature]) -> "Signatures":
        return cls(
            hash=written.hash,
            missing=unsigned_sign_off_roles(written, signed),
            items=[SignatureShown.of(each.given, holds=each.holds(written)) for each in signed],
        )


class WordsShown(BaseModel):
    """A run of words in a text that has changed."""

    fate: Literal["kept", "removed", "added"]
    text: str


class FieldChangeShown(BaseModel):
    """A field that differs from what was signed."""

    field: str = Field(examples=["story"])
    before: str | None
    after: str | None
    words: list[WordsShown]

    @classmethod
    def of(cls, change: FieldChange) -> "FieldChangeShown":
        words = [WordsShown.model_validate({"fate": run.fate, "text": run.text}) for run in change.words]
        return cls(field=change.field, before=change.before, after=change.after, words=words)


class SignatureChanges(BaseModel):
    sign_off_role: str
    changes: list[FieldChangeShown]


@router.post("/campaigns/{campaign_id}/signatures", status_code=201, response_model=SignatureShown)
def sign(campaign_id: UUID, body: SignatureForm, session: Tx, by: By, at: At, once: OnlyOnce) -> SignatureShown | Response:
    """Sign the brief that you have read, on behalf of your sign-off role."""
    return once(
        lambda: SignatureShown.of(signature_actions.sign(session, campaign_id, body.sign_off_role, body.hash, by=by, at=at), holds=True)
    )


@router.get("/campaigns/{campaign_id}/signatures")
def list_signatures(campaign_id: UUID, session: Tx, by: By) -> Signatures:
    """List all signatures and the sign-off roles that must still sign."""
    written = queries.brief_for(session, campaign_id, by=by)
    return Signatures.of(written, queries.sign_offs(session, [campaign_id]).get(campaign_id, []))


@router.get("/campaigns/{campaign_id}/signatures/{sign_off_role}/difference")
def show_difference(campaign_id: UUID, sign_off_role: str, session: Tx, by: By) -> SignatureChanges:
    """Compare what this sign-off role signed last with the current brief, field by field and word by word."""
    changes = signature_actions.what_changed(session, queries.brief_for(session, campaign_id, by=by), sign_off_role)
    return SignatureChanges(sign_off_role=sign_off_role, changes=[FieldChangeShown.of(change) for change in changes])
