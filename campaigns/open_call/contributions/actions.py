"""What is done with a contribution: sent with its file, makers and license, and withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.brief.models import Brief
from campaigns.core import events
from campaigns.core.campaign import Campaign, find_campaign
from campaigns.core.event_names import EventName
from campaigns.core.ids import new_id
from campaigns.core.people import Actor, Person, note_artist
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.open_call.credits import licence_hash
from campaigns.open_call.errors import (
    AlreadyWithdrawn,
    CallClosed,
    CallNotOpen,
    NoSuchContribution,
    NotAMaker,
    PartUnconfirmed,
    SentAlready,
    SharesOutOfRange,
    UnknownMaker,
    UntitledContribution,
    UploadNotReady,
    UploadUsed,
    WrongLicence,
)
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.models import (
    CallExtension,
    Contribution,
    ContributionFile,
    ContributionState,
    LicenceGrant,
    Maker,
    NamedMaker,
    Upload,
    UploadState,
)
from campaigns.open_call.queries import call_of, extension_under, find_contribution, is_confirmed_maker, is_maker, made_by
from campaigns.open_call.rules import moment_in, moment_of_call
from campaigns.open_call.uploads import fault_of, find_upload

LONGEST_TITLE = 160
MOST_SHARES = 1_000_000


@dataclass(frozen=True, slots=True)
class NewContribution:
    """What someone sends in: a proven upload, its title, the licence granted, and its makers' shares (empty: the sender alone).

    `addresses` are those by which makers were named whom the sender need not know otherwise.
    """

    title: str
    upload_id: UUID
    licence_version: str
    statement: str = ""
    makers: Mapping[UUID, int] = field(default_factory=dict)
    addresses: Mapping[UUID, str] = field(default_factory=dict)
    is_wrapper: bool = False


def contribute(session: Session, campaign_id: UUID, entry: NewContribution, *, by: Actor, at: datetime) -> Contribution:
    """Send a contribution to the open call, which grants its licence; raises CallNotOpen and CallClosed outside it."""
    campaign = find_campaign(session, campaign_id, by=by)
    by.require(Permission.CONTRIBUTE, on=campaign)
    call = call_of(session, campaign_id)
    if call is None:
        raise CallNotOpen(_("This call has not opened yet."))
    now = moment_of_call(session, campaign, at)
    if not campaign.is_live or not call.is_open(now):
        moment = moment_in(session.get_one(Brief, campaign_id).time_zone, call.closes_at)
        sentence = _("This call closed on {moment}. Late submissions are possible only if it is extended for everyone.", moment=moment)
        raise CallClosed(sentence, field="campaign_id")
    return take_in(session, campaign, entry, extension_under(session, campaign_id, now), by=by, at=at)


def take_in(
    session: Session, campaign: Campaign, entry: NewContribution, extension: CallExtension | None = None, *, by: Actor, at: datetime
) -> Contribution:
    """Take a contribution in with its file, its makers and its sender's licence; whether it may come now is the caller's question."""
    brief = session.get_one(Brief, campaign.id)
    if entry.licence_version != brief.licence_version:
        sentence = _("This call requires license {version}. Please read and accept it.", version=brief.licence_version)
        raise WrongLicence(sentence, field="licence_version")
    title = _title(entry.title)
    upload = _proven(session, entry.upload_id, by)
    _require_new(session, campaign, upload, by)
    makers = _makers(session, entry.makers or {by.person: 1}, by)
    contribution = Contribution(
        id=new_id(), campaign_id=campaign.id, brand_id=campaign.brand_id, uploaded_by=by.person, title=title,
        kind=BY_MIME[upload.mime or ""].kind, statement=entry.statement.strip(), is_wrapper=entry.is_wrapper,
        state=ContributionState.RECEIVED,
        by_extension_id=extension.id if extension else None, received_at=at, state_since=at,
    )  # fmt: skip
    session.add(contribution)
    session.flush()
    _add_file(session, contribution, upload)
    _add_makers(session, contribution, makers, entry.addresses, by)
    grant_licence(session, contribution, brief, by, at)
    note_artist(session, by.person, at=at)
    events.record(
        session, EventName.OPEN_CALL_CONTRIBUTION_RECEIVED, by=by, at=at, campaign_id=campaign.id,
        contribution=str(contribution.id), kind=contribution.kind.value,
    )  # fmt: skip
    return contribution


def _title(title: str) -> str:
    if not title.strip() or len(title.strip()) > LONGEST_TITLE:
        raise UntitledContribution(_("Give the contribution a title of at most {most} characters.", most=LONGEST_TITLE), field="title")
    return title.strip()


def _proven(session: Session, upload_id: UUID, by: Actor) -> Upload:
    upload = find_upload(session, upload_id, by=by, lock=True)
    if upload.state is UploadState.REFUSED:
        raise fault_of(upload)
    if upload.state is not UploadState.PROVEN:
        raise UploadNotReady(_("“{file}” has not been fully uploaded. Finish the upload first.", file=upload.name), field="upload_id")
    if session.scalar(select(ContributionFile.contribution_id).where(ContributionFile.upload_id == upload_id)):
        raise UploadUsed(
            _("“{file}” is already in a contribution. Upload a file for each contribution.", file=upload.name), field="upload_id"
        )
    return upload


def _require_new(session: Session, campaign: Campaign, upload: Upload, by: Actor) -> None:
    """Raise SentAlready where a contribution of the actor's in this campaign has the very same bytes; one that was taken down may come
    again."""
    # Two that send the same file at once: the second looks once the first has committed.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{campaign.id} {upload.sha256}", 0))))
    same = (
        select(Contribution.title)
        .join(ContributionFile, ContributionFile.contribution_id == Contribution.id)
        .where(ContributionFile.sha256 == upload.sha256, Contribution.campaign_id == campaign.id, made_by(by))
        .where(Contribution.state != ContributionState.WITHDRAWN)
        .limit(1)
    )
    if (title := session.scalar(same)) is not None:
        sentence = _("You already submitted this file as “{title}”. Submit another file or withdraw that contribution first.", title=title)
        raise SentAlready(sentence, field="upload_id")


def _makers(session: Session, makers: Mapping[UUID, int], by: Actor) -> Mapping[UUID, int]:
    if by.person not in makers:
        raise NotAMaker(_("You must be one of the makers of the contribution you submit."), field="makers")
    if not all(1 <= shares <= MOST_SHARES for shares in makers.values()):
        raise SharesOutOfRange(_("Shares must be whole numbers from 1 to {most}.", most=MOST_SHARES), field="makers")
    if set(session.scalars(select(Person.id).where(Person.id.in_(makers)))) != set(makers):
        raise UnknownMaker(_("One of the makers is unknown. Each maker must have signed in at least once."), field="makers")
    return makers


def _add_file(session: Session, contribution: Contribution, upload: Upload) -> None:
    session.add(
        ContributionFile(contribution_id=contribution.id, upload_id=upload.id, sha256=upload.sha256, mime=upload.mime, bytes=upload.length)
    )


def _add_makers(session: Session, contribution: Contribution, makers: Mapping[UUID, int], addresses: Mapping[UUID, str], by: Actor) -> None:
    session.add_all(Maker(contribution_id=contribution.id, person_id=person_id, shares=shares) for person_id, shares in makers.items())
    session.flush()
    others = makers.keys() - {by.person}
    session.add_all(NamedMaker(contribution_id=contribution.id, person_id=each, address=addresses.get(each)) for each in others)


def grant_licence(session: Session, contribution: Contribution, brief: Brief, by: Actor, at: datetime) -> None:
    if session.get(LicenceGrant, (contribution.id, by.person)):
        return
    terms = {"version": brief.licence_version, "text_sha256": licence_hash(brief.licence_version), "ai_training": brief.ai_training}
    session.add(LicenceGrant(contribution_id=contribution.id, person_id=by.person, given_by=by.person, granted_at=at, **terms))
    session.flush()


def withdraw(session: Session, contribution_id: UUID, *, by: Actor, at: datetime) -> Contribution:
    """Take one's own contribution down: it is shown to nobody any more. What was delivered with it before stays licensed."""
    contribution = find_contribution(session, contribution_id, by=by, lock=True)
    if not is_maker(session, contribution_id, by):
        raise NoSuchContribution(_("There is no such contribution."))
    if contribution.state is ContributionState.WITHDRAWN:
        raise AlreadyWithdrawn(_("You have already withdrawn this contribution."))
    if not is_confirmed_maker(session, contribution_id, by):
        raise PartUnconfirmed(_("You were named as a maker of “{title}”. Confirm or decline that first.", title=contribution.title))
    contribution.state, contribution.state_since, contribution.state_reason = ContributionState.WITHDRAWN, at, None
    events.record(
        session,
        EventName.OPEN_CALL_CONTRIBUTION_WITHDRAWN,
        by=by,
        at=at,
        campaign_id=contribution.campaign_id,
        contribution=str(contribution.id),
    )
    return contribution
