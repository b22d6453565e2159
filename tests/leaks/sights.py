"""Who may be shown what somebody wrote: for each planted field, how a reader must stand to the campaign that it belongs to."""

from collections.abc import Mapping

from tests.leaks.planted import Mark
from tests.leaks.walk import Sight
from tests.leaks.world import BRIEF, CALL, NEXT_TO, WAITING

# Who works for the whole house stands the same to every campaign; a token's reader stands as what the token reaches.
ANYWHERE = ("operator", "finance", "guest", "ended")
HOUSE = {"operator", "finance"}
RUN = HOUSE | {"manager"}
PARTY = {"manager", "client", "finance"}
MAKING = {"manager", "editor", "client"}
TEAM = RUN | {"client", "editor", "curator", "screener"}
SIGHTED = {"operator", "finance", "manager", "client", "editor", "artist", "narrow", "outsider"}
SIGNED_IN = SIGHTED | {"curator", "screener"}
EVERYONE = SIGNED_IN | {"other brand", "guest", "ended"}
# For whom a campaign is there only while it takes contributions, and who looks at its contributions only until then.
WITHOUT_A_PART, UNTIL_THE_CLOSE = {"other brand", "guest", "ended"}, {"outsider"}
SHARED_WITH = {"manager", "finance", "editor", "artist"}

PUBLIC = (
    "brand.name", "brief.asked_for", "brief.do_list", "brief.dont_list", "brief.story", "campaign.title", "deliverable_spec.format",
    "deliverable_spec.length", "track.title",
)  # fmt: skip
OF_CONTRIBUTIONS = ("contribution.title", "contribution.statement", "person.name of Ana", "person.name of Ben")
MAY: Mapping[str, set[str]] = dict.fromkeys(PUBLIC, EVERYONE) | {
    "annotation.words": MAKING, "assessment.due_because": RUN | SHARED_WITH, "brand.billing_email": RUN | {"client"},
    "cancellation.reason": TEAM,
    "campaign.pause_reason": TEAM | {"artist", "narrow"}, "contribution.statement": SIGHTED, "contribution.title": SIGNED_IN,
    "criterion.name": SIGNED_IN, "criterion.question": SIGNED_IN, "cut.note": {"editor", "manager"}, "decision.note": MAKING | HOUSE,
    "event.reason": TEAM, "invoice.po_number": PARTY, "outcome.reason": {"artist", "manager"}, "outside_material.licence": MAKING,
    "outside_material.origin": MAKING, "outside_material.title": MAKING, "payout_account.provider_id": {"finance"},
    "payout_account.reason": {"artist"}, "payout_hold.reason": {"finance"}, "points.reason": SHARED_WITH,
    "proposal_comment.claim": SHARED_WITH, "proposal_comment.evidence": SHARED_WITH, "question.text": {"artist", "manager"},
    "receipt.reference": PARTY, "review.reason": {"curator", "manager"},
    "person.email of ana": HOUSE | {"artist"}, "person.email of ben": HOUSE, "person.email of clara": RUN | {"client"},
    "person.email of cleo": RUN | {"curator"}, "person.email of edda": RUN | {"editor"}, "person.email of femi": HOUSE,
    "person.email of fin": HOUSE, "person.email of flo": HOUSE, "person.email of mara": RUN, "person.email of max": RUN | {"narrow"},
    "person.email of noor": RUN | {"client"},
    "person.email of oda": HOUSE, "person.email of scott": RUN | {"screener"}, "person.email of signer": RUN | {"client"},
    "person.name of Ana": SIGHTED, "person.name of Ben": SIGHTED, "person.name of Clara": RUN | MAKING,
    "person.name of Cleo": RUN | {"curator"}, "person.name of Edda": RUN | MAKING, "person.name of Femi": RUN,
    "person.name of Fin": HOUSE, "person.name of Flo": HOUSE,
    "person.name of Mara": TEAM, "person.name of Max": RUN | {"narrow"}, "person.name of Noor": RUN | MAKING, "person.name of Oda": HOUSE,
    "person.name of Scott": RUN | {"screener"}, "person.name of Signer": RUN | {"client"},
}  # fmt: skip
# As long as nobody outside knows of a campaign, and of a work.
MAY_BEFORE_LAUNCH: Mapping[str, set[str]] = dict.fromkeys(PUBLIC, PARTY) | {
    "brand.name": TEAM, "campaign.title": TEAM, "track.title": TEAM, "person.name of Ana": HOUSE | {"artist"},
    "person.name of Ben": HOUSE,
}  # fmt: skip
MAY_BEFORE_SCREENING: Mapping[str, set[str]] = {
    "contribution.title": {"manager", "curator", "screener"}, "contribution.statement": {"manager"},
}  # fmt: skip


def may_see(sight: Sight) -> bool:
    """Whether this reader may be shown this; a field without a line in the table is for nobody."""
    return standing(sight) in allowed(sight.mark)


def allowed(mark: Mark) -> set[str]:
    """How one must stand to the mark's campaign to be shown it."""
    if mark.whose == BRIEF:
        return MAY_BEFORE_LAUNCH.get(mark.where) or MAY.get(mark.where, set())
    if mark.whose == WAITING:
        return MAY_BEFORE_SCREENING.get(mark.where, set())
    allowed_here = MAY.get(mark.where, set())
    if mark.whose == CALL:
        return allowed_here
    return allowed_here - WITHOUT_A_PART - (UNTIL_THE_CLOSE if mark.where in OF_CONTRIBUTIONS else set())


def standing(sight: Sight) -> str:
    """How the reader stands to the campaign that the mark belongs to."""
    whose = CALL if sight.mark.whose == WAITING else sight.mark.whose
    if sight.reader in ANYWHERE:
        return sight.reader
    if sight.reader in ("rival", "stranger"):
        own = {"rival": "client", "stranger": "artist"}[sight.reader]
        return own if whose == NEXT_TO[sight.place] else {"rival": "other brand", "stranger": "outsider"}[sight.reader]
    return sight.reader if whose == sight.place else "outsider"
