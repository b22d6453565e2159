"""Disputes over HTTP: what banks question, until when they take an answer, and our answer, once."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from api.deps import At, By, FromRow, Listing, Page, Tx, page_of
from api.forms import ReasonForm
from campaigns.brief.disputes import actions as dispute_actions
from campaigns.brief.disputes import answering, files, queries
from campaigns.brief.disputes.models import Dispute, DisputeFile
from campaigns.brief.disputes.queries import DisputeListed
from campaigns.core.files import FileLink, link_to
from campaigns.evidence.drafts import suggested
from campaigns.evidence.files import attach_file as attach

router = APIRouter()
Words = Annotated[str, Field(max_length=20_000)]
IsOpen = Annotated[bool | None, Query(alias="open", description="Only those that are open, or closed.")]


Evidence = TypeAliasType("Evidence", Annotated[dict[str, Words], Field(max_length=30)])


class EvidenceForm(BaseModel):
    """What the bank is to read, by its own names for it."""

    evidence: Evidence = Field(examples=[{"customer_name": "Zappos", "service_date": "12 March 2027"}])


class EvidenceFileForm(BaseModel):
    """A file for one of the bank's fields for files."""

    field: str = Field(max_length=40, examples=["customer_signature"])
    file: UploadFile


class DisputeAnswerForm(BaseModel):
    """Without evidence, the draft that is kept is handed in."""

    evidence: Evidence | None = None


class DisputeShown(FromRow):
    """A payment that a bank questions; an inquiry (`warning_…`) has moved no money."""

    id: UUID
    provider_id: str = Field(description="The Stripe ID.")
    campaign_id: UUID | None
    payment_id: UUID | None
    amount: int = Field(description="Minor units.")
    currency: str
    reason: str
    status: str
    due_by: datetime | None = Field(description="When the answer is due.")
    opened_at: datetime
    drafted_at: datetime | None
    handed_in_by: UUID | None
    handed_in_at: datetime | None
    accepted_by: UUID | None
    accepted_at: datetime | None
    refusal: str | None = Field(description="Why Stripe did not accept our answer.")
    closed_at: datetime | None


class DisputeRow(DisputeShown):
    """In a list, with the title of its campaign."""

    campaign: str | None

    @classmethod
    def of(cls, listed: DisputeListed) -> "DisputeRow":
        return cls(**DisputeShown.model_validate(listed.dispute).model_dump(), campaign=listed.campaign)


class DisputeList(Listing):
    items: list[DisputeRow]


class EvidenceFile(FromRow):
    """A file of the evidence, in one of the bank's fields for files."""

    field: str = Field(examples=["customer_signature"])
    name: str
    mime: str
    bytes: int
    pages: int
    sha256: str
    added_by: UUID
    added_at: datetime
    url: str = Field(description="Download URL, valid for one hour.")

    @classmethod
    def of(cls, file: DisputeFile) -> "EvidenceFile":
        file_link = FileLink(sha256=file.sha256, mime=file.mime, name=file.name)
        about = {name: getattr(file, name) for name in cls.model_fields if name != "url"}
        return cls(**about, url=link_to(file_link))


class DisputeWhole(DisputeShown):
    """With its evidence: the draft or what was handed in, words and files, and what our own rows give for it."""

    evidence: dict[str, str]
    files: list[EvidenceFile]
    suggested: dict[str, str]


class WarningShown(FromRow):
    """A bank's early word that a payment may be fraud: refunded in time, it does not become a dispute."""

    id: UUID
    provider_id: str
    campaign_id: UUID | None
    payment_id: UUID | None
    kind: str
    warned_at: datetime


class WarningList(BaseModel):
    items: list[WarningShown]


@router.get("/disputes")
def list_disputes(session: Tx, by: By, page: Page, is_open: IsOpen = None) -> DisputeList:
    """Every dispute, newest first."""
    found = queries.disputes(session, by=by, is_open=is_open, before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda each: each.dispute.id)
    return DisputeList(items=[DisputeRow.of(each) for each in shown], next=following)


@router.get("/disputes/warnings")
def list_warnings(session: Tx, by: By) -> WarningList:
    """The newest early fraud warnings that can still be acted on."""
    return WarningList(items=[WarningShown.model_validate(warning) for warning, _campaign in queries.warnings(session, by=by)])


@router.get("/disputes/{dispute_id}")
def show_dispute(dispute_id: UUID, session: Tx, by: By) -> DisputeWhole:
    """One dispute, with its evidence."""
    dispute = queries.find_dispute(session, dispute_id, by=by)
    shown = DisputeShown.model_validate(dispute).model_dump()
    attached = [EvidenceFile.of(file) for file in files.files_of(session, dispute.id)]
    return DisputeWhole(**shown, evidence=dispute.evidence, files=attached, suggested=suggested(session, dispute, by=by))


@router.put("/disputes/{dispute_id}/evidence")
def write_evidence(dispute_id: UUID, body: EvidenceForm, session: Tx, by: By, at: At) -> DisputeShown:
    """Save a draft. The bank does not see it yet."""
    return _shown(answering.write_evidence(session, dispute_id, body.evidence, by=by, at=at))


@router.post("/disputes/{dispute_id}/files")
def attach_file(
    dispute_id: UUID, body: Annotated[EvidenceFileForm, Form(media_type="multipart/form-data")], session: Tx, by: By, at: At
) -> EvidenceFile:
    """Attach a PDF, JPEG or PNG to a field of the draft, replacing the current file. Repeating the request adds no second file."""
    return EvidenceFile.of(attach(session, dispute_id, body.field, body.file.filename or "", body.file.file, by=by, at=at))


@router.delete("/disputes/{dispute_id}/files/{field}", status_code=204)
def remove_file(dispute_id: UUID, field: str, session: Tx, by: By, at: At) -> None:
    """Remove a file from the draft."""
    files.remove(session, dispute_id, field, by=by, at=at)


@router.post("/disputes/{dispute_id}/answer", status_code=202)
def hand_in(dispute_id: UUID, body: DisputeAnswerForm, session: Tx, by: By, at: At) -> DisputeShown:
    """Submit the evidence and its files to the bank. You can do this only once, and it cannot be undone."""
    return _shown(answering.hand_in(session, dispute_id, body.evidence, by=by, at=at))


@router.post("/disputes/{dispute_id}/accept", status_code=202)
def accept(dispute_id: UUID, session: Tx, by: By, at: At) -> DisputeShown:
    """Accept the dispute: the customer keeps the money. This cannot be undone."""
    return _shown(answering.accept(session, dispute_id, by=by, at=at))


@router.post("/disputes/{dispute_id}/bear")
def bear(dispute_id: UUID, body: ReasonForm, session: Tx, by: By, at: At) -> DisputeShown:
    """Write off what was lost and the brand has not paid again. The affected earnings are paid out."""
    return _shown(dispute_actions.bear(session, dispute_id, body.reason, by=by, at=at))


def _shown(dispute: Dispute) -> DisputeShown:
    return DisputeShown.model_validate(dispute)
