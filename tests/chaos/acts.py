"""What people do over HTTP in an assignment: they sign, upload and send in, confirm and ask, sign in, screen, review, and comment."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from campaigns.brief.licenses import NEWEST_LICENCE
from campaigns.brief.queries import written_brief
from campaigns.core.campaign import Deliverable
from campaigns.core.people import Actor, Person
from campaigns.curation.assignments.queries import desk
from campaigns.curation.rubrics.actions import rubric
from campaigns.open_call.models import Contribution, ContributionState
from campaigns.payout.models import Comment, Proposal
from campaigns.payout.queries import standing_proposal
from tests.chaos.word import Voice, Word
from workers.transactions import unit_of_work

if TYPE_CHECKING:
    from tests.chaos.assignment import Assignment

TUS = {"Tus-Resumable": "1.0.0"}
PIECES = 3


@dataclass
class Sending:
    """A file that an artist uploads in pieces; `is_answered` once the API has answered for its last byte."""

    by: Actor
    title: str
    path: Path
    upload: UUID | None = None
    is_answered: bool = False

    @property
    def is_spent(self) -> bool:
        """Whether there is nothing left to send."""
        return self.is_answered

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def go_on(self, voice: Voice) -> None:
        """Send what is not safe yet, from where the API says that it stopped."""
        if self.is_answered:
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
        self.is_answered = True


def say(assignment: "Assignment", what: str, key: object, word: Word) -> Word:
    """Say what is to be said once under this key; the same word again until it is answered."""
    said = assignment.spoken[what].setdefault(key, word)
    if not said.is_spent:
        assignment.voice.say(said)
    return said


def sign(assignment: "Assignment", _deliverable: Deliverable) -> None:
    """Everyone signs the brief as it stands, under their sign-off role."""
    with unit_of_work() as session:
        sha256 = written_brief(session, assignment.id).hash
    path = f"/campaigns/{assignment.id}/signatures"
    for sign_off_role, signer in assignment.all_.made.signers.items():
        say(assignment, "signature", (sign_off_role, sha256), Word(signer, path, {"sign_off_role": sign_off_role, "hash": sha256}))


def send_contributions(assignment: "Assignment", _deliverable: Deliverable) -> None:
    """While the call is open: files, contributions, sign-in links, questions, and their answers."""
    for sent in assignment.files:
        sent.go_on(assignment.voice)
        if all(word.body["title"] != sent.title for word in assignment.contributions):
            body = {"title": sent.title, "upload": str(sent.upload), "licence_version": NEWEST_LICENCE}
            assignment.contributions.append(Word(sent.by, f"/campaigns/{assignment.id}/contributions", dict(body)))
    for word in assignment.contributions:
        assignment.voice.say(word)
    confirm_makers(assignment)
    ask_for_links(assignment)
    for number, artist in enumerate(assignment.artists):
        body = {"text": f"May it be in Quechua? {uuid4()}"}
        asked = say(assignment, "question", number, Word(artist, f"/campaigns/{assignment.id}/call/questions", dict(body)))
        if asked.is_answered:
            path = f"/questions/{asked.answer['id']}/answer"
            say(assignment, "answer", asked.answer["id"], Word(assignment.all_.manager, path, {"answer": "Yes, gladly."}, method="PUT"))


def confirm_makers(assignment: "Assignment") -> None:
    """Whoever was named as a maker of a contribution beside its sender confirms it."""
    for word in [word for word in assignment.contributions if word.is_answered]:
        contribution, named = str(word.answer["id"]), word.body.get("makers", {})
        for artist in assignment.artists:
            if artist.person != word.by.person and str(artist.person) in named:
                say(assignment, "maker's confirmation", (contribution,), Word(artist, f"/contributions/{contribution}/confirmation", {}))


def ask_for_links(assignment: "Assignment") -> None:
    """Each artist asks for a link to sign in with; no key goes with that, so that who asks again for want of an answer may get two."""
    with unit_of_work() as session:
        addresses = {artist.person: session.get_one(Person, artist.person).email for artist in assignment.artists}
    for artist in assignment.artists:
        say(assignment, "sign-in link", artist.person, Word(artist, "/sign-in", {"email": addresses[artist.person]}))


def is_call_spent(assignment: "Assignment") -> bool:
    """Whether everyone has sent, confirmed and asked what they had to."""
    questions, answers, links = (assignment.spoken[what] for what in ("question", "answer", "sign-in link"))
    asked = [word for word in questions.values() if word.is_answered]
    is_all = len(assignment.contributions) >= assignment.wanted_contributions and len(answers) == len(asked)
    is_all &= len(questions) == len(links) == len(assignment.artists)
    others = [*questions.values(), *answers.values(), *links.values(), *assignment.spoken["maker's confirmation"].values()]
    return is_all and all(word.is_answered for word in assignment.contributions) and all(word.is_spent for word in others)


def screen(assignment: "Assignment", _deliverable: Deliverable) -> None:
    """The curator lets every contribution take part that can be seen."""
    waiting = select(Contribution.id).where(Contribution.campaign_id == assignment.id, Contribution.state == ContributionState.READY)
    with unit_of_work() as session:
        contributions = session.scalars(waiting).all()
    for contribution in contributions:
        body = {"takes_part": True, "reason": None}
        say(assignment, "screening", contribution, Word(assignment.all_.curator, f"/contributions/{contribution}/screening", dict(body)))


def review(assignment: "Assignment", _deliverable: Deliverable) -> None:
    """The curator judges whatever is on their desk."""
    curator = assignment.all_.curator
    with unit_of_work() as session:
        scores = {criterion.name: 4 for criterion in rubric(session, assignment.id)}
        ids = [assigned.assignment.id for assigned in desk(session, by=curator)]
    for each in ids:
        body = {"scores": scores, "reason": "It has a voice."}
        say(assignment, "review", str(each), Word(curator, f"/reviews/{each}", dict(body), method="PUT"))


def comment(assignment: "Assignment", deliverable: Deliverable) -> None:
    """One artist says, once in each visit, what is wrong with the proposal."""
    with unit_of_work() as session:
        proposal = standing_proposal(session, deliverable.id)
    if proposal is None or assignment.commented.get((deliverable.id, deliverable.visit)):
        return
    body = {"about": None, "claim": f"My sketch led to it: {uuid4()}.", "evidence": "I posted it in November."}
    word = say(assignment, "comment", (str(proposal.id),), Word(assignment.artists[0], f"/proposals/{proposal.id}/comments", dict(body)))
    assignment.commented[deliverable.id, deliverable.visit] = word.is_spent


def dispose(assignment: "Assignment", deliverable: Deliverable) -> None:
    """The manager answers every comment."""
    open_ones = select(Comment.id).join(Proposal).where(Proposal.deliverable_id == deliverable.id, Comment.disposition.is_(None))
    with unit_of_work() as session:
        comments = session.scalars(open_ones).all()
    for each in comments:
        body = {"disposition": "declined", "reason": "It is as it was."}
        say(assignment, "disposition", str(each), Word(assignment.all_.manager, f"/comments/{each}/disposition", dict(body)))
