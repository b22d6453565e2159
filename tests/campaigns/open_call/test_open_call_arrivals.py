"""The contributions that come to a campaign are counted by the day on which they came."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from campaigns.core.ids import new_id
from campaigns.open_call.call.queries import arrivals
from campaigns.open_call.models import Contribution
from tests import factories
from tests.factories import NOW

DAY = timedelta(days=1)


def test_each_contribution_counts_on_its_day_in_utc_and_in_its_own_campaign(session: Session) -> None:
    made, other, empty = (factories.opened_call(session) for _number in range(3))
    for at in (NOW, NOW, NOW + DAY, datetime(2026, 11, 4, 23, 59, tzinfo=UTC)):
        factories.contributed(session, made, at=at)
    factories.contributed(session, other, at=NOW)
    assert arrivals(session, [made.id, other.id, empty.id]) == {
        made.id: {NOW.date(): 2, NOW.date() + DAY: 1, datetime(2026, 11, 4, tzinfo=UTC).date(): 1},
        other.id: {NOW.date(): 1},
        empty.id: {},
    }


def test_contributions_that_come_many_at_once_are_all_counted(session: Session) -> None:
    made = factories.opened_call(session)
    one = session.get_one(Contribution, factories.contributed(session, made).id)
    columns = {column.name: getattr(one, column.name) for column in Contribution.__table__.columns}
    session.execute(insert(Contribution), [{**columns, "id": new_id(), "received_at": NOW + n * DAY / 4} for n in range(8)])
    assert sum(arrivals(session, [made.id])[made.id].values()) == len(session.scalars(select(Contribution.id)).all()) == 9
