"""Signing a brief: what one signs, and what is different from what one signed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.brief import difference
from api.brief.difference import Reading, fate_word
from api.brief.plan_picture import plan_picture
from api.brief.read_text import carried, read_before
from api.brief.signatures import SignatureForm
from api.brief.steps import steps_of
from api.reader import Reader, SignedIn
from campaigns.brief import queries
from campaigns.brief.licenses import licence
from campaigns.brief.models import SignOff
from campaigns.brief.queries import GivenSignature, WrittenBrief
from campaigns.brief.signatures import actions as signature_actions
from campaigns.core.people import Person
from campaigns.core.permissions import Role
from campaigns.core.words import _

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class SignOffRole:
    """One of the sign-off roles that sign: what it signed last and by whom, whether that holds, and what has changed since."""

    name: str
    last: SignOff | None
    signer: str | None
    holds: bool
    is_mine: bool
    reading: Reading | None


@pages.get("/campaigns/{campaign_id}/brief/sign")
def show_signing(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """The brief as it stands, what is different for each sign-off role, and one's own signature."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    sign_off_roles, since_read = sign_off_roles_of(written, reader), _since_read(written, reader)
    readings = [*(sign_off_role.reading for sign_off_role in sign_off_roles), since_read]
    plan = queries.plan_back(reader.session, written.campaign, at=reader.at)
    is_open = written.campaign.launched_at is None and written.campaign.is_live
    return reader.page(
        "brief/sign.html",
        written=written,
        sign_off_roles=sign_off_roles,
        since_read=since_read,
        read=carried(written.content),
        names=difference.named(reader.session, [reading for reading in readings if reading]),
        is_open=is_open,
        is_complete=not any(step.lacks for step in steps_of(written, at=reader.at)),
        licence=licence(written.brief.licence_version),
        staff=staff_names(reader.session, written),
        fate_word=fate_word,
        gates=plan,
        picture=plan_picture(plan, written.campaign.launched_at or reader.at, at=reader.at),
    )


def _since_read(written: WrittenBrief, reader: Reader) -> Reading | None:
    """What has changed since the reader read what they wanted to sign."""
    before = read_before(str(reader.typed("read"))) if "hash" in reader.refused else None
    return difference.reading_of(before, written.content) if before else None


@pages.post("/campaigns/{campaign_id}/brief/sign")
def sign(campaign_id: UUID, form: Annotated[SignatureForm, Form()], reader: SignedIn) -> RedirectResponse:
    """Sign the text that one has read; twice leaves one signature."""
    signature_actions.sign(reader.session, campaign_id, form.sign_off_role, form.hash, by=reader.by, at=reader.at)
    return reader.done(
        f"/campaigns/{campaign_id}/brief/sign", _("Signed for {sign_off_role}. Thank you.", sign_off_role=form.sign_off_role)
    )


def sign_off_roles_of(written: WrittenBrief, reader: Reader) -> list[SignOffRole]:
    """Every sign-off role of the brand, in its order."""
    given = queries.sign_offs(reader.session, [written.campaign.id]).get(written.campaign.id, [])
    names = _names(reader.session, [each.given for each in given])
    last = {each.given.sign_off_role: each for each in given}
    holding = {each.given.sign_off_role: each for each in given if each.holds(written)}
    return [_sign_off_role(name, holding.get(name) or last.get(name), written, names, reader) for name in written.brand.sign_off_roles]


def _sign_off_role(
    name: str, signature: GivenSignature | None, written: WrittenBrief, names: Mapping[UUID, str], reader: Reader
) -> SignOffRole:
    signed = signature.given if signature else None
    holds = signature is not None and signature.holds(written)
    mine = reader.by.holds(Role.SIGNER, on=written.campaign, sign_off_role=name)
    reading = difference.reading_of(signed.content, written.content) if signed and signed.hash != written.hash else None
    return SignOffRole(name, signed, names[signed.person_id] if signed else None, holds, mine, reading)


def _names(session: Session, given: Sequence[SignOff]) -> dict[UUID, str]:
    people = select(Person.id, Person.name).where(Person.id.in_({each.person_id for each in given}))
    return dict(session.execute(people).all())


def staff_names(session: Session, written: WrittenBrief) -> list[str]:
    """Whose shares go to everyone else, by name."""
    staff = [UUID(each) for each in written.brief.staff_ids]
    return list(session.scalars(select(Person.name).where(Person.id.in_(staff)).order_by(Person.name)))
