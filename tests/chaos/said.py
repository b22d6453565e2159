"""What people said over HTTP while the web was killed: each word that was answered is there once, none twice, no upload is lost."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.client_delivery.models import Version
from campaigns.core.campaign import Deliverable
from campaigns.core.errors import NotFound
from campaigns.core.events import Event
from campaigns.core.files import sha256_of, storage
from campaigns.core.people import Actor
from campaigns.open_call.models import Contribution, ContributionFile, Question, Screening, Upload, UploadState
from campaigns.payout.models import Comment
from tests.chaos.acts import Sending
from tests.chaos.assignment import Assignment
from tests.chaos.counting import Harms, once
from tests.chaos.lineage_said import harms_of_the_lineage

# What was said, the fact that tells of it, and what in the fact names it.
AS_FACTS = (
    ("signature", "brief.signed", ("hat", "hash")),
    ("review", "curation.reviewed", ("assignment",)),
    ("maker's confirmation", "open_call.maker_confirmed", ("contribution",)),
    ("source's confirmation", "collaboration.source_confirmed", ("work", "source")),
    ("version maker's confirmation", "client_delivery.maker_confirmed", ("cut",)),
    ("answer", "open_call.question_answered", ("question",)),
    ("comment", "payout.commented", ("proposal",)),
    ("disposition", "payout.comment_answered", ("comment",)),
)


def harms_of_what_was_said(session: Session, assignment: Assignment) -> Harms:
    """Signatures, confirmations, reviews, questions and answers, comments and dispositions, screenings, uploads, versions, and lineage."""
    for what, name, parts in AS_FACTS:
        yield from as_facts(session, assignment, what, name, parts)
    yield from of_rows(session, assignment)
    yield from uploads(session, assignment)
    yield from versions(session, assignment)
    yield from harms_of_the_lineage(session, assignment)


def as_facts(session: Session, assignment: Assignment, what: str, name: str, parts: Sequence[str]) -> Harms:
    """Each thing of this kind that was said has left one event of this name."""
    facts = session.scalars(select(Event.facts).where(Event.chain_id == assignment.id, Event.name == name))
    there = Counter(tuple(str(fact[part]) for part in parts) for fact in facts)
    words = {key if isinstance(key, tuple) else (str(key),): word for key, word in assignment.spoken[what].items()}
    return once(what, words, there)


def of_rows(session: Session, assignment: Assignment) -> Harms:
    """What stands in a row of its own, beside the fact that tells of it."""
    asked = session.scalars(select(Question.text).where(Question.campaign_id == assignment.id))
    yield from once("question", assignment.by_body("question", "text"), Counter(asked))
    contributions = select(Contribution.id).where(Contribution.campaign_id == assignment.id)
    screened = session.scalars(select(Screening.contribution_id).where(Screening.contribution_id.in_(contributions), Screening.takes_part))
    yield from once("screening", assignment.spoken["screening"], Counter(screened))
    proposals = [UUID(key) for (key,) in assignment.spoken["comment"]]
    claims = session.scalars(select(Comment.claim).where(Comment.proposal_id.in_(proposals)))
    yield from once("claim", assignment.by_body("comment", "claim"), Counter(claims))
    signed_by: Sequence[Actor] = list(assignment.all_.made.signers.values())
    strangers = select(Event.actor_id).where(
        Event.chain_id == assignment.id, Event.name == "brief.signed", Event.actor_id.not_in([each.person for each in signed_by])
    )
    yield from (f"a signature by {who}, who is no signer" for who in session.scalars(strangers))


def uploads(session: Session, assignment: Assignment) -> Harms:
    """Each file whose bytes were all answered for is kept as it was sent, and in the contribution that names it."""
    answered = {word.body["title"] for word in assignment.contributions if word.is_answered}
    for sent in filter(lambda sent: sent.is_answered, assignment.files):
        yield from not_kept(session, sent)
        of_contribution = select(Contribution.title).join(ContributionFile).where(ContributionFile.upload_id == sent.upload)
        if sent.title in answered and session.scalars(of_contribution).all() != [sent.title]:
            yield f"an upload is lost: {sent.title} is in no contribution"


def versions(session: Session, assignment: Assignment) -> Harms:
    """Each version is there once and is the file that was uploaded for it."""
    of_campaign = Version.deliverable_id.in_(select(Deliverable.id).where(Deliverable.campaign_id == assignment.id))
    made = {
        (version.deliverable_id, version.visit, version.number): version for version in session.scalars(select(Version).where(of_campaign))
    }
    yield from once("version", assignment.spoken["version"], Counter((deliverable, visit) for deliverable, visit, _number in made))
    for (deliverable, visit, _number), version in made.items():
        sent = assignment.versions[deliverable, visit]
        yield from not_kept(session, sent)
        if (version.upload_id, version.sha256) != (sent.upload, sent.sha256):
            yield f"a version has another file: {sent.title}"


def not_kept(session: Session, sent: Sending) -> Harms:
    """What is wrong with a file that was uploaded whole: it is proven, and its bytes are kept as they were sent."""
    upload = session.get(Upload, sent.upload)
    if upload is None or (upload.state, upload.sha256) != (UploadState.PROVEN, sent.sha256):
        yield f"an upload is lost: {sent.title} is {upload.state if upload else 'not there'}"
    elif not is_kept(sent.sha256):
        yield f"an upload is lost: the bytes of {sent.title} are not kept"


def is_kept(sha256: str) -> bool:
    """Whether these bytes lie where they can be read from."""
    try:
        return sha256_of(storage().path(sha256)) == sha256
    except NotFound:
        return False
