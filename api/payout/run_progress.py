"""How far a run is, told while it is sent: a stream of the page's own part, sent again whenever something has changed."""

from asyncio import sleep
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.pages import render
from api.payout.run_picture import progress_of
from api.reader import Reader, SignedIn
from campaigns.core.errors import Refusal
from campaigns.core.people import actor_for
from campaigns.payout.runs import queries
from workers.transactions import unit_of_work

pages = APIRouter()
SECONDS_BETWEEN_LOOKS = 1.0
# Then the browser asks again, and is asked who it is.
LOOKS = 120
OVER = "event: over\ndata: over\n\n"
STILL_THERE = ": still there\n\n"


@pages.get("/runs/{run_id}/progress")
def follow_run(run_id: UUID, reader: SignedIn) -> Response:
    """The stream, as long as the run is being sent; a browser that is answered 204 asks no more."""
    run = queries.find_run(reader.session, run_id, by=reader.by)
    if run.state != "released":
        return Response(status_code=204)
    # Read now, while the request's own transaction is open.
    _reads = reader.locale, reader.zone
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told(run_id, reader), media_type="text/event-stream", headers=headers)


async def told(run_id: UUID, reader: Reader) -> AsyncIterator[str]:
    """The page's part that shows progress, whenever it has changed; at the end, or when the reader may see no more, that it is over."""
    shown = ""
    for _look in range(LOOKS):
        part = await run_in_threadpool(look, run_id, reader)
        if part is None:
            yield OVER
            return
        yield f"data: {part}\n\n" if part != shown else STILL_THERE
        shown = part
        await sleep(SECONDS_BETWEEN_LOOKS)


def look(run_id: UUID, reader: Reader) -> str | None:
    """How far the run is now, in one line of HTML; None when it is not being sent, or not for this reader, any more."""
    try:
        with unit_of_work() as session:
            run = queries.find_run(session, run_id, by=actor_for(session, reader.by.person, reader.by.scopes))
            progress = progress_of(queries.sums_of(session, run_id))
    except Refusal:
        return None
    if run.state != "released":
        return None
    return " ".join(render("payout/_run_progress.html", reader.locale, reader=reader, run=run, progress=progress).split())
