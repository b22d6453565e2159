"""What the call's gate waits for, and what its page says before anyone works."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.campaign import deliverables_of
from campaigns.core.errors import Forbidden, NotFound
from campaigns.core.people import GUEST, Scope
from campaigns.core.permissions import Permission, Role
from campaigns.open_call import renditions, rules
from campaigns.open_call.call.queries import call_page, open_calls
from campaigns.open_call.screening.actions import screen
from tests import factories
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership

CLOSE = NOW + timedelta(days=14)


def waits(session: Session, made: Partnership, at: object) -> list[tuple[str, str, str]]:
    deliverables = deliverables_of(session, made.id)
    found = rules.blockers(session, deliverables, at=at)  # type: ignore[arg-type]  # a moment
    assert [found[t.id] for t in deliverables] == [found[deliverables[0].id]] * 3
    return [(b.code, b.waits_for, b.message) for b in found[deliverables[0].id]]


def test_an_open_call_waits_for_its_close_and_opens_its_gate_even_if_nobody_came(session: Session) -> None:
    made = factories.opened_call(session)
    moment = "16 November 2026, 01:00 (America/Los_Angeles; 16 November, 09:00 UTC)"
    assert waits(session, made, NOW) == [("call_open", "artist", f"The call is open to everyone until {moment}.")]
    assert rules.blockers(session, deliverables_of(session, made.id), at=NOW)[deliverables_of(session, made.id)[0].id][0].due == CLOSE
    assert waits(session, made, CLOSE) == []


def test_after_its_close_a_call_waits_until_every_contribution_is_made_ready_and_screened(session: Session) -> None:
    made, judge = factories.opened_call(session), factories.someone(session, Role.CURATOR)
    contributions = [factories.contributed(session, made, title=f"Lantern {n}") for n in range(4)]
    assert waits(session, made, CLOSE) == [("contributions_arriving", "callboard", "4 contributions are being processed for screening.")]
    renditions.record(session, contributions[0].id, renditions.Prepared([], "Broken."), at=NOW)
    for contribution in contributions[1:]:
        factories.ready(session, contribution)
    screen(session, contributions[1].id, True, None, by=judge, at=NOW)
    assert waits(session, made, CLOSE) == [
        ("contributions_unshowable", "curator", "1 contribution could not be processed. Retry or decline it."),
        ("contributions_unscreened", "curator", "2 contributions are waiting to be screened."),
    ]
    for contribution in (contributions[0], *contributions[2:]):
        screen(session, contribution.id, False, "It is not about a holiday.", by=judge, at=NOW)
    assert waits(session, made, CLOSE) == []


def test_the_gate_takes_as_many_queries_for_thirty_campaigns_as_for_one(session: Session) -> None:
    made = [factories.opened_call(session) for _ in range(3)]
    for each in made:
        factories.contributed(session, each)
    sent = []
    for some in (made[:1], made):
        deliverables = [t for each in some for t in deliverables_of(session, each.id)]
        with statements(session) as seen:
            rules.blockers(session, deliverables, at=NOW)
        sent.append(len(seen))
    assert sent == [2, 2]


def test_the_call_says_the_money_first_to_anyone(session: Session) -> None:
    made = factories.opened_call(session)
    page = call_page(session, made.id, "PH", by=GUEST, at=NOW)
    assert (page.pool, page.is_open) == ("$50,000.00", True)
    assert page.pay_rule == [
        "$50,000.00 goes to people whose work is in the deliverables or inspired them. Each price is split separately.",
        (
            "The rest is split among the contributions in the deliverable by points. "
            "The points are published with reasons and open to comment."
        ),
        "A contribution passes 30% of what it earns on to the contributions whose material it contains.",
        "It passes 10% on to the contributions that influenced it.",
        "Likes and followers do not count.",
    ]
    assert len(page.rights) == 5
    assert [(d.name, d.written) for d in page.dates][:2] == [
        ("call_opened_at", "2 November 2026, 01:00 (America/Los_Angeles; 2 November, 09:00 UTC)"),
        ("call_closes_at", "16 November 2026, 01:00 (America/Los_Angeles; 16 November, 09:00 UTC)"),
    ]


def test_the_reader_learns_before_the_upload_whether_they_can_be_paid_where_they_live(session: Session) -> None:
    made = factories.opened_call(session)
    nepal, france = factories.person(session, "Ana", country="NP"), factories.person(session, "Léa", country="FR")
    routes = [call_page(session, made.id, by=by, at=NOW).route for by in (nepal, france, GUEST)]
    assert [(r.country, r.is_there) for r in routes] == [("NP", False), ("FR", True), (None, False)]
    assert routes[0].sentence == "We cannot pay USD to Nepal yet. Your earnings stay in your balance until we can."
    assert routes[2].sentence == "Tell us which country you live in. How we pay you depends on it."


def test_a_call_that_is_not_launched_is_not_there(session: Session) -> None:
    made = factories.funded_brief(session)
    with pytest.raises(NotFound):
        call_page(session, made.id, by=GUEST, at=NOW)


def test_before_the_launch_the_call_tells_nobody_what_the_brief_does_not_tell_them(session: Session) -> None:
    made = factories.funded_brief(session)
    here, brand = made.campaign.scope, Scope(brand_id=made.brand.id)
    first, *_others = deliverables_of(session, made.id)
    of_the_team = {role: factories.someone(session, role, on=here) for role in (Role.CURATOR, Role.EDITOR, Role.LEADER)}
    of_the_team |= {Role.OPERATOR: factories.someone(session, Role.OPERATOR), Role.FINANCE: made.finance, Role.MANAGER: made.manager}
    of_the_team |= {Role.APPROVER: factories.someone(session, Role.APPROVER, on=brand), Role.SIGNER: made.signers["legal"]}
    refused = set()
    for role, who in of_the_team.items():
        try:
            call_page(session, made.id, by=who, at=NOW)
        except Forbidden:
            refused.add(role)
    assert refused == {role for role, who in of_the_team.items() if not who.may(Permission.VIEW_BRIEF, on=first)}
    assert refused == {Role.CURATOR, Role.EDITOR, Role.LEADER, Role.OPERATOR}


def test_the_list_of_open_calls_has_those_that_are_open_now_newest_first(session: Session) -> None:
    one, two = factories.opened_call(session), factories.opened_call(session)
    factories.launched_campaign(session)
    assert [w.campaign.id for w, _call in open_calls(session, at=NOW)] == [two.id, one.id]
    assert [w.campaign.id for w, _call in open_calls(session, at=NOW, after=two.id)] == [one.id]
    assert open_calls(session, at=CLOSE) == []
    two.campaign.paused_at = CLOSE - timedelta(days=1)
    session.flush()
    assert [w.campaign.id for w, _call in open_calls(session, at=CLOSE)] == [two.id]
