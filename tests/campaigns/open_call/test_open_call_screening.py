"""Contributions are made ready, looked at blind, and decided on with a reason."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core.campaign import Ended, find_campaign
from campaigns.core.errors import Forbidden, NotFound, ReasonMissing, Refusal
from campaigns.core.events import recorded
from campaigns.core.files import opened, storage
from campaigns.core.people import SYSTEM, Actor, actor_for
from campaigns.core.permissions import Role
from campaigns.open_call import errors, renditions
from campaigns.open_call.contributions.actions import NewContribution, contribute, withdraw
from campaigns.open_call.models import Contribution, ContributionState, Rendition, Screening, Upload, UploadState
from campaigns.open_call.queries import contribution, contributions, own_contribution, own_contributions, unprepared, work_waiting
from campaigns.open_call.screening.actions import prepare_again, screen
from campaigns.open_call.screening.queries import screening_desk
from tests import factories, samples
from tests.called_off import call_off
from tests.campaigns.brief.counting import statements
from tests.factories import NOW, Partnership
from workers.transactions import unit_of_work


def refusal_of(session: Session, contribution_: Contribution, deed: Callable[[], Any]) -> Refusal:
    """The refusal that the deed meets; fails when the contribution has changed all the same."""
    session.flush()
    before = (
        contribution_.state,
        contribution_.state_reason,
        session.scalar(select(func.count()).select_from(Screening)),
        len(recorded(session)),
    )
    with pytest.raises(Refusal) as met:
        deed()
    after = (
        contribution_.state,
        contribution_.state_reason,
        session.scalar(select(func.count()).select_from(Screening)),
        len(recorded(session)),
    )
    assert (list(session.dirty), before) == ([], after)
    return met.value


def curator(session: Session) -> Actor:
    return factories.someone(session, Role.CURATOR, "Cleo")


def planted(session: Session, made: Partnership, by: Actor, path: Path, tmp_path: Path) -> Contribution:
    """A contribution whose file carries its maker's name in tags, under a file name that does as well."""
    with storage().scratch() as folder:
        (folder / "file").write_bytes(path.read_bytes())
        sha256 = storage().keep(folder / "file").sha256
    mime = {".jpg": "image/jpeg", ".mp3": "audio/mpeg"}[path.suffix]
    size = path.stat().st_size
    upload = Upload(
        person_id=by.person, name=f"{samples.NAME} {path.name}", declared=mime, length=size, offset=size, state=UploadState.PROVEN,
        sha256=sha256, mime=mime, began_at=NOW, expires_at=NOW,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    sent = NewContribution(
        title=f"Lanterns by {samples.NAME}", upload_id=upload.id, licence_version="2026-01", statement=f"I am {samples.NAME}."
    )
    return contribute(session, made.id, sent, by=by, at=NOW)


@pytest.mark.parametrize("make", [samples.picture, samples.sound])
def test_nothing_on_the_desk_says_who_made_a_contribution(session: Session, make: Callable[[Path], Path], tmp_path: Path) -> None:
    made, maker = factories.opened_call(session), factories.person(session, samples.NAME)
    contribution_ = planted(session, made, maker, make(tmp_path), tmp_path)
    factories.ready(session, contribution_)
    desk = screening_desk(session, made.id, by=curator(session))
    said = json.dumps([asdict(w) for w in desk], default=str)
    assert [w.title for w in desk] == ["Lanterns by ▇▇▇"]
    assert [word for word in (samples.NAME, "Zorblatt", str(maker.person)) if word in said] == []
    for rendition in desk[0].renditions:
        file = opened(rendition.url.removeprefix("/files/"))
        assert "Zorblatt" not in file.name
        assert b"Zorblatt" not in storage().path(file.sha256).read_bytes()


def test_the_desk_says_which_contributions_have_the_very_same_file(session: Session) -> None:
    made, elsewhere = factories.opened_call(session), factories.opened_call(session)
    first, copy, down = (factories.contributed(session, made, words="We walk.") for _ in range(3))
    factories.contributed(session, elsewhere, words="We walk.")
    other = factories.contributed(session, made)
    withdraw(session, down.id, by=actor_for(session, down.uploaded_by), at=NOW)
    for each in (first, copy, other):
        factories.ready(session, each)
    desk = screening_desk(session, made.id, by=curator(session))
    assert [(w.id, w.same_file_as) for w in desk] == [(other.id, []), (copy.id, [first.id]), (first.id, [copy.id])]


def test_two_links_to_one_rendition_cannot_be_told_to_be_so(session: Session) -> None:
    made = factories.opened_call(session)
    factories.ready(session, factories.contributed(session, made))
    one, other = (screening_desk(session, made.id, by=made.manager)[0].renditions[0].url for _ in range(2))
    assert one != other
    assert opened(one.removeprefix("/files/")) == opened(other.removeprefix("/files/"))


def test_a_contribution_is_made_ready_once(session: Session) -> None:
    made = factories.opened_call(session)
    contribution_ = factories.contributed(session, made, words="Every December we walk.")
    assert (work_waiting(session, [made.id]), list(unprepared(session, made.id, 10))) == ({made.id}, [contribution_.id])
    prepared = [renditions.prepare(renditions.original_of(session, contribution_.id)) for _ in range(2)]
    for each in prepared:
        renditions.record(session, contribution_.id, each, at=NOW + timedelta(minutes=1))
    assert (contribution_.state, contribution_.state_since, work_waiting(session, [made.id])) == (
        ContributionState.READY,
        NOW + timedelta(minutes=1),
        set(),
    )
    rows = session.scalars(select(Rendition).where(Rendition.contribution_id == contribution_.id)).all()
    assert [(r.role, r.mime, r.words) for r in rows] == [("text", "text/html", 4)]
    assert storage().path(rows[0].sha256).read_text() == "<p>Every December we walk.</p>\n"


def test_a_contribution_that_is_taken_down_while_it_is_made_ready_keeps_neither_waiting(fresh_database: str) -> None:
    with unit_of_work() as session:
        contribution_ = factories.contributed(session, factories.opened_call(session))
        maker = actor_for(session, contribution_.uploaded_by)
    is_held = Event()

    def make_ready() -> None:
        with unit_of_work() as session:
            find_campaign(session, contribution_.campaign_id, by=SYSTEM, lock=True)
            is_held.set()
            sleep(0.5)
            renditions.record(session, contribution_.id, renditions.Prepared([], "It could not be opened."), at=NOW)

    def take_down() -> None:
        is_held.wait()
        with unit_of_work() as session:
            withdraw(session, contribution_.id, by=maker, at=NOW)

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(make_ready), hands.submit(take_down)]:
            done.result()
    with unit_of_work() as session:
        assert session.get_one(Contribution, contribution_.id).state is ContributionState.WITHDRAWN


def test_a_contribution_that_cannot_be_shown_is_seen_by_those_who_screen_and_can_be_tried_again(session: Session) -> None:
    made, judge = factories.opened_call(session), curator(session)
    contribution_ = factories.contributed(session, made)
    renditions.record(session, contribution_.id, renditions.Prepared([], "“the file” takes too long."), at=NOW)
    desk = screening_desk(session, made.id, by=judge)
    assert [(w.state, w.problem, w.renditions) for w in desk] == [(ContributionState.UNSHOWABLE, "“the file” takes too long.", [])]
    assert (
        type(refusal_of(session, contribution_, lambda: screen(session, contribution_.id, True, None, by=judge, at=NOW)))
        is errors.NotShowable
    )
    assert prepare_again(session, contribution_.id, by=judge, at=NOW).state is ContributionState.RECEIVED
    assert (
        type(refusal_of(session, contribution_, lambda: prepare_again(session, contribution_.id, by=judge, at=NOW)))
        is errors.NothingToRepair
    )


def test_a_contribution_whose_file_cannot_be_rendered_says_so_without_naming_the_file(session: Session, tmp_path: Path) -> None:
    made, maker = factories.opened_call(session), factories.person(session, samples.NAME)
    contribution_ = planted(session, made, maker, samples.cut(samples.sound(tmp_path), 0.01), tmp_path)
    prepared = renditions.prepare(renditions.original_of(session, contribution_.id))
    assert (prepared.renditions, prepared.problem) == ([], "The file could not be processed for display.")


def test_a_contribution_that_cannot_be_shown_may_be_screened_out(session: Session) -> None:
    made = factories.opened_call(session)
    contribution_ = factories.contributed(session, made)
    renditions.record(session, contribution_.id, renditions.Prepared([], "It is broken."), at=NOW)
    screen(session, contribution_.id, False, "It cannot be opened.", by=curator(session), at=NOW)
    assert (contribution_.state, contribution_.state_reason) == (ContributionState.SCREENED_OUT, "It cannot be opened.")


def test_its_maker_reads_where_a_contribution_stands_and_why(session: Session) -> None:
    made, ana, judge = factories.opened_call(session), factories.person(session), curator(session)
    contribution_ = factories.ready(session, factories.contributed(session, made, ana))
    decision = screen(session, contribution_.id, False, " It shows a logo. ", by=judge, at=NOW + timedelta(days=1))
    assert (decision.takes_part, decision.reason, decision.screened_by) == (False, "It shows a logo.", judge.person)
    own = own_contribution(session, contribution_.id, by=ana)
    assert (own.contribution.state, own.contribution.state_reason, own.campaign) == (
        ContributionState.SCREENED_OUT,
        "It shows a logo.",
        "Holiday traditions",
    )
    fact = recorded(session)[-1]
    assert (fact.name, fact.reason, fact.facts) == (
        "open_call.screened",
        "It shows a logo.",
        {"contribution": str(contribution_.id), "takes_part": False},
    )


def test_the_same_decision_again_changes_nothing_and_another_is_refused(session: Session) -> None:
    made, judge = factories.opened_call(session), curator(session)
    contribution_ = factories.ready(session, factories.contributed(session, made))
    first = screen(session, contribution_.id, True, None, by=judge, at=NOW)
    assert screen(session, contribution_.id, True, "Again.", by=judge, at=NOW) is first
    assert (
        type(refusal_of(session, contribution_, lambda: screen(session, contribution_.id, False, "No.", by=judge, at=NOW)))
        is errors.AlreadyScreened
    )


def test_a_contribution_is_screened_out_only_with_a_reason(session: Session) -> None:
    made, judge = factories.opened_call(session), curator(session)
    contribution_ = factories.ready(session, factories.contributed(session, made))
    refused = refusal_of(session, contribution_, lambda: screen(session, contribution_.id, False, " ", by=judge, at=NOW))
    assert (type(refused), refused.field) == (ReasonMissing, "reason")


def test_a_contribution_is_not_screened_before_anyone_can_see_it(session: Session) -> None:
    made = factories.opened_call(session)
    contribution_ = factories.contributed(session, made)
    assert (
        type(refusal_of(session, contribution_, lambda: screen(session, contribution_.id, True, None, by=curator(session), at=NOW)))
        is errors.NotShowable
    )


def test_nobody_screens_their_own_work_or_finds_it_on_their_desk(session: Session) -> None:
    made, judge = factories.opened_call(session), curator(session)
    contribution_ = factories.ready(session, factories.contributed(session, made, judge))
    assert screening_desk(session, made.id, by=judge) == []
    assert (
        type(refusal_of(session, contribution_, lambda: screen(session, contribution_.id, True, None, by=judge, at=NOW)))
        is errors.ScreensOwnContribution
    )


def test_an_artist_does_not_screen(session: Session) -> None:
    made, ana = factories.opened_call(session), factories.person(session)
    contribution_ = factories.ready(session, factories.contributed(session, made))
    assert (
        type(refusal_of(session, contribution_, lambda: screen(session, contribution_.id, True, None, by=ana, at=NOW)))
        is errors.NoSuchContribution
    )
    with pytest.raises(Forbidden):
        screening_desk(session, made.id, by=ana)


def test_the_contributions_that_take_part_are_shown_with_their_makers_to_all_but_those_who_judge(session: Session) -> None:
    made, maker, reader, judge = (
        factories.opened_call(session),
        factories.person(session, "Zora Quill"),
        factories.person(session),
        curator(session),
    )
    factories.contributed(session, made, maker, "Not screened yet")
    contribution_ = factories.screened_in(
        session, factories.contributed(session, made, maker, "Zora Quill's lanterns", statement="Mine."), by=judge
    )
    open_, blind = contributions(session, made.id, by=reader)[0], contributions(session, made.id, by=judge)[0]
    assert (open_.title, open_.statement, [c.name for c in open_.credits]) == ("Zora Quill's lanterns", "Mine.", ["Zora Quill"])
    assert opened((open_.original or "").removeprefix("/files/")).name == f"contribution-{contribution_.id.hex[-8:]}.md"
    assert (blind.title, blind.statement, blind.credits, blind.original) == ("▇▇▇'s lanterns", None, [], None)
    assert contribution(session, contribution_.id, by=judge).credits == []
    assert [len(w.renditions) for w in (open_, blind)] == [1, 1]


def test_a_contribution_that_does_not_take_part_is_there_for_its_makers_and_those_who_screen_only(session: Session) -> None:
    made, maker, reader, judge = factories.opened_call(session), factories.person(session), factories.person(session), curator(session)
    contribution_ = factories.contributed(session, made, maker)
    assert [contribution(session, contribution_.id, by=by).contribution.id for by in (maker, judge)] == [contribution_.id, contribution_.id]
    with pytest.raises(NotFound):
        contribution(session, contribution_.id, by=reader)


def test_every_list_of_contributions_takes_as_many_queries_for_thirty_as_for_one(session: Session) -> None:
    made, maker, judge = factories.opened_call(session), factories.person(session, "Ana"), curator(session)

    def counts() -> list[int]:
        lists = (
            lambda: contributions(session, made.id, by=maker),
            lambda: contributions(session, made.id, by=judge),
            lambda: screening_desk(session, made.id, by=judge),
            lambda: own_contributions(session, by=maker),
        )
        found = []
        for read in lists:
            with statements(session) as sent:
                read()
            found.append(len(sent))
        return found

    factories.screened_in(session, factories.contributed(session, made, maker))
    factories.ready(session, factories.contributed(session, made, maker))
    one = counts()
    for number in range(29):
        contribution_ = factories.contributed(session, made, maker, f"Lantern {number}")
        renditions.record(session, contribution_.id, renditions.Prepared([]), at=NOW)
        if number % 2:
            screen(session, contribution_.id, True, None, by=judge, at=NOW)
    session.expire_all()
    session.refresh(made.campaign)
    assert counts() == one


def test_nothing_is_screened_or_prepared_again_in_a_cancelled_campaign(session: Session) -> None:
    made, judge = factories.opened_call(session), curator(session)
    waits, broken = (factories.ready(session, factories.contributed(session, made, title=title)) for title in ("Lanterns", "Doors"))
    broken.state, broken.state_reason = ContributionState.UNSHOWABLE, "Its file is broken."
    call_off(session, made.id, "The brand stopped.", by=made.manager, at=NOW)
    for contribution_, deed in (
        (waits, lambda: screen(session, waits.id, True, None, by=judge, at=NOW)),
        (broken, lambda: screen(session, broken.id, False, "It is broken.", by=judge, at=NOW)),
        (broken, lambda: prepare_again(session, broken.id, by=judge, at=NOW)),
    ):
        assert type(refusal_of(session, contribution_, deed)) is Ended
