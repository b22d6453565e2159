"""What an operator looks at: whether everything works, what is stuck, and the button that has it tried again."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from api.deps import Page, page_of
from api.operator.processes import processes
from api.reader import SignedIn
from api.spreadsheet import spreadsheet
from campaigns.core import clock, status
from campaigns.core.appointing.standing import independence
from campaigns.core.settings import settings
from campaigns.core.words import _, n_
from campaigns.open_call.media.enclosure import enclosure
from campaigns.open_call.room import disk

MOST_FAILING = 20
pages = APIRouter(prefix="/status")


def act_names() -> Mapping[str, str]:
    """What takes several people, and whom."""
    return {
        "appoint": _("Grant a role that handles money: one person grants it, another confirms it"),
        "receipt": _("Record a bank transfer: one person records it, another in finance confirms it"),
        "advance": _("Advance a campaign: the campaign's manager and another person in finance"),
        "finalize": _("Finalize a split or kill fees: one person assigns the points, two others approve"),
        "release": _("Approve a payout run: two people in finance"),
        "limits": _("Set limits for sending runs automatically: two people in finance"),
        "cancel": _("Cancel a funded campaign: a manager requests it, another manager or someone in finance confirms it"),
    }


@pages.get("", response_class=HTMLResponse)
def show_status(reader: SignedIn) -> HTMLResponse:
    """Everything at a glance."""
    return reader.page(
        "operator/status.html",
        found=status.status(reader.session, by=reader.by),
        failing=status.failing_messages(reader.session, MOST_FAILING, by=reader.by),
        processes=processes(),
        enclosure=enclosure(),
        independence=independence(reader.session, by=reader.by, at=reader.at),
        acts=act_names(),
        disk=disk(),
        real_now=clock.process_now(),
        prefect=settings().prefect_page,
    )


@pages.get("/failed", response_class=HTMLResponse)
def show_failed(reader: SignedIn, page: Page) -> HTMLResponse:
    """What nobody tries any more."""
    found = status.failed_messages(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda message: message.id)
    return reader.page("operator/failed.html", messages=shown, next=following)


@pages.get("/failed.csv")
def download_failed(reader: SignedIn) -> StreamingResponse:
    """All of it."""
    header = (_("Job"), _("Key"), _("Created"), _("Failed"), _("Attempts"), _("Error"))
    found = status.failed_messages(reader.session, by=reader.by)
    return spreadsheet("failed-jobs", header, ((m.kind, m.key, m.enqueued_at, m.failed_at, m.attempts, m.last_error) for m in found))


@pages.post("/failed/retry")
def retry_all(reader: SignedIn) -> RedirectResponse:
    """Have everything tried again."""
    count = status.retry_all(reader.session, by=reader.by)
    return reader.done("/status", n_("{count} job is being tried again.", "{count} jobs are being tried again.", count))


@pages.post("/failed/{message_id}/retry")
def retry(message_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Have one tried again."""
    status.retry(reader.session, message_id, by=reader.by)
    return reader.done("/status/failed", _("The job is being tried again."))


@pages.get("/emails", response_class=HTMLResponse)
def show_emails(reader: SignedIn, page: Page) -> HTMLResponse:
    """The emails that did not arrive, or may not have."""
    found = status.undelivered_emails(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda email: email.id)
    return reader.page("operator/emails.html", emails=shown, next=following)


@pages.get("/emails.csv")
def download_emails(reader: SignedIn) -> StreamingResponse:
    """All of them."""
    header = (_("Created"), _("Email"), _("To"), _("State"), _("Reason"))
    found = status.undelivered_emails(reader.session, by=reader.by)
    return spreadsheet("undelivered-emails", header, ((m.enqueued_at, m.notification, m.address, m.state, m.reason) for m in found))


@pages.get("/flows", response_class=HTMLResponse)
def show_flows(reader: SignedIn, page: Page) -> HTMLResponse:
    """The flow run of each live campaign, on Prefect's page."""
    found = status.flow_runs(reader.session, after=page.after, limit=page.one_more, by=reader.by)
    shown, following = page_of(found, page.limit, lambda row: row.campaign_id)
    return reader.page("operator/flows.html", runs=shown, next=following, prefect=settings().prefect_page)


@pages.get("/flows.csv")
def download_flows(reader: SignedIn) -> StreamingResponse:
    """All of them."""
    header = (_("Campaign"), _("Title"), _("Flow run"), _("Generation"), _("Paused"))
    found = status.flow_runs(reader.session, by=reader.by)
    return spreadsheet("flow-runs", header, ((run.number, run.title, run.run_id, run.generation, run.paused_at) for run in found))
