"""What finance does with a payout run in a browser: quote, release, give up, pause, resume, try again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from api.forms import ReasonForm
from api.payout.runs import RunForm
from api.reader import OnceForm, SignedIn
from campaigns.core.words import _, n_
from campaigns.payout.runs import actions
from campaigns.payout.runs.failures import try_again, try_all_again

pages = APIRouter()


class RunPageForm(RunForm, OnceForm):
    """Which balances to collect."""


@pages.post("/runs")
def quote(form: Annotated[RunPageForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Collect what is payable now into a run; the same form makes the same run."""
    run = actions.quote_by_hand(reader.session, form.currency, form.route, f"by hand {form.once}", by=reader.by, at=reader.at)
    said = (
        _("Payout run prepared. Two people must approve it.")
        if run.state == "quoted"
        else _("The run is within the limits and is being sent automatically.")
    )
    return reader.done(f"/runs/{run.id}", said)


@pages.post("/runs/{run_id}/release")
def release(run_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Say that the run may go out."""
    run = actions.approve_run(reader.session, run_id, by=reader.by, at=reader.at)
    waits = _("You have approved the run. It is sent once another person approves it.")
    return reader.done(f"/runs/{run.id}", waits if run.state == "quoted" else _("Approved. The first payments are being sent."))


@pages.post("/runs/{run_id}/discard")
def discard(run_id: UUID, form: Annotated[ReasonForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Give up a run that was not released."""
    actions.discard_run(reader.session, run_id, form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/runs/{run_id}", _("Run discarded. The amounts are back in the payees' balances."))


@pages.post("/runs/{run_id}/pause")
def pause(run_id: UUID, form: Annotated[ReasonForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Stop sending after what is on its way."""
    actions.pause_run(reader.session, run_id, form.reason, by=reader.by, at=reader.at)
    return reader.done(f"/runs/{run_id}", _("Paused. Payments already being sent still arrive; no others are sent."))


@pages.post("/runs/{run_id}/resume")
def resume(run_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Go on sending."""
    actions.resume_run(reader.session, run_id, by=reader.by, at=reader.at)
    return reader.done(f"/runs/{run_id}", _("The run has resumed."))


@pages.post("/runs/{run_id}/payouts/{payout_id}/again")
def retry(run_id: UUID, payout_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Let a payment that failed go out with the next run."""
    try_again(reader.session, run_id, payout_id, by=reader.by, at=reader.at)
    return reader.done(f"/runs/{run_id}#failures", _("It will be paid in the next run."))


@pages.post("/runs/{run_id}/again")
def retry_all(run_id: UUID, reader: SignedIn) -> RedirectResponse:
    """The same for every payment of the run that only waits for this word."""
    count = try_all_again(reader.session, run_id, by=reader.by, at=reader.at)
    said = n_("{count} payment will be sent in the next run.", "{count} payments will be sent in the next run.", count)
    return reader.done(f"/runs/{run_id}#failures", said)
