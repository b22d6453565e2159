"""Who is told what at every way into the application."""

from collections import Counter

import pytest

from tests.leaks.matrix import Line, lines
from tests.leaks.people import NAMED
from tests.leaks.readers import ELSEWHERE, READERS
from tests.leaks.routes import ways
from tests.leaks.walk import Walk
from tests.leaks.world import BRIEF, READY

pytestmark = pytest.mark.xdist_group("leaks")
# Whoever asks here says nothing of who they are, or only looks for a way in.
FOR_ANYONE = {
    "/api/v1/clock", "/api/v1/openapi.json", "/docs", "/health", "/help", "/static/{digest}/{name}", "/", "/sandbox", "/sandbox/be",
    "/sandbox/clock", "/sign-in", "/sign-in/{secret}", "/sign-in/passkey", "/sign-in/passkey/question", "/sign-out", "/api/v1/sign-in",
    "/api/v1/sign-in/token", "/files/{token}", "/unsubscribe/{token}", "/webhooks/stripe", "/webhooks/stripe/connect",
    "/webhooks/sendgrid", "/payout", "/me/reviews",
    "/cuts", "/cuts/{version_id}", "/cuts/{version_id}/package",
    "/calls", "/calls.csv", "/calls/{campaign_id}", "/api/v1/calls", "/api/v1/campaigns/{campaign_id}/call",
    "/api/v1/campaigns/{campaign_id}/call/questions", "/api/v1/uploads",
}  # fmt: skip


def test_every_way_into_the_application_has_a_line_and_every_line_is_a_way() -> None:
    assert sorted({line.name for line in lines()}) == sorted(way.name for way in ways())


def test_a_way_has_a_further_line_only_where_its_answers_differ() -> None:
    rows = [(line.name, *line.told.values()) for line in lines()]
    assert [row for row, times in Counter(rows).items() if times > 1] == []


def test_everyone_is_told_what_the_table_says(walked: Walk) -> None:
    written = {(line.name, line.place, reader): line.told[reader] for line in lines() for reader in READERS}
    assert {asked: said for asked, said in walked.told.items() if said != written[asked]} == {}
    assert walked.told.keys() == {(line.name, line.place, reader) for line in lines() for reader in line.asked}


def test_whoever_is_refused_has_changed_nothing(walked: Walk) -> None:
    assert walked.changed == []


def test_what_one_may_not_know_of_is_answered_for_like_what_does_not_exist(walked: Walk) -> None:
    assert walked.differing == []


def test_no_answer_leads_its_reader_to_where_they_are_refused(walked: Walk) -> None:
    assert walked.dead_ends == []


def test_every_answer_of_the_api_to_each_role_is_one_that_its_description_has(walked: Walk) -> None:
    assert walked.unlike == []


def test_nobody_gets_anywhere_without_a_session_but_where_everyone_may() -> None:
    let_in = {line.name.split()[1] for line in lines() if not (line.refuses("guest") and line.refuses("ended"))}
    assert let_in - FOR_ANYONE == set()


def test_whoever_has_no_part_in_a_brief_is_told_that_there_is_none() -> None:
    outside = ("artist", NAMED, *ELSEWHERE, "manager-artist", "curator-artist", "approver-artist")
    assert [line.name for line in lines() if line.place in (BRIEF, READY) and _told(line, outside) != {"404"}] == []


def _told(line: Line, readers: tuple[str, ...]) -> set[str]:
    return {line.told[reader] for reader in readers}
