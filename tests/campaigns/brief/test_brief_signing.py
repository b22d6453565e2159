"""Signatures on exactly one text."""

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.brief import errors
from campaigns.brief.actions import edit_brief, launch
from campaigns.brief.deliverables.actions import add_deliverable
from campaigns.brief.queries import sign_offs, written_brief
from campaigns.brief.rules import unsigned_sign_off_roles, waits
from campaigns.brief.signatures.actions import sign, what_changed
from campaigns.brief.terms.contents import FieldChange, Words, changes_between, words_between
from campaigns.core.blockers import BlockerCode
from campaigns.core.errors import Forbidden
from campaigns.core.people import RoleGrant
from campaigns.core.permissions import Role
from tests import factories
from tests.campaigns.brief.untouched import refusal_of
from tests.factories import CARD, NOW, Partnership


def unsigned(session: Session, made: Partnership) -> list[str]:
    return unsigned_sign_off_roles(written_brief(session, made.id), sign_offs(session, [made.id]).get(made.id, []))


def signing(session: Session, made: Partnership, sign_off_role: str, by: str | None = None) -> None:
    sign(session, made.id, sign_off_role, written_brief(session, made.id).hash, by=made.signers[by or sign_off_role], at=NOW)


def test_each_sign_off_role_of_the_brand_signs_for_itself(session: Session) -> None:
    made = factories.filled_brief(session)
    assert unsigned(session, made) == ["marketing", "legal"]
    signing(session, made, "legal")
    assert unsigned(session, made) == ["marketing"]
    signing(session, made, "marketing")
    assert unsigned(session, made) == []


def test_signing_twice_leaves_one_signature(session: Session) -> None:
    made = factories.filled_brief(session)
    signing(session, made, "legal")
    signing(session, made, "legal")
    assert [s.given.sign_off_role for s in sign_offs(session, [made.id])[made.id]] == ["legal"]


def test_one_changed_word_voids_every_signature_and_keeps_them_as_history(session: Session) -> None:
    made = factories.signed_brief(session)
    edit_brief(session, made.id, {"asked_for": "Stories, pictures, songs and films about a holiday of yours."}, by=made.manager, at=NOW)
    assert unsigned(session, made) == ["marketing", "legal"]
    assert [s.given.sign_off_role for s in sign_offs(session, [made.id])[made.id]] == ["marketing", "legal"]


def let_go(session: Session, made: Partnership, sign_off_role: str) -> None:
    session.execute(
        delete(RoleGrant).where(RoleGrant.person_id == made.signers[sign_off_role].person, RoleGrant.sign_off_role == sign_off_role)
    )


def test_a_signature_counts_only_while_who_gave_it_signs_for_the_brand(session: Session) -> None:
    made = factories.signed_brief(session)
    let_go(session, made, "legal")
    assert unsigned(session, made) == ["legal"]
    assert [(s.given.sign_off_role, s.is_signer) for s in sign_offs(session, [made.id])[made.id]] == [("marketing", True), ("legal", False)]
    assert [b.params["sign_off_role"] for b in waits(session, [made.id], at=NOW)[made.id] if b.code == BlockerCode.UNSIGNED] == ["legal"]
    refusal = refusal_of(session, made, lambda: launch(session, made.id, by=made.manager, at=NOW))
    assert isinstance(refusal, errors.NotSigned)


def test_whoever_follows_a_signer_signs_the_same_text_anew(session: Session) -> None:
    made = factories.signed_brief(session)
    let_go(session, made, "legal")
    follower = factories.someone(session, Role.SIGNER, on=made.campaign.scope, sign_off_role="legal")
    signed = sign(session, made.id, "legal", written_brief(session, made.id).hash, by=follower, at=NOW)
    assert (signed.person_id, unsigned(session, made)) == (follower.person, [])


def test_a_signature_of_a_launched_brief_stays_when_its_signer_leaves(session: Session) -> None:
    made = factories.opened_call(session)
    let_go(session, made, "legal")
    written = written_brief(session, made.id)
    assert [s.holds(written) for s in sign_offs(session, [made.id])[made.id]] == [True, True]


def test_the_difference_is_shown_field_by_field_and_word_by_word(session: Session) -> None:
    made = factories.signed_brief(session)
    edit_brief(session, made.id, {"asked_for": "Stories, pictures, songs and films about a holiday of yours."}, by=made.manager, at=NOW)
    changed = what_changed(session, written_brief(session, made.id), "legal")
    assert changed == [
        FieldChange(
            "asked_for",
            "Stories, pictures, songs and films about a tradition of yours.",
            "Stories, pictures, songs and films about a holiday of yours.",
            [
                Words("kept", "Stories, pictures, songs and films about a "),
                Words("removed", "tradition "),
                Words("added", "holiday "),
                Words("kept", "of yours."),
            ],
        )
    ]


def test_a_new_deliverable_is_a_difference_in_each_of_its_fields(session: Session) -> None:
    made = factories.signed_brief(session)
    deliverable = add_deliverable(session, made.id, CARD, by=made.manager, at=NOW)
    changed = {c.field: (c.before, c.after) for c in what_changed(session, written_brief(session, made.id), "legal")}
    asked = {"number": "4", "title": CARD.title, "kind": CARD.kind, "format": CARD.format, "length": CARD.length, "price": str(CARD.price)}
    assert changed == {f"deliverables.{deliverable.id}.{name}": (None, value) for name, value in asked.items()}


def test_what_the_platform_keeps_of_a_cancelled_campaign_is_part_of_what_is_signed(session: Session) -> None:
    made = factories.signed_brief(session)
    assert written_brief(session, made.id).content["money"]["cancellation_fee"] == "share"
    edit_brief(session, made.id, {"cancellation_fee": "full"}, by=made.manager, at=NOW)
    changed = what_changed(session, written_brief(session, made.id), "legal")
    assert [(change.field, change.before, change.after) for change in changed] == [("money.cancellation_fee", "share", "full")]


def test_a_brief_from_before_there_was_a_choice_keeps_its_hash_and_its_signatures(session: Session) -> None:
    """Nothing was kept then, and its text said nothing of it."""
    made = factories.filled_brief(session, cancellation_fee="none")
    assert "cancellation_fee" not in written_brief(session, made.id).content["money"]


def test_nothing_is_different_while_a_signature_holds(session: Session) -> None:
    made = factories.signed_brief(session)
    assert what_changed(session, written_brief(session, made.id), "legal") == []


def test_lists_are_compared_line_by_line() -> None:
    assert changes_between({"do": ["Sing"]}, {"do": ["Sing", "Dance"]}) == [
        FieldChange("do", "Sing", "Sing\nDance", [Words("removed", "Sing"), Words("added", "Sing\nDance")])
    ]
    assert words_between("", "new") == [Words("added", "new")]


def test_a_brief_without_a_deliverable_cannot_be_signed(session: Session) -> None:
    made = factories.filled_brief(session, ())
    refused = refusal_of(session, made, lambda: signing(session, made, "legal"))
    assert (type(refused), refused.field) == (errors.NoDeliverable, "deliverables")


def test_an_incomplete_brief_cannot_be_signed(session: Session) -> None:
    made = factories.filled_brief(session, story="")
    refused = refusal_of(session, made, lambda: signing(session, made, "legal"))
    assert (type(refused), refused.field) == (errors.BriefIncomplete, "story")


def test_a_text_that_has_changed_since_it_was_read_cannot_be_signed(session: Session) -> None:
    made = factories.filled_brief(session)
    read = written_brief(session, made.id).hash
    edit_brief(session, made.id, {"story": "Another story."}, by=made.manager, at=NOW)
    refused = refusal_of(session, made, lambda: sign(session, made.id, "legal", read, by=made.signers["legal"], at=NOW))
    assert (type(refused), refused.field, refused.status) == (errors.BriefChanged, "hash", 409)


@pytest.mark.parametrize(("sign_off_role", "kind"), [("marketing", Forbidden), ("procurement", errors.UnknownSignOffRole)])
def test_nobody_signs_under_a_sign_off_role_that_is_not_theirs(session: Session, sign_off_role: str, kind: type[Exception]) -> None:
    made = factories.filled_brief(session)
    refused = refusal_of(session, made, lambda: signing(session, made, sign_off_role, by="legal"))
    assert (type(refused), refused.field) == (kind, "sign_off_role")


def test_a_launched_brief_is_signed_no_more(session: Session) -> None:
    made = factories.launched_campaign(session)
    assert type(refusal_of(session, made, lambda: signing(session, made, "legal"))) is errors.BriefClosed


def test_the_manager_does_not_sign(session: Session) -> None:
    made = factories.filled_brief(session)
    read = written_brief(session, made.id).hash
    assert type(refusal_of(session, made, lambda: sign(session, made.id, "legal", read, by=made.manager, at=NOW))) is Forbidden
