"""The manager's board: every campaign in the column of its stage, what it waits for, on whom and since when."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.deps import Page, Paging, page_of
from api.lifecycle.pictures import sparkline
from api.reader import Reader, SignedIn
from api.spreadsheet import AT_ONCE, all_of, spreadsheet
from campaigns.brief import board
from campaigns.brief.board import Sought
from campaigns.core.errors import Forbidden
from campaigns.core.people import Actor
from campaigns.core.permissions import Permission, Role
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.oversight import boards
from campaigns.oversight.boards import Card

pages = APIRouter()
# Of each stage, the most pressing: as many as one looks through before one would rather search.
MOST_CARDS = 12
# Those that come with the page, about as many as a screen shows; the others follow when one comes near them.
FIRST_CARDS = 8
HEADER = ("number", "title", "brand", "manager", "stage", "paused", "go-live", "due", "slack in days", "waiting on")


class BoardQuery(BaseModel):
    """What a reader wants to see of the board; without `whose`, a manager sees their own."""

    whose: Literal["mine", "everyone"] | None = None
    late: bool = False
    q: str = ""
    stage: Stage | None = None

    def of(self, by: Actor) -> "BoardQuery":
        """As this reader means it."""
        return self.model_copy(update={"whose": self.whose or ("mine" if _manages(by) else "everyone")})

    def sought(self, by: Actor) -> Sought:
        owner = by.person_id if self.whose == "mine" else None
        return Sought(stage=self.stage, late=True if self.late else None, owner_id=owner, words=self.q)

    def address(self, path: str = "/board", **changes: Any) -> str:
        """What is seen now, with these changes."""
        asked = {**self.model_dump(exclude_defaults=True, mode="json"), **changes}
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


Wanted = Annotated[BoardQuery, Query()]


@pages.get("/board")
def show_board(asked: Wanted, reader: SignedIn, page: Page) -> HTMLResponse:
    """The campaigns in play by stage; with a stage, all that are in it."""
    _require_contributions_here(reader.by)
    asked = asked.of(reader.by)
    sought = asked.sought(reader.by)
    numbers = boards.pulse(reader.session, Sought(owner_id=sought.owner_id), by=reader.by, at=reader.at)
    shown: dict[str, Any] = {
        "asked": asked,
        "manages": _manages(reader.by),
        "pulse": numbers,
        "spark": _spark(reader),
    }
    if asked.stage is not None:
        return _list(reader, sought, page, shown)
    found = boards.shelves(reader.session, sought, most=FIRST_CARDS, by=reader.by, at=reader.at)
    return reader.page("lifecycle/board.html", shelves=found, most=MOST_CARDS, **shown)


@pages.get("/board/shelf")
def show_shelf(asked: Wanted, reader: SignedIn) -> HTMLResponse:
    """The part of the board that follows the first cards of a stage, to be put in their column."""
    _require_contributions_here(reader.by)
    asked = asked.of(reader.by)
    found = boards.shelves(reader.session, asked.sought(reader.by), most=MOST_CARDS, skip=FIRST_CARDS, by=reader.by, at=reader.at)
    shelves = [shelf for shelf in found if shelf.stage is asked.stage]
    return reader.page("lifecycle/shelf_part.html", asked=asked, shelves=shelves, skip=FIRST_CARDS, spark=_spark(reader))


def _spark(reader: Reader) -> Callable[[Card], str]:
    return lambda card: sparkline(card.arrived, at=reader.at)


def _list(reader: Reader, sought: Sought, page: Paging[UUID], shown: dict[str, Any]) -> HTMLResponse:
    entries = board.worked_in(reader.session, sought, after=page.after, limit=page.one_more, by=reader.by, at=reader.at)
    on_page, following = page_of(entries, page.limit, lambda entry: entry.campaign.id)
    cards = boards.cards(reader.session, on_page, by=reader.by, at=reader.at)
    return reader.page("lifecycle/board_list.html", cards=cards, next=following, **shown)


@pages.get("/board.csv")
def download_board(asked: Wanted, reader: SignedIn) -> StreamingResponse:
    """What the board shows, as a table."""
    _require_contributions_here(reader.by)
    sought = asked.of(reader.by).sought(reader.by)
    by, at = reader.by, reader.at

    def some(session: Session, after: UUID | None) -> Sequence[Card]:
        return boards.cards(session, board.worked_in(session, sought, after=after, limit=AT_ONCE, by=by, at=at), by=by, at=at)

    return spreadsheet("board", HEADER, _rows(all_of(some, lambda card: card.entry.campaign.id)))


def _rows(cards: Iterable[Card]) -> Iterator[tuple[Any, ...]]:
    for card in cards:
        entry, campaign = card.entry, card.entry.campaign
        waits = "; ".join(blocker.message for blocker in card.waits)
        yield (
            campaign.number, campaign.title, entry.brand, entry.owner, entry.stage.value, campaign.paused_at,
            entry.go_live_at, entry.must_open_at, card.slack_days, waits,
        )  # fmt: skip


def _manages(by: Actor) -> bool:
    return any(grant.role is Role.MANAGER for grant in by.grants)


def _require_contributions_here(by: Actor) -> None:
    if not by.granting(Permission.VIEW_CAMPAIGN):
        raise Forbidden(_("The board is only for people who run campaigns. Your own contributions are under “My contributions”."))
