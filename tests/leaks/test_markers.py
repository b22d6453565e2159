"""Planted texts are shown to those whom they are for, and to nobody else: in no answer, email, log or page of Prefect's."""

import pytest
from sqlalchemy import select, text

from campaigns.core import clock
from campaigns.core.campaign import Campaign
from campaigns.core.outbox import OutboxMessage
from campaigns.oversight.statuses import standing
from flows.page import tags, waits_of
from tests.leaks.columns import OURS
from tests.leaks.planted import WRITTEN
from tests.leaks.sights import MAY, may_see
from tests.leaks.texts import PACKAGE, STATEMENT, STREAM
from tests.leaks.walk import Walk
from tests.leaks.world import PAY, WINDOW, World
from workers.transactions import unit_of_work

pytestmark = pytest.mark.xdist_group("leaks")
# A link in an email that its reader can pass on: whoever has it is told which address it is for.
BY_LINK = {("person.email of otto", "POST /unsubscribe/{token}")}
# What is written and shown to nobody: how a file was called, where a browser was.
FOR_NOBODY = {"upload.name"}
# What a brand may print: whose work it is, what it is called, where it comes from.
PRINTED = (
    "brand.name", "campaign.title", "contribution.title", "deliverable.format", "deliverable.length", "outside_material.licence",
    "outside_material.origin", "outside_material.title", "person.name of Ana", "person.name of Ben", "person.name of Edda",
    "person.name of Noor", "deliverable.title",
)  # fmt: skip


def test_nobody_is_shown_what_is_not_for_them(walked: Walk) -> None:
    leaks = {sight: where for sight, where in walked.seen.items() if not may_see(sight) and (sight.mark.where, where) not in BY_LINK}
    assert leaks == {}


def test_what_is_for_someone_was_found_by_someone(walked: Walk) -> None:
    """A walk that sees nothing proves nothing."""
    seen = {sight.mark.where for sight in walked.seen}
    assert (set(MAY) - seen, FOR_NOBODY & seen) == (set(), set())


def test_statements_packages_and_streams_are_for_whom_they_are_for_and_name_no_more_than_they_must(walked: Walk) -> None:
    assert {to: {mark.where for mark in marks} for to, marks in walked.opened.items()} == {
        (STATEMENT, "artist"): {"person.name of Ana", "person.email of ana"},
        (PACKAGE, "manager"): set(PRINTED),
        (PACKAGE, "approver"): set(PRINTED),
        (PACKAGE, "manager-curator"): set(PRINTED),
        (PACKAGE, "scoped"): set(PRINTED),
        (STREAM, "finance"): set(),  # figures alone
        (STREAM, "operator-finance"): set(),
    }
    assert {mark.whose for marks in walked.opened.values() for mark in marks} == {PAY, WINDOW}


def test_no_log_and_no_message_names_anything(walked: Walk, in_world: World) -> None:
    with unit_of_work() as session:
        enqueued = "".join(f"{message.key}{message.body}{message.last_error}" for message in session.scalars(select(OutboxMessage)))
    assert (in_world.pen.found("".join(walked.logged)), in_world.pen.found(enqueued)) == (set(), set())


def test_prefects_page_names_the_campaign_and_those_who_run_it_and_no_maker(in_world: World) -> None:
    with unit_of_work() as session:
        now = clock.business_now(session)
        every = session.scalars(select(Campaign)).all()
        shown = "".join(f"{tags(session, campaign)}{waits_of(campaign, standing(session, campaign, at=now))}" for campaign in every)
    waited_for = {f"person.name of {name}" for name in ("Mara", "Prue", "Signer", "Sila")}
    assert {mark.where for mark in in_world.pen.found(shown)} == {"brand.name", "campaign.title", "deliverable.title"} | waited_for


def test_the_pen_writes_into_every_text_that_people_write(in_world: World) -> None:
    """Each column of text is one that people write into, or one that only Callboard and its providers do."""

    written = {f"{kind.__tablename__}.{name}" for kind, names in WRITTEN.items() for name in names}
    with unit_of_work() as session:
        columns = session.execute(
            text(
                "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public' "
                "and data_type in ('text', 'character varying', 'jsonb') and table_name <> 'alembic_version'"
            )
        ).scalars()
        assert set(columns) - written - OURS == set()
