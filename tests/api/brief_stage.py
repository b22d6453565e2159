"""A brief in a browser: where it is, how it stands, and what its manager changes meanwhile."""

from typing import Any

from campaigns.brief.actions import edit_brief
from campaigns.brief.queries import WrittenBrief, written_brief
from campaigns.core import clock
from tests.factories import Partnership
from workers.transactions import unit_of_work


def at(made: Partnership, rest: str = "") -> str:
    return f"/campaigns/{made.id}/brief{rest}"


def written(made: Partnership) -> WrittenBrief:
    with unit_of_work() as session:
        return written_brief(session, made.id)


def change(made: Partnership, **changes: Any) -> None:
    with unit_of_work() as session:
        edit_brief(session, made.id, changes, by=made.manager, at=clock.business_now(session))  # type: ignore[arg-type]  # a test's changes
