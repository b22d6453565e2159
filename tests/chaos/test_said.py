"""What people said over HTTP is there once: each kind of word that is lost, said twice or altered is planted, and must be named."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.brief.queries import written_brief
from campaigns.client_delivery.models import Version
from campaigns.core.events import Event
from campaigns.core.files import storage
from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from campaigns.curation.assignments.actions import assign
from campaigns.curation.assignments.queries import desk
from campaigns.curation.reviews.actions import submit_review
from campaigns.curation.rubrics.actions import rubric
from campaigns.curation.selections.actions import publish
from campaigns.open_call.models import Contribution, ContributionFile, Question, Upload
from campaigns.open_call.questions.actions import answer, ask
from campaigns.payout.models import Comment, Disposition
from campaigns.payout.proposals.actions import dispose
from tests import everyone
from tests.campaigns.payout.sharing import AT, CLAIM, Shared, assessed, collaborating, computed, decided, said_by, version
from tests.chaos import said as what_was_said
from tests.chaos.acts import Sending
from tests.chaos.assignment import Assignment
from tests.chaos.said import harms_of_what_was_said
from tests.chaos.word import Word
from tests.factories import NOW, came_into, curator

ASKED = "May it be in Quechua?"
OF_A_FACT = {
    "signature": "brief.signed",
    "review": "curation.reviewed",
    "answer": "open_call.question_answered",
    "comment": "payout.commented",
    "disposition": "payout.comment_answered",
}

NO_EVENT = "delete from event where name = :name"
# Another event is made to say the same as the first of the kind.
TWO_EVENTS = """
    update event set name = :name, actor_id = said.actor_id, facts = said.facts
    from (select * from event where name = :name order by facts::text limit 1) said where event.name = 'curation.selection_published'
"""
ANOTHER = "jsonb_build_object('id', gen_random_uuid(), 'number', 2, 'upload_id', gen_random_uuid())"
ALTERED = {
    "update question set text = 'Another.'": ["question Another.: 1 where 0 should be", f"question {ASKED}: 0 where 1 should be"],
    "delete from question": [f"question {ASKED}: 0 where 1 should be"],
    "update proposal_comment set claim = 'Another.'": ["claim Another.: 1 where 0 should be", f"claim {CLAIM}: 0 where 1 should be"],
    "delete from screening where contribution_id = :contribution": ["screening {contribution}: 0 where 1 should be"],
    "update screening set takes_part = false, reason = 'No.' where contribution_id = :contribution": [
        "screening {contribution}: 0 where 1 should be"
    ],
    "insert into screening (id, contribution_id, takes_part, screened_at) select gen_random_uuid(), :contribution, true, now()": [
        "screening {contribution}: 2 where 1 should be"
    ],
    "update upload set state = 'arriving', sha256 = null, mime = null where id = :upload": ["an upload is lost: Lanterns is arriving"],
    "update upload set sha256 = repeat('0', 64) where id = :upload": ["an upload is lost: Lanterns is proven"],
    "delete from upload where id = :upload": ["an upload is lost: Lanterns is not there"],
    "delete from contribution_file where upload_id = :upload": ["an upload is lost: Lanterns is in no contribution"],
    "update version set sha256 = repeat('0', 64)": ["a version has another file: The version"],
    "update version set upload_id = :upload": ["a version has another file: The version"],
    "delete from version": ["version {version}: 0 where 1 should be"],
    f"insert into version select (jsonb_populate_record(version, {ANOTHER})).* from version": [
        "version {version}: 2 where 1 should be",
        "a version has another file: The version",
    ],
}


@dataclass
class Told:
    """A campaign in payout, what was said on it as the trial remembers it, and the files of one contribution and one version."""

    assignment: Assignment
    contribution: Sending
    version: Sending


def answered(by: Actor, **body: Any) -> Word:
    return Word(by, "", body, is_answered=True)


def reviewed(session: Session, shared: Shared) -> None:
    """A curator judges one contribution."""
    judge = curator(session, shared.made)
    assign(session, shared.deliverable.id, [judge.person], 1, by=shared.manager, at=AT)
    scores = {criterion.name: 4 for criterion in rubric(session, shared.made.id)}
    submit_review(session, desk(session, by=judge)[0].assignment.id, scores, "It has a voice.", by=judge, at=AT)


def carried(session: Session) -> Shared:
    """A campaign on which each kind of word was said, by the domain's own actions."""
    shared = collaborating(session)
    asked = ask(session, shared.made.id, ASKED, by=shared.ana, at=NOW)
    answer(session, asked.id, "Yes, gladly.", by=shared.manager, at=NOW)
    came_into(session, shared.deliverable, Stage.CURATION, at=AT)
    reviewed(session, shared)
    publish(
        session, shared.deliverable.id, shared.deliverable.visit, {shared.newer.id: "It."}, {}, "Not this time.", by=shared.manager, at=AT
    )
    lifecycle.move_on(session, shared.made.id, at=AT)
    decided(session, shared, version(session, shared))
    lifecycle.move_on(session, shared.made.id, at=AT)
    assessed(session, shared)
    said = said_by(session, computed(session, shared.deliverable), shared.left_out)
    dispose(session, said.id, Disposition.DECLINED, "It is not in it.", by=shared.manager, at=AT)
    session.commit()  # what has happened is sealed by it
    return shared


def sending(session: Session, by: Actor, title: str, upload_id: Any, path: Path) -> Sending:
    """The file of an upload as the trial's artist has it."""
    sha256 = session.get_one(Upload, upload_id).sha256
    path.write_bytes(storage().path(str(sha256)).read_bytes())
    return Sending(by, title, path, upload_id, is_answered=True)


@pytest.fixture
def told(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    # The lineage has tests of its own.
    monkeypatch.setattr(what_was_said, "harms_of_the_lineage", lambda *_: ())
    shared = carried(session)
    said = Assignment(everyone.cast(session, shared.made, at=AT), tmp_path)
    [question], [comment] = session.scalars(select(Question)).all(), session.scalars(select(Comment)).all()
    [review] = session.scalars(select(Event.facts).where(Event.name == "curation.reviewed")).all()
    sha256 = written_brief(session, shared.made.id).hash
    said.spoken["signature"] = {(sign_off_role, sha256): answered(signer) for sign_off_role, signer in shared.made.signers.items()}
    said.spoken["question"] = {0: answered(shared.ana, text=ASKED)}
    said.spoken["answer"] = {str(question.id): answered(shared.manager)}
    said.spoken["screening"] = {contribution.id: answered(shared.manager) for contribution in (shared.older, shared.unused, shared.newer)}
    said.spoken["review"] = {review["assignment"]: answered(shared.manager)}
    said.spoken["comment"] = {(str(comment.proposal_id),): answered(shared.left_out, claim=CLAIM)}
    said.spoken["disposition"] = {str(comment.id): answered(shared.manager)}
    [made] = session.scalars(select(Version)).all()
    said.spoken["version"] = {(made.deliverable_id, made.visit): answered(shared.editor)}
    of_contribution = select(ContributionFile.upload_id).where(ContributionFile.contribution_id == shared.older.id)
    contribution = sending(session, shared.ana, shared.older.title, session.scalar(of_contribution), tmp_path / "contribution")
    version = sending(session, shared.editor, "The version", made.upload_id, tmp_path / "version")
    said.contributions, said.files, said.versions = (
        [answered(shared.ana, title=contribution.title)],
        [contribution],
        {(made.deliverable_id, made.visit): version},
    )
    return Told(said, contribution, version)


def harms(session: Session, told: Told) -> list[str]:
    return list(harms_of_what_was_said(session, told.assignment))


def harms_after(session: Session, told: Told, *statements: str, **values: Any) -> list[str]:
    """What is found once something has happened that no rule of the database lets happen; it is taken back."""
    with session.begin_nested() as inside:
        session.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            session.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
        session.expire_all()
        found = harms(session, told)
        inside.rollback()
    return found


def keys(told: Told, kind: str) -> list[Any]:
    return sorted(key if isinstance(key, tuple) else (key,) for key in told.assignment.spoken[kind])


def test_nothing_is_wrong_where_everything_stands_as_it_was_said(session: Session, told: Told) -> None:
    assert harms(session, told) == []


def test_a_word_that_has_left_no_event_is_named(session: Session, told: Told) -> None:
    found = {kind: sorted(harms_after(session, told, NO_EVENT, name=name)) for kind, name in OF_A_FACT.items()}
    assert found == {kind: [f"{kind} {key}: 0 where 1 should be" for key in keys(told, kind)] for kind in OF_A_FACT}


def test_a_word_that_has_left_two_events_is_named(session: Session, told: Told) -> None:
    found = {kind: harms_after(session, told, TWO_EVENTS, name=name) for kind, name in OF_A_FACT.items()}
    assert found == {kind: [f"{kind} {keys(told, kind)[0]}: 2 where 1 should be"] for kind in OF_A_FACT}


def test_a_word_that_was_never_answered_may_have_left_its_event_or_not(session: Session, told: Told) -> None:
    for word in [word for kind in OF_A_FACT for word in told.assignment.spoken[kind].values()]:
        word.is_answered = False
    assert harms(session, told) == []
    assert {kind: harms_after(session, told, NO_EVENT, name=name) for kind, name in OF_A_FACT.items()} == {kind: [] for kind in OF_A_FACT}


def test_a_signature_by_somebody_who_is_no_signer_is_named(session: Session, told: Told) -> None:
    stranger, by_another = (
        told.contribution.by.person,
        "update event set actor_id = :who where name = 'brief.signed' and facts ->> 'hat' = 'legal'",
    )
    assert harms_after(session, told, by_another, who=stranger) == [f"a signature by {stranger}, who is no signer"]


def test_what_stands_otherwise_than_it_was_said_is_named(session: Session, told: Told) -> None:
    older = session.scalar(select(Contribution.id).where(Contribution.title == told.contribution.title))
    [version] = told.assignment.versions
    found = {statement: harms_after(session, told, statement, contribution=older, upload=told.contribution.upload) for statement in ALTERED}
    assert found == {
        statement: [each.format(contribution=older, version=version) for each in named] for statement, named in ALTERED.items()
    }  # fmt: skip


def test_a_file_whose_bytes_are_gone_or_others_is_named(session: Session, told: Told) -> None:
    for sent in (told.contribution, told.version):
        kept, lost = storage().path(sent.sha256), f"an upload is lost: the bytes of {sent.title} are not kept"
        kept.chmod(0o600)
        kept.write_bytes(b"Another.")
        assert harms(session, told) == [lost]
        kept.unlink()
        assert harms(session, told) == [lost]
        kept.write_bytes(sent.path.read_bytes())
    assert harms(session, told) == []
