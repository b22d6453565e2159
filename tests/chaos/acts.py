"""What people do over HTTP in an assignment beside sending works in: they sign, ask, remix, screen, review, comment, and upload files."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from campaigns.brief.queries import written_brief
from campaigns.brief.terms import NEWEST_LICENCE
from campaigns.collaboration.models import Source, SourceState
from campaigns.core.campaign import Track
from campaigns.core.db import unit_of_work
from campaigns.core.people import Actor
from campaigns.curation.queries import desk
from campaigns.curation.rubric import rubric
from campaigns.open_call.models import Contribution, WorkState
from campaigns.payout.models import Comment, Proposal
from campaigns.payout.queries import standing_proposal
from tests.chaos.word import Voice, Word

if TYPE_CHECKING:
    from tests.chaos.assignment import Assignment

TUS = {"Tus-Resumable": "1.0.0"}
PIECES = 3


@dataclass
class Sending:
    """A file that an artist uploads in pieces; `is_safe` once the API has answered for its last byte."""

    by: Actor
    title: str
    path: Path
    upload: UUID | None = None
    is_safe: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def go_on(self, voice: Voice) -> None:
        """Send what is not safe yet, from where the API says that it stopped."""
        if self.is_safe:
            return
        content = self.path.read_bytes()
        if self.upload is None:
            named = f"filename {b64encode(self.path.name.encode()).decode()}"
            headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": named}
            begun = voice.request(self.by, "POST", "/api/v1/uploads", headers=headers).raise_for_status()
            self.upload = UUID(begun.headers["Location"].rpartition("/")[2])
        address = f"/api/v1/uploads/{self.upload}"
        safe = int(voice.request(self.by, "HEAD", address, headers=TUS).raise_for_status().headers["Upload-Offset"])
        while safe < len(content):
            piece = content[safe : safe + len(content) // PIECES + 1]
            headers = {**TUS, "Upload-Offset": str(safe), "Content-Type": "application/offset+octet-stream"}
            sent = voice.request(self.by, "PATCH", address, headers=headers, content=piece).raise_for_status()
            safe = int(sent.headers["Upload-Offset"])
        self.is_safe = True


def say(assignment: "Assignment", what: str, key: object, word: Word) -> Word:
    """Say what is to be said once under this key; the same word again until it is answered."""
    said = assignment.spoken[what].setdefault(key, word)
    if not said.is_spent:
        assignment.voice.say(said)
    return said


def sign(assignment: "Assignment", _track: Track) -> None:
    """Everyone signs the brief as it stands, under their hat."""
    with unit_of_work() as session:
        sha256 = written_brief(session, assignment.id).hash
    path = f"/campaigns/{assignment.id}/signatures"
    for hat, signer in assignment.all_.made.signers.items():
        say(assignment, "signature", (hat, sha256), Word(signer, path, {"hat": hat, "hash": sha256}))


def send_works(assignment: "Assignment", _track: Track) -> None:
    """While the call is open: files, works, questions, and their answers."""
    for sent in assignment.files:
        sent.go_on(assignment.voice)
        if all(word.body["title"] != sent.title for word in assignment.works):
            body = {"title": sent.title, "upload": str(sent.upload), "licence_version": NEWEST_LICENCE}
            assignment.works.append(Word(sent.by, f"/campaigns/{assignment.id}/contributions", dict(body)))
    for word in assignment.works:
        assignment.voice.say(word)
    for number, artist in enumerate(assignment.artists):
        body = {"text": f"May it be in Quechua? {uuid4()}"}
        asked = say(assignment, "question", number, Word(artist, f"/campaigns/{assignment.id}/call/questions", dict(body)))
        path = f"/questions/{asked.answer['id']}/answer"
        say(assignment, "answer", asked.answer["id"], Word(assignment.all_.manager, path, {"answer": "Yes, gladly."}, method="PUT"))


def is_call_spent(assignment: "Assignment") -> bool:
    """Whether everyone has sent and asked what they had to."""
    questions, answers = assignment.spoken["question"], assignment.spoken["answer"]
    words = [*assignment.works, *questions.values(), *answers.values()]
    is_all = len(assignment.works) >= assignment.wanted_works and len(answers) == len(assignment.artists)
    return is_all and all(word.is_answered for word in words)


def screen(assignment: "Assignment", _track: Track) -> None:
    """The curator lets every work take part that can be seen."""
    waiting = select(Contribution.id).where(Contribution.campaign_id == assignment.id, Contribution.state == WorkState.READY)
    with unit_of_work() as session:
        works = session.scalars(waiting).all()
    for work in works:
        body = {"takes_part": True, "reason": None}
        say(assignment, "screening", work, Word(assignment.all_.curator, f"/contributions/{work}/screening", dict(body)))


def remix(assignment: "Assignment") -> bool:
    """One artist builds on the other's work, and is led by one more; whether all of it has been said and confirmed."""
    taking_part = select(Contribution.id, Contribution.uploaded_by).where(
        Contribution.campaign_id == assignment.id, Contribution.state == WorkState.SCREENED_IN
    )
    with unit_of_work() as session:
        works = session.execute(taking_part.order_by(Contribution.id)).all()
    by = assignment.artists[1]
    others = [work for work, whose in works if whose != by.person][:2]
    if not assignment.is_remixed or not others:
        return True
    cited = [{"source": str(work), "kind": kind} for work, kind in zip(others, ("contains", "influenced_by"), strict=False)]
    body = {"title": f"Answer {uuid4()}", "text": f"We walk back: {uuid4()}.", "licence_version": NEWEST_LICENCE, "sources": cited}
    word = say(assignment, "remix", 1, Word(by, f"/campaigns/{assignment.id}/remixes", dict(body)))
    if word not in assignment.works:
        assignment.works.append(word)
    return confirm_sources(assignment)


def confirm_sources(assignment: "Assignment") -> bool:
    """Whoever's work is said to have led to another one confirms it."""
    of_campaign = select(Contribution.id).where(Contribution.campaign_id == assignment.id)
    query = select(Source.work_id, Source.source_id, Contribution.uploaded_by).join(Contribution, Contribution.id == Source.source_id)
    with unit_of_work() as session:
        found = session.execute(query.where(Source.work_id.in_(of_campaign), Source.state == SourceState.OPEN)).all()
    whose = {artist.person: artist for artist in assignment.artists}
    for work, source, maker in found:
        say(assignment, "confirmation", (work, source), Word(whose[maker], f"/sources/{work}/{source}/confirm", {}))
    return True


def review(assignment: "Assignment", _track: Track) -> None:
    """The curator judges whatever is on their desk."""
    curator = assignment.all_.curator
    with unit_of_work() as session:
        scores = {criterion.name: 4 for criterion in rubric(session, assignment.id)}
        ids = [assigned.assignment.id for assigned in desk(session, by=curator)]
    for each in ids:
        body = {"scores": scores, "reason": "It has a voice."}
        say(assignment, "review", str(each), Word(curator, f"/reviews/{each}", dict(body), method="PUT"))


def comment(assignment: "Assignment", track: Track) -> None:
    """One artist says, once in each visit, what is wrong with the proposal."""
    with unit_of_work() as session:
        proposal = standing_proposal(session, track.id)
    if proposal is None or assignment.commented.get((track.id, track.visit)):
        return
    body = {"about": None, "claim": f"My sketch led to it: {uuid4()}.", "evidence": "I posted it in November."}
    word = say(assignment, "comment", (str(proposal.id),), Word(assignment.artists[0], f"/proposals/{proposal.id}/comments", dict(body)))
    assignment.commented[track.id, track.visit] = word.is_spent


def dispose(assignment: "Assignment", track: Track) -> None:
    """The manager answers every comment."""
    open_ones = select(Comment.id).join(Proposal).where(Proposal.track_id == track.id, Comment.disposition.is_(None))
    with unit_of_work() as session:
        comments = session.scalars(open_ones).all()
    for each in comments:
        body = {"disposition": "declined", "reason": "It is as it was."}
        say(assignment, "disposition", str(each), Word(assignment.all_.manager, f"/comments/{each}/disposition", dict(body)))
