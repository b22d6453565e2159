"""Disputes in a browser: the list, and one with its deadline, what is at stake, and the evidence to hand in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import Page, page_of
from api.dispute_words import evidence_words, file_words, looked_at, reason_name, status_name
from api.forms import ReasonForm
from api.reader import OnceForm, Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, figure, spreadsheet
from campaigns.brief.disputes import actions as dispute_actions
from campaigns.brief.disputes import answering, files, queries
from campaigns.brief.disputes.errors import NoSuchFile
from campaigns.brief.disputes.models import FILE_FIELDS, MIMES, MOST_BYTES, MOST_PAGES, DisputeFile
from campaigns.core.campaign import Campaign
from campaigns.core.files import FileLink, link_to
from campaigns.core.permissions import Permission
from campaigns.core.settings import settings
from campaigns.core.words import _
from campaigns.evidence.drafts import suggested
from campaigns.evidence.files import attach_file
from campaigns.payout.balances.withheld import stake_of
from campaigns.payout.runs.queries import names_of

pages = APIRouter()
Words = Annotated[str, Field(max_length=20_000)]
SHOWN: Mapping[str, bool | None] = {"open": True, "closed": False}


class EvidencePageForm(BaseModel):
    """What the bank is to read; the fields are those of `answering.FIELDS`, then those of `FILE_FIELDS`.

    `remove` is the field whose button was pressed: what was typed beside it is kept.
    """

    customer_name: Words = ""
    customer_email_address: Words = ""
    billing_address: Words = ""
    service_date: Words = ""
    product_description: Words = ""
    access_activity_log: Words = ""
    refund_policy_disclosure: Words = ""
    refund_refusal_explanation: Words = ""
    cancellation_policy_disclosure: Words = ""
    duplicate_charge_explanation: Words = ""
    uncategorized_text: Words = ""
    customer_signature: UploadFile | None = None
    customer_communication: UploadFile | None = None
    service_documentation: UploadFile | None = None
    receipt: UploadFile | None = None
    cancellation_policy: UploadFile | None = None
    refund_policy: UploadFile | None = None
    duplicate_charge_documentation: UploadFile | None = None
    uncategorized_file: UploadFile | None = None
    remove: str = Field("", max_length=40)

    def words(self) -> dict[str, str]:
        """What is said in words."""
        return {name: getattr(self, name) for name in answering.FIELDS}

    def chosen(self) -> dict[str, UploadFile]:
        """The files that were chosen, by their fields; a browser sends a nameless one for none."""
        return {name: file for name in FILE_FIELDS if (file := getattr(self, name)) and file.filename}


class BearPageForm(ReasonForm, OnceForm):
    """Why we bear it; it moves money."""


@pages.get("/disputes", response_class=HTMLResponse)
def show_disputes(reader: SignedIn, page: Page, show: str = "") -> HTMLResponse:
    """The disputes, newest first, all or those that are open or closed; above them the warnings that something can be done about."""
    chosen = show if show in SHOWN else ""
    found = queries.disputes(reader.session, by=reader.by, is_open=SHOWN.get(chosen), before=page.after, limit=page.one_more)
    shown, following = page_of(found, page.limit, lambda row: row.dispute.id)
    return reader.page(
        "payout/disputes.html",
        disputes=shown,
        warnings=[] if page.after else queries.warnings(reader.session, by=reader.by),
        show=chosen,
        reason_name=reason_name,
        status_name=status_name,
        bank=f"{settings().stripe_url}/sandbox/payments" if reader.is_at_the_machine and not settings().moves_real_money else None,
        next=following,
    )


@pages.get("/disputes.csv")
def download_disputes(reader: SignedIn) -> StreamingResponse:
    """Every dispute, newest first."""
    reader.by.require(Permission.VIEW_MONEY)
    by = reader.by
    header = (_("Dispute"), _("Campaign"), _("Amount"), _("Currency"), _("Reason"), _("Status"), _("Opened"), _("Due"), _("Closed"))
    found = all_of(lambda session, before: queries.disputes(session, by=by, before=before, limit=AT_ONCE), lambda each: each.dispute.id)
    rows = (_row(each) for each in found)
    return spreadsheet("disputes", header, rows)


def _row(listed: queries.DisputeListed) -> tuple[object, ...]:
    each = listed.dispute
    about = (each.provider_id, listed.campaign, figure(each.amount, each.currency), each.currency, each.reason, each.status)
    return (*about, each.opened_at, each.due_by, each.closed_at)


@pages.get("/disputes/{dispute_id}", response_class=HTMLResponse)
def show_dispute(dispute_id: UUID, reader: SignedIn) -> HTMLResponse:
    """One dispute: why, until when, what is at stake, and the evidence."""
    session, by = reader.session, reader.by
    dispute = queries.find_dispute(session, dispute_id, by=by)
    campaign = session.get(Campaign, dispute.campaign_id) if dispute.campaign_id else None
    attached = files.files_of(session, dispute.id)
    return reader.page(
        "payout/dispute.html",
        dispute=dispute,
        campaign=campaign,
        stake=stake_of(session, campaign.id, dispute.currency, by=by) if campaign else None,
        evidence=dispute.evidence or suggested(session, dispute, by=by),
        fields=evidence_words(),
        longest=answering.FIELDS,
        files=_shown(attached),
        file_fields=file_words(),
        most_bytes=MOST_BYTES,
        most_pages=MOST_PAGES,
        mimes=",".join(MIMES),
        names=names_of(session, [dispute.drafted_by, dispute.handed_in_by, dispute.accepted_by, *(each.added_by for each in attached)]),
        reason_name=reason_name,
        status_name=status_name,
        looked_at=looked_at(dispute.reason),
        may_answer=by.may(Permission.ANSWER_DISPUTE) and dispute.is_answerable and dispute.due_by and dispute.due_by >= reader.at,
        left=dispute.due_by - reader.at if dispute.due_by else None,
        to_bear=dispute_actions.to_bear(session, dispute),
    )


def _shown(attached: Sequence[DisputeFile]) -> Mapping[str, tuple[DisputeFile, str]]:
    """Each file by its field, with a link to it."""
    return {each.field: (each, link_to(FileLink(sha256=each.sha256, mime=each.mime, name=each.name))) for each in attached}


@pages.post("/disputes/{dispute_id}/evidence")
def write_evidence(dispute_id: UUID, form: Annotated[EvidencePageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Keep a draft of the evidence, words and files, or all of it but the file that is removed."""
    answering.write_evidence(reader.session, dispute_id, form.words(), by=reader.by, at=reader.at)
    _change_files(reader, dispute_id, form)
    return reader.done(f"/disputes/{dispute_id}", _("Draft saved. The bank has not read it yet."))


def _change_files(reader: Reader, dispute_id: UUID, form: EvidencePageForm) -> None:
    session, by, at = reader.session, reader.by, reader.at
    for field, file in form.chosen().items():
        attach_file(session, dispute_id, field, file.filename or "", file.file, by=by, at=at)
    if form.remove:
        with suppress(NoSuchFile):  # sent twice
            files.remove(session, dispute_id, form.remove, by=by, at=at)


@pages.post("/disputes/{dispute_id}/answer")
def hand_in(dispute_id: UUID, form: Annotated[OnceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Hand the draft in to the bank."""

    def deed() -> tuple[str, str]:
        answering.hand_in(reader.session, dispute_id, by=reader.by, at=reader.at)
        return f"/disputes/{dispute_id}", _("Submitted. The bank decides within two to three months, and you will be notified.")

    return reader.once(form, deed)


@pages.post("/disputes/{dispute_id}/accept")
def accept(dispute_id: UUID, form: Annotated[OnceForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Let the bank keep the money."""

    def deed() -> tuple[str, str]:
        answering.accept(reader.session, dispute_id, by=reader.by, at=reader.at)
        return f"/disputes/{dispute_id}", _("Accepted. The brand owes the amount again.")

    return reader.once(form, deed)


@pages.post("/disputes/{dispute_id}/bear")
def bear(dispute_id: UUID, form: Annotated[BearPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Bear the loss."""

    def deed() -> tuple[str, str]:
        dispute_actions.bear(reader.session, dispute_id, form.reason, by=reader.by, at=reader.at)
        return f"/disputes/{dispute_id}", _("Written off. The affected earnings are paid in the next run.")

    return reader.once(form, deed)
