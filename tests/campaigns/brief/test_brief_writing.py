"""Writing a brief and its deliverables."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief import errors
from campaigns.brief.actions import create_campaign, edit_brief
from campaigns.brief.deliverables.actions import DeliverableOrder, add_deliverable, edit_deliverable, remove_deliverable
from campaigns.brief.licenses import UnknownLicence
from campaigns.brief.queries import brief_for, written_brief
from campaigns.brief.terms.contents import pay_rule_of
from campaigns.core.campaign import StageVisit, deliverables_of
from campaigns.core.errors import Forbidden, Invalid, NotFound
from campaigns.core.ids import new_id
from campaigns.core.money import UnknownCurrency
from campaigns.core.people import SYSTEM, Scope
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.core.sides import OnBothSides
from campaigns.core.stages import Stage
from campaigns.payments import own_rules
from campaigns.payments.own_rules import MINIMUMS, Minimum
from campaigns.payments.routes import LAUNCH
from tests import factories
from tests.campaigns.brief.untouched import refusal_of
from tests.factories import CARD, FILM, NOW, SONG

DAY = timedelta(days=1)


def test_whoever_begins_a_campaign_manages_it(session: Session) -> None:
    made = factories.new_campaign(session)
    assert made.manager.holds(Role.MANAGER, on=made.campaign)
    assert made.campaign.owner_id == made.manager.person
    assert written_brief(session, made.id).deliverables == []


def test_only_a_manager_on_staff_or_the_brand_begins_a_campaign(session: Session) -> None:
    brand = factories.brand(session)
    signer = factories.someone(session, Role.SIGNER, on=Scope(brand_id=brand.id), sign_off_role="legal")
    with pytest.raises(Forbidden):
        create_campaign(session, brand.id, "Ours", by=signer, at=NOW)
    with pytest.raises(NotFound):
        create_campaign(session, brand.id, "Ours", by=factories.person(session), at=NOW)
    with pytest.raises(NotFound):
        create_campaign(session, new_id(), "Ours", by=factories.someone(session, Role.MANAGER), at=NOW)


def test_a_campaign_needs_a_title(session: Session) -> None:
    manager = factories.someone(session, Role.MANAGER)
    with pytest.raises(Invalid) as met:
        create_campaign(session, factories.brand(session).id, "  ", by=manager, at=NOW)
    assert met.value.field == "title"


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"title": " "}, Invalid, "title"),
        ({"time_zone": "Europe/Atlantis"}, errors.UnknownZone, "time_zone"),
        ({"currency": "ZZZ"}, UnknownCurrency, "currency"),
        ({"assembly": "1"}, errors.FractionOutOfRange, "assembly"),
        ({"assembly": "-0.1"}, errors.FractionOutOfRange, "assembly"),
        ({"contains": "0.12345"}, errors.FractionOutOfRange, "contains"),
        ({"contains": "a third"}, errors.FractionOutOfRange, "contains"),
        ({"contains": "0.6", "influenced_by": "0.4"}, errors.FractionOutOfRange, "contains"),
        ({"influenced_by": "0.7"}, errors.FractionOutOfRange, "contains"),
        ({"fee_bps": 10_001}, errors.FractionOutOfRange, "fee_bps"),
        ({"reserve_bps": -1}, errors.FractionOutOfRange, "reserve_bps"),
        ({"kill_fee_after_changes_bps": 2_000}, errors.FractionOutOfRange, "kill_fee_after_changes_bps"),
        ({"cancellation_fee": "half"}, Invalid, "cancellation_fee"),
        ({"licence_version": "1999-01"}, UnknownLicence, "licence_version"),
        ({"staff_ids": [UUID(int=7)]}, errors.UnknownPerson, "staff_ids"),
        ({"call_closes_at": NOW}, errors.DateInThePast, "call_closes_at"),
        ({"go_live_at": NOW - DAY}, errors.DateInThePast, "go_live_at"),
        ({"go_live_at": datetime(2027, 1, 1)}, errors.NaiveTime, "go_live_at"),  # noqa: DTZ001 - that is what is refused
        ({"collaboration_closes_at": NOW + 14 * DAY}, errors.CrossingDates, "collaboration_closes_at"),
        ({"call_closes_at": NOW + 100 * DAY}, errors.CrossingDates, "collaboration_closes_at"),
        ({"go_live_at": NOW + 30 * DAY}, errors.CrossingDates, "go_live_at"),
    ],
)
def test_what_breaks_a_rule_of_the_brief_is_refused_with_its_field(
    session: Session, changes: dict[str, object], kind: type[Invalid], field: str
) -> None:
    made = factories.filled_brief(session)
    refused = refusal_of(session, made, lambda: edit_brief(session, made.id, changes, by=made.manager, at=NOW))  # type: ignore[arg-type]  # wrong on purpose
    assert (type(refused), refused.field, refused.status) == (kind, field, 400)


def test_an_edit_writes_only_what_it_names(session: Session) -> None:
    made = factories.filled_brief(session)
    before = written_brief(session, made.id)
    content, version = before.content, before.brief.version
    after = edit_brief(session, made.id, {"story": " Another story. ", "assembly": "0.05"}, by=made.manager, at=NOW + DAY)
    changed = {**content, "story": "Another story.", "pay_rule": {**content["pay_rule"], "assembly": "0.0500"}}
    assert (after.content, after.brief.edited_at, after.brief.version) == (changed, NOW + DAY, version + 1)


def test_an_edit_that_says_what_is_there_already_changes_nothing(session: Session) -> None:
    made = factories.filled_brief(session)
    version = written_brief(session, made.id).brief.version
    assert edit_brief(session, made.id, factories.brief_text(), by=made.manager, at=NOW + DAY).brief.version == version


def test_the_terms_are_open_and_the_machine_learns_nothing_unless_the_brief_says_so(session: Session) -> None:
    made = factories.filled_brief(session)
    terms = written_brief(session, made.id).content["terms"]
    assert {name: terms[name] for name in ("ai_training", "exclusivity", "credit_names")} == {
        "ai_training": False, "exclusivity": "none", "credit_names": True,
    }  # fmt: skip
    assert len(terms["rights"]) == 5


def test_the_pay_rule_reads_as_it_is_divided_by(session: Session) -> None:
    ana = factories.person(session)
    made = factories.filled_brief(session, assembly="0.05", contains="0.3", influenced_by="0.1001", staff_ids=[ana.person])
    assert pay_rule_of(written_brief(session, made.id).brief) == {
        "assembly": "0.0500", "pass_on": {"contains": "0.3000", "influenced_by": "0.1001"}, "staff": [str(ana.person)],
    }  # fmt: skip


def test_each_deliverable_is_a_deliverable_in_the_brief_from_the_start(session: Session) -> None:
    made = factories.filled_brief(session)
    deliverables = deliverables_of(session, made.id)
    assert [(t.number, t.title, t.stage, t.visit) for t in deliverables] == [
        (1, FILM.title, Stage.BRIEF, 1),
        (2, CARD.title, Stage.BRIEF, 1),
        (3, SONG.title, Stage.BRIEF, 1),
    ]
    visits = session.scalars(select(StageVisit).where(StageVisit.deliverable_id.in_([t.id for t in deliverables])))
    assert sorted((v.deliverable_id, v.number, v.stage) for v in visits) == sorted((t.id, 1, Stage.BRIEF) for t in deliverables)


def test_a_deliverable_can_be_written_anew_and_taken_out_and_leaves_no_deliverable(session: Session) -> None:
    made = factories.filled_brief(session)
    film, card, song = deliverables_of(session, made.id)
    leader = factories.someone(session, Role.LEADER)
    grant_role(session, leader.person, Role.LEADER, on=card.scope, by=SYSTEM)
    edit_deliverable(session, made.id, film.id, replace(FILM, title="Short film", price=1), by=made.manager, at=NOW)
    remove_deliverable(session, made.id, card.id, by=made.manager, at=NOW)
    session.commit()
    added = add_deliverable(session, made.id, CARD, by=made.manager, at=NOW)
    shown = [(d.id, d.number, d.title, d.price) for d in written_brief(session, made.id).deliverables]
    assert shown == [
        (film.id, 1, "Short film", 1),
        (song.id, 3, SONG.title, SONG.price),
        (added.id, 4, CARD.title, CARD.price),
    ]


@pytest.mark.parametrize(
    ("wanted", "kind", "field"),
    [
        (replace(FILM, price=0), errors.InvalidPrice, "price"),
        (replace(FILM, price=-1), errors.InvalidPrice, "price"),
        (replace(FILM, kind="hologram"), errors.UnknownKind, "kind"),
        (replace(FILM, title=" "), Invalid, "title"),
        (replace(FILM, format=""), Invalid, "format"),
        (replace(FILM, length=""), Invalid, "length"),
    ],
)
def test_an_unsound_deliverable_is_refused_with_its_field(
    session: Session, wanted: DeliverableOrder, kind: type[Invalid], field: str
) -> None:
    made = factories.filled_brief(session)
    film = deliverables_of(session, made.id)[0]
    for deed in (
        lambda: add_deliverable(session, made.id, wanted, by=made.manager, at=NOW),
        lambda: edit_deliverable(session, made.id, film.id, wanted, by=made.manager, at=NOW),
    ):
        refused = refusal_of(session, made, deed)
        assert (type(refused), refused.field) == (kind, field)


def test_a_deliverable_of_another_campaign_is_not_in_this_brief(session: Session) -> None:
    made, other = factories.filled_brief(session), factories.filled_brief(session)
    theirs = deliverables_of(session, other.id)[0]
    refused = refusal_of(session, made, lambda: remove_deliverable(session, made.id, theirs.id, by=made.manager, at=NOW))
    assert (type(refused), refused.status) == (errors.NoSuchDeliverable, 404)


def test_a_launched_brief_cannot_be_written_any_more(session: Session) -> None:
    made = factories.launched_campaign(session)
    film = deliverables_of(session, made.id)[0]
    for deed in (
        lambda: edit_brief(session, made.id, {"story": "Other"}, by=made.manager, at=NOW),
        lambda: add_deliverable(session, made.id, FILM, by=made.manager, at=NOW),
        lambda: edit_deliverable(session, made.id, film.id, CARD, by=made.manager, at=NOW),
        lambda: remove_deliverable(session, made.id, film.id, by=made.manager, at=NOW),
    ):
        assert type(refusal_of(session, made, deed)) is errors.BriefClosed


def test_the_currency_is_fixed_once_money_has_come(session: Session) -> None:
    made = factories.funded_brief(session)
    refused = refusal_of(session, made, lambda: edit_brief(session, made.id, {"currency": "EUR"}, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (errors.CurrencyFixed, "currency")


def test_a_brief_is_written_by_its_manager_and_seen_by_the_brand(session: Session) -> None:
    made, other = factories.filled_brief(session), factories.filled_brief(session)
    legal, stranger = made.signers["legal"], other.signers["legal"]
    assert brief_for(session, made.id, by=legal).campaign.id == made.id
    assert type(refusal_of(session, made, lambda: edit_brief(session, made.id, {"story": "Ours"}, by=legal, at=NOW))) is Forbidden
    with pytest.raises(NotFound):
        brief_for(session, made.id, by=stranger)
    launched = factories.launched_campaign(session)
    with pytest.raises(Forbidden):
        brief_for(session, launched.id, by=factories.person(session))


def prices(session: Session, made: factories.Partnership) -> list[int]:
    session.expire_all()
    return [piece.price for piece in written_brief(session, made.id).deliverables]


@pytest.fixture
def yen_and_dinars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routes that pay these, too, for what happens to a price in a currency of other decimals."""
    monkeypatch.setattr(own_rules, "MINIMUMS", (*MINIMUMS, Minimum({"JPY": 100, "KWD": 100}, LAUNCH, "a test")))


@pytest.mark.usefixtures("yen_and_dinars")
def test_a_price_stays_what_was_typed_when_the_currency_has_other_minor_units(session: Session) -> None:
    made = factories.filled_brief(session, (replace(FILM, price=3_000_000), replace(CARD, price=125_000)))
    for currency, expected in (("JPY", [30_000, 1_250]), ("KWD", [30_000_000, 1_250_000]), ("EUR", [3_000_000, 125_000])):
        written = edit_brief(session, made.id, {"currency": currency}, by=made.manager, at=NOW)
        assert (written.brief.currency, prices(session, made)) == (currency, expected)


@pytest.mark.usefixtures("yen_and_dinars")
def test_a_price_that_the_new_currency_cannot_write_is_named_beside_it_and_stays(session: Session) -> None:
    made = factories.filled_brief(session, (replace(CARD, price=125_000), replace(FILM, price=125_050)))
    refused = refusal_of(session, made, lambda: edit_brief(session, made.id, {"currency": "JPY"}, by=made.manager, at=NOW))
    assert (type(refused), refused.field, refused.message) == (
        errors.PriceTooFine, "currency", f"“{FILM.title}” costs $1,250.50, too fine for JPY. Round it.",
    )  # fmt: skip
    assert prices(session, made) == [125_000, 125_050]


@pytest.mark.parametrize("currency", ["AED", "XXX", "DEM"])
def test_a_currency_in_which_nobody_can_be_paid_is_refused_with_those_that_would_do(session: Session, currency: str) -> None:
    made = factories.filled_brief(session)
    refused = refusal_of(session, made, lambda: edit_brief(session, made.id, {"currency": currency}, by=made.manager, at=NOW))
    assert (type(refused), refused.field, refused.message) == (
        errors.UnpayableCurrency, "currency", f"Nobody can be paid in {currency} yet. Choose EUR, GBP, USD.",
    )  # fmt: skip


def test_whoever_speaks_for_a_brand_is_no_staff_whose_shares_go_to_others(session: Session) -> None:
    made = factories.filled_brief(session)
    approver = factories.someone(session, Role.APPROVER, "Noor", on=Scope(brand_id=made.brand.id))
    refused = refusal_of(session, made, lambda: edit_brief(session, made.id, {"staff_ids": [approver.person]}, by=made.manager, at=NOW))
    assert (type(refused), refused.field) == (OnBothSides, "staff_ids")
