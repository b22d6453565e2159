"""Emails in our name: whoever has never signed in reads nothing that a stranger typed but a name, and reads little of that."""

import pytest
from sqlalchemy import select, update

from campaigns.administration.brands import BrandChanges, edit_brand
from campaigns.core import access, throttle
from campaigns.core.administrators import ask_administrator
from campaigns.core.emails import Email
from campaigns.core.events import Event
from campaigns.core.names import NotAName
from campaigns.core.people import Person, Scope, actor_for, person_at
from campaigns.core.permissions import Role
from campaigns.core.role_grants import grant_role
from campaigns.open_call.makers.queries import NAMED_BY_ONE, makers_at
from notifications.registry import NOTIFICATIONS
from notifications.strangers import TO_ONE
from tests import factories
from tests.factories import NOW, contributed, opened_call, person
from workers.emails.announce import write_emails
from workers.transactions import unit_of_work

VICTIM = "vic.tim@example.org"
TYPED = "Claim your prize"


def named_by_a_stranger(times: int = 1, address: str = VICTIM, title: str = TYPED) -> None:
    """Somebody sends contributions in and names this address as their maker; each email is written."""
    with unit_of_work() as session:
        made, ana = opened_call(session), person(session, "Ana Quispe")
        for _time in range(times):
            named = makers_at(session, 1, [(address, 1), ("oth.er@example.org", 1)], by=ana)
            contributed(session, made, ana, title, makers=named.shares, addresses=named.addresses)
    tell("contribution_received", "open_call.contribution_received")


def tell(notification: str, event: str) -> None:
    with unit_of_work() as session:
        for fact in session.scalars(select(Event).where(Event.name == event).order_by(Event.number)).all():
            write_emails(session, NOTIFICATIONS[notification], fact, at=NOW)


def emails_to(address: str) -> list[Email]:
    with unit_of_work() as session:
        return list(session.scalars(select(Email).where(Email.address == address).order_by(Email.id)))


@pytest.mark.usefixtures("fresh_database")
def test_somebody_unknown_reads_nothing_that_a_stranger_typed_but_their_name() -> None:
    named_by_a_stranger()
    [email] = emails_to(VICTIM)
    assert email.subject == "Ana Quispe has mentioned you on Callboard"
    for written in (email.subject, email.text, email.html):
        assert TYPED not in written
        assert "oth.er" not in written
        assert "/me/contributions/" in written or written is email.subject


@pytest.mark.usefixtures("fresh_database")
def test_a_name_from_before_the_rule_that_holds_an_address_is_not_repeated() -> None:
    with unit_of_work() as session:
        made, ana = opened_call(session), person(session, "Ana")
        session.connection().exec_driver_sql("update person set name = 'Ana, see evil.example' where name = 'Ana'")
        session.expire_all()
        named = makers_at(session, 1, [(VICTIM, 1)], by=(ana := actor_for(session, ana.person)))
        contributed(session, made, ana, makers=named.shares, addresses=named.addresses)
    tell("contribution_received", "open_call.contribution_received")
    [email] = emails_to(VICTIM)
    assert email.subject == "Something on Callboard concerns you"
    assert not any("evil" in written for written in (email.subject, email.text, email.html))


@pytest.mark.usefixtures("fresh_database")
def test_whoever_has_signed_in_reads_the_email_itself() -> None:
    with unit_of_work() as session:
        access.use_link(session, access.make_link(session, person_at(session, VICTIM).id))
    named_by_a_stranger()
    [email] = emails_to(VICTIM)
    assert email.subject == f"Ana Quispe submitted “{TYPED}” and named you as a maker"


@pytest.mark.usefixtures("fresh_database")
def test_whoever_was_given_a_role_is_known_to_staff() -> None:
    with unit_of_work() as session:
        made = opened_call(session)
        assert person_at(session, VICTIM).known_since is None
        grant_role(session, person_at(session, VICTIM).id, Role.CURATOR, on=Scope(campaign_id=made.id), by=made.manager)
        assert session.scalars(select(Person.known_since).where(Person.email == VICTIM)).one() is not None


@pytest.mark.usefixtures("fresh_database")
def test_somebody_unknown_gets_few_emails_whoever_names_them() -> None:
    for _sender in range(TO_ONE.burst + 2):
        named_by_a_stranger()
    assert [email.state for email in emails_to(VICTIM)] == ["promised"] * TO_ONE.burst + ["dropped"] * 2
    assert emails_to(VICTIM)[-1].reason == "This person has never signed in, and has had as many emails as we send in that case."


@pytest.mark.usefixtures("fresh_database")
def test_one_sender_names_few_people_at_a_time() -> None:
    with unit_of_work() as session:
        ana = person(session)
        for number in range(NAMED_BY_ONE.burst):
            makers_at(session, 1, [(f"n{number}@example.org", 1)], by=ana)
        with pytest.raises(throttle.TooMany):
            makers_at(session, 1, [("one.more@example.org", 1)], by=ana)


@pytest.mark.usefixtures("fresh_database")
def test_a_sign_in_link_goes_to_somebody_unknown_as_ever() -> None:
    with unit_of_work() as session:
        access.ask_for_link(session, VICTIM, at=NOW)
    tell("sign_in", "access.link_asked")
    [email] = emails_to(VICTIM)
    assert (email.subject, "/sign-in/" in email.text) == ("Sign in to Callboard", True)


def test_only_an_email_that_repeats_nothing_but_names_goes_to_strangers_as_it_is() -> None:
    assert {name for name, notification in NOTIFICATIONS.items() if notification.neutral} == {"sign_in", "first_word", "billing_changed"}


@pytest.mark.usefixtures("fresh_database")
def test_whoever_read_a_billing_email_learns_of_its_change_though_they_have_had_their_few_emails() -> None:
    with unit_of_work() as session:
        made = factories.new_campaign(session)
        for number in range(TO_ONE.burst):
            ask_administrator(session, made.brand.id, f"ada{number}@zappos.example", by=made.manager, at=NOW)
    tell("administrator_asked", "brand.administrator_asked")
    with unit_of_work() as session:
        edit_brand(session, made.brand.id, BrandChanges("Evil.example", billing_email="friend@example.org"), by=made.manager, at=NOW)
    tell("billing_changed", "brand.changed")
    email = emails_to("invoices@zappos.example")[-1]
    assert (email.notification, email.state, email.subject) == ("billing_changed", "promised", "The billing email of a brand was changed")
    assert email.text.startswith("Mara has changed the billing email of a brand on Callboard.")
    assert f"/brands/{made.brand.id}/billing" in email.text
    assert [each.state for each in emails_to("friend@example.org")] == []


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("title", ["Prize\nhttp://evil.example", "See evil.example/prize", "a\tb"])
def test_a_contribution_whose_title_is_several_lines_or_an_address_does_not_come_in(title: str) -> None:
    with pytest.raises(NotAName):
        named_by_a_stranger(title=title)
    assert emails_to(VICTIM) == []


@pytest.mark.usefixtures("fresh_database")
def test_one_statement_draws_for_as_many_as_are_asked_for() -> None:
    keys = [f"stranger {number}" for number in range(5)]
    with unit_of_work() as session:
        for _time in range(TO_ONE.burst):
            assert throttle.drawn_each(session, keys, TO_ONE) == set(keys)
        assert throttle.drawn_each(session, [*keys, "new"], TO_ONE) == {"new"}
        of_one, filled_at = update(throttle.ThrottleBucket).where(throttle.ThrottleBucket.key == keys[0]), throttle.ThrottleBucket.filled_at
        session.execute(of_one.values(filled_at=filled_at - TO_ONE.every))
        assert throttle.drawn_each(session, keys, TO_ONE) == {keys[0]}
