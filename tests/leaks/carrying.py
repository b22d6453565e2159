"""How the campaigns of the world come to where they stand: everyone does what is theirs to do, through the real actions."""

from collections.abc import Iterable
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.client_delivery.models import OutsideKind
from campaigns.client_delivery.versions.actions import Outside, make_version
from campaigns.collaboration.models import SourceKind
from campaigns.collaboration.remixes.actions import Citation, remix
from campaigns.core import clock
from campaigns.core.campaign import Deliverable
from campaigns.core.ids import new_id
from campaigns.core.people import SYSTEM, Actor, Person
from campaigns.curation.selections.queries import chosen_contributions
from campaigns.ledger.accounts import Entry as Posting
from campaigns.ledger.accounts import held, payee
from campaigns.ledger.actions import post
from campaigns.open_call import uploads
from campaigns.open_call.contributions.actions import NewContribution, contribute
from campaigns.open_call.models import Contribution
from campaigns.open_call.screening.actions import screen
from campaigns.payments.models import PayoutAccount
from campaigns.payout.runs.actions import approve_run, pause_run, quote_by_hand
from campaigns.payout.runs.models import PayoutRun
from tests.browser.town import uploaded
from tests.everyone import DEEDS, Cast
from tests.factories import contributed, entry
from tests.journeys.world import do_one_round, work
from tests.leaks.people import NAMED, Company
from tests.leaks.world import World, named_in
from workers.transactions import unit_of_work

ROUNDS = 40


def carry(all_: Cast, *but: str) -> None:
    """Everyone does what the campaign waits for, until it waits for one of these."""
    codes = tuple(code for code in DEEDS if code not in but)
    for _round in range(ROUNDS):
        work_on(all_)
        if not do_one_round(all_, codes):
            return
    raise AssertionError(f"It waits for none of {but}.")


def work_on(all_: Cast) -> None:
    """Whatever runs by itself, until there is nothing to do."""
    while work(all_.made.id):
        pass


def send_in(world: World, company: Company, *files: Path, others: Iterable[Actor] = ()) -> None:
    """Contributions by both artists in turn, two of them let in, one that contains the first and says that the second led to it, and
    others'.

    Of one by the artist somebody is named as a maker who never says so.
    """
    all_, makers = company.all_, cycle((company.all_.artist, company.all_.other_artist))
    for file, by in zip(files, makers, strict=False):
        upload_id = uploaded(file, by)
        with unit_of_work() as session:
            sent = NewContribution(title="A picture", upload_id=upload_id, licence_version=NEWEST_LICENCE, statement="Of our street.")
            contribute(session, all_.made.id, sent, by=by, at=clock.business_now(session))
    with unit_of_work() as session:
        now = clock.business_now(session)
        for title, by in zip(("Lantern street", "Paper boats"), makers, strict=False):
            contributed(session, all_.made, by, title, at=now, statement="We do it every year.")
        _name_a_maker(session, world, company, now)
        for by in others:
            contributed(session, all_.made, by, "From next door", at=now, statement="We do it, too.")
    work(all_.made.id)
    with unit_of_work() as session:
        of_campaign = select(Contribution.id).where(Contribution.campaign_id == all_.made.id).order_by(Contribution.id)
        first, second = session.scalars(of_campaign.limit(2))
        for contribution_id in (first, second):
            screen(session, contribution_id, True, None, by=all_.curator, at=now)
        cited = [Citation(first, SourceKind.CONTAINS), Citation(second, SourceKind.INFLUENCED_BY)]
        remix(session, all_.made.id, entry(session, all_.artist, "First foot"), cited, by=all_.artist, at=now)


def _name_a_maker(session: Session, world: World, company: Company, at: datetime) -> None:
    """A contribution by the artist, with markers of its own, of which somebody is named as a maker by their address."""
    by, named, whose = company.all_.artist, company.who(NAMED), world.pen.whose
    address = session.get_one(Person, named.person).email
    world.pen.whose = named_in(whose)
    makers: dict[str, Any] = {"makers": {by.person: 1, named.person: 1}, "addresses": {named.person: address}}
    contributed(session, company.all_.made, by, "A fence of lights", at=at, statement="We do it every year.", **makers)
    world.pen.whose = whose


def version(session: Session, all_: Cast, deliverable: Deliverable) -> UUID:
    """The deliverable's first version, with music from outside in it."""
    bells = Outside(OutsideKind.STOCK_MUSIC, "Sleigh bells", "Northern Stock Music", "Invoice 12")
    upload, now = uploads.take_text(session, "Once, in December.", "text/markdown", by=all_.editor), clock.business_now(session)
    contributions = sorted(chosen_contributions(session, deliverable.id))
    return make_version(
        session, deliverable.id, upload.id, contributions, {all_.editor.person: 1}, [bells], "The bells are new.", by=all_.editor, at=now
    ).id


def earn(all_: Cast) -> None:
    """Both artists have an account at the provider and something to be paid: one run is being sent, the other waits to be released."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        sent, _waiting = (_quoted(session, all_, artist.person, now) for artist in (all_.other_artist, all_.artist))
        for by in (all_.made.finance, all_.second):
            approve_run(session, sent.id, by=by, at=now)


def pause_sending(all_: Cast) -> None:
    """The artist has an account at the provider and something to be paid: its run was being sent, and is paused."""
    with unit_of_work() as session:
        now = clock.business_now(session)
        run = _quoted(session, all_, all_.artist.person, now)
        for by in (all_.made.finance, all_.second):
            approve_run(session, run.id, by=by, at=now)
        pause_run(session, run.id, "The bank has a question.", by=all_.second, at=now)


def _quoted(session: Session, all_: Cast, artist: UUID, at: datetime) -> PayoutRun:
    """A run of what this artist earns now."""
    known = {"state": "active", "provider_id": f"acct_{artist.hex[-8:]}", "reason": "All is known.", "opened_at": at}
    session.add(PayoutAccount(person_id=artist, country="US", agreement="full", **known))
    post(session, "proposal.final", str(new_id()), [Posting(held(all_.made.id, "USD"), payee(artist, "USD"), 125_00)], at=at)
    return quote_by_hand(session, "USD", "stripe_connect", str(new_id()), by=SYSTEM, at=at)
