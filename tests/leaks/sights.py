"""Who may be shown what somebody wrote: for each planted field, how a reader must stand to the campaign that it belongs to."""

from collections.abc import Mapping

from tests.leaks.people import NAMED
from tests.leaks.planted import Mark
from tests.leaks.walk import Sight
from tests.leaks.world import (
    AGAIN,
    BETWEEN,
    BRIEF,
    CALL,
    DESK,
    DONE,
    FEES,
    FINAL,
    GONE,
    HALT,
    JOIN,
    NEXT_TO,
    PAY,
    PLACES,
    READY,
    ROOM,
    UNSHOWN,
    WAITING,
    WINDOW,
    home,
    named_in,
)

# How one stands whose role is the same for every campaign; a token's reader stands as what the token reaches.
ANYWHERE: Mapping[str, set[str]] = {
    "operator": {"operator"}, "finance": {"finance"}, "operator-finance": {"operator", "finance"}, "guest": {"guest"},
    "beyond": {"guest"}, "ended": {"ended"},
}  # fmt: skip
# How one stands to the own campaign whose name is another than that; each artist also stands as themselves.
HERE: Mapping[str, set[str]] = {
    "artist": {"artist", "ana"}, "scoped": {"manager"}, "manager-curator": {"manager", "curator", "screener"},
    NAMED: {"outsider", "nico"},
}  # fmt: skip
# How one stands to the campaign next to the one that is asked about, and to all others.
NEXT: Mapping[str, set[str]] = {
    "rival": {"client", "signer", "approver"}, "stranger": {"artist", "ana"}, "approver-artist": {"approver", "outsider"},
}  # fmt: skip
ELSEWHERE = {"rival": "other brand"}
# How those stand who have a role in each of two campaigns: a curator who was asked to judge nothing, a manager, and the artists.
OF_TWO: Mapping[str, Mapping[str, set[str]]] = {
    "curator-artist": {DESK: {"screener", "outsider", "cara"}, PAY: {"artist", "cara"}},
    "manager-artist": {DESK: {"manager", "outsider", "mona"}, PAY: {"artist", "mona"}},
}
# Whoever runs a campaign with kill fees reads who on staff got emails about them, and confirmed that it was cancelled.
NAMES_OF_STAFF = {f"person.name of {name}" for name in ("Femi", "Fin", "Flo", "Mara", "Otto")}
RUNNING_IT = {"manager", "manager-curator", "scoped"}
SYSTEM = {"operator", "finance"}
RUN = SYSTEM | {"manager"}
BRAND = {"client", "signer", "approver"}
# These are no artists by themselves, so that elsewhere they look with nobody's eyes.
NO_ARTISTS = BRAND | {"manager", "manager-curator", "scoped"}
PARTY = BRAND | {"manager", "finance"}
MAKING = {"manager", "editor", "leader", "approver"}
CHOOSING = {"manager", "leader", "editor", "approver"}
TEAM = RUN | BRAND | {"editor", "leader", "curator", "screener"}
SIGHTED = RUN | BRAND | {"editor", "leader", "artist", "outsider"}
SIGNED_IN = SIGHTED | {"curator", "screener"}
EVERYONE = SIGNED_IN | {"other brand", "guest", "ended"}
# For whom a campaign is there only while it takes contributions, and who looks at its contributions only until then.
WITHOUT_A_PART, UNTIL_THE_CLOSE = {"other brand", "guest", "ended"}, {"outsider"}
# Who sees contributions that stay published: everyone who is signed in.
PUBLISHED_TO = SIGNED_IN | {"other brand"}
SHARED_WITH = {"manager", "finance", "editor", "leader", "artist"}

PUBLIC = (
    "brand.name", "brief.asked_for", "brief.do_list", "brief.dont_list", "brief.story", "campaign.title", "deliverable.format",
    "deliverable.length", "deliverable.title",
)  # fmt: skip
OF_CONTRIBUTIONS = (
    "contribution.title", "contribution.statement", "person.name of Ana", "person.name of Ben", "person.name of Cara",
    "person.name of Mona",
)  # fmt: skip
# What whoever is only named as a maker of a contribution is shown of it.
OF_NAMED = ("contribution.title", "contribution.statement")
MAY: Mapping[str, set[str]] = dict.fromkeys(PUBLIC, EVERYONE) | {
    "annotation.words": MAKING, "assessment.due_because": RUN | SHARED_WITH, "brand.billing_email": RUN | BRAND,
    "cancellation.reason": TEAM,
    "campaign.pause_reason": TEAM | {"artist"}, "contribution.statement": SIGHTED, "contribution.title": SIGNED_IN,
    "criterion.name": SIGNED_IN, "criterion.question": SIGNED_IN, "version.note": {"editor", "manager"},
    "review_decision.note": MAKING | SYSTEM,
    "dispute_file.name": {"finance"},
    "event.reason": TEAM, "invoice.po_number": PARTY, "selection_outcome.reason": CHOOSING | {"artist"}, "outside_material.licence": MAKING,
    "outside_material.origin": MAKING, "outside_material.title": MAKING, "payout_account.provider_id": {"finance"},
    "payout_account.reason": {"ana"}, "payout_hold.reason": {"finance"}, "payout_run.reason": {"finance"},
    "selected_contribution.reason": {"manager"},
    "points.reason": SHARED_WITH,
    "proposal_comment.claim": SHARED_WITH, "proposal_comment.evidence": SHARED_WITH, "question.text": {"ana", "manager"},
    "receipt.reference": PARTY, "selection.common_reason": CHOOSING | {"artist"}, "review.reason": {"curator", "manager"},
    "person.email of ana": SYSTEM | {"ana"}, "person.email of ben": SYSTEM,
    "person.email of arno": RUN | BRAND, "person.email of clara": RUN | BRAND, "person.email of noor": RUN | BRAND,
    "person.email of prue": RUN | BRAND, "person.email of signer": RUN | BRAND, "person.email of sila": RUN | BRAND,
    "person.email of cleo": RUN | {"curator"}, "person.email of edda": RUN | {"editor"}, "person.email of femi": SYSTEM,
    "person.email of fin": SYSTEM, "person.email of flo": SYSTEM, "person.email of lea": RUN | {"leader"}, "person.email of mara": RUN,
    "person.email of max": RUN, "person.email of mick": RUN, "person.email of oda": SYSTEM, "person.email of otto": SYSTEM,
    "person.email of scott": RUN | {"screener"},
    "person.name of Nico": {"nico", "finance"}, "person.email of nico": {"nico", "ana", "operator"},
    "person.name of Ana": SIGHTED | {"nico"}, "person.name of Ben": SIGHTED, "person.name of Arno": RUN | BRAND | MAKING,
    "person.name of Clara": RUN | BRAND, "person.name of Noor": RUN | BRAND | MAKING, "person.name of Prue": RUN | BRAND | MAKING,
    "person.name of Signer": RUN | BRAND, "person.name of Sila": RUN | BRAND,
    "person.name of Cleo": RUN | {"curator"}, "person.name of Edda": RUN | MAKING, "person.name of Femi": RUN | BRAND,
    "person.name of Fin": SYSTEM, "person.name of Flo": SYSTEM, "person.name of Lea": RUN | {"leader"}, "person.name of Mara": TEAM,
    "person.name of Max": RUN, "person.name of Mick": RUN, "person.name of Oda": SYSTEM, "person.name of Otto": SYSTEM,
    "person.name of Scott": RUN | {"screener"},
}  # fmt: skip
# As long as nobody outside knows of a campaign, of a contribution, and as long as the brand was not shown a version.
MAY_BEFORE_LAUNCH: Mapping[str, set[str]] = dict.fromkeys(PUBLIC, PARTY) | {
    "brand.name": TEAM, "campaign.title": TEAM, "deliverable.title": TEAM, "person.name of Ana": SYSTEM | {"ana"},
    "person.name of Ben": SYSTEM, "person.name of Prue": TEAM, "person.name of Signer": TEAM, "person.name of Sila": TEAM,
}  # fmt: skip
MAY_BEFORE_SCREENING: Mapping[str, set[str]] = {
    "contribution.title": {"manager", "curator", "screener"}, "contribution.statement": {"manager"},
}  # fmt: skip
MAY_BEFORE_SHOWING: Mapping[str, set[str]] = {
    "version.note": {"manager", "editor"}, "outside_material.licence": {"manager", "editor"},
    "outside_material.origin": {"manager", "editor"}, "outside_material.title": {"manager", "editor"},
}  # fmt: skip
# Of those who send contributions to one campaign and have a role in another, by the campaign's place.
MAY_BETWEEN: Mapping[str, Mapping[str, set[str]]] = {
    PAY: {
        "person.name of Cara": SIGHTED, "person.name of Mona": SIGHTED,
        "person.email of cara": SYSTEM | {"cara"}, "person.email of mona": SYSTEM | {"mona"},
    },
    DESK: {
        "person.name of Cara": RUN | {"cara"}, "person.name of Mona": RUN | {"mona"},
        "person.email of cara": RUN | {"cara"}, "person.email of mona": RUN | {"mona"},
    },
}  # fmt: skip
# What emails say beside: why it was cancelled to those who took part, and to the brand why money comes back.
MAY_IN_EMAILS: Mapping[str, set[str]] = {"cancellation.reason": {"artist"}, "refund.reason": BRAND}
# What whoever judges is not told by any other role of theirs, until all is chosen.
BLIND = {
    "contribution.statement", "person.name of Ana", "person.name of Ben", "person.email of ana", "person.email of ben",
}  # fmt: skip
ALL_IS_CHOSEN = (ROOM, AGAIN, GONE, WINDOW, FINAL, PAY, DONE, FEES)


def may_see(sight: Sight) -> bool:
    """Whether this reader may be shown this; a field without a line in the table is for nobody."""
    if sight.place == FEES and sight.reader in RUNNING_IT and sight.mark.where in NAMES_OF_STAFF:
        return True
    if sight.mark.whose == BETWEEN:
        return any(
            _may_see(sight, place, allowed_in(place, may.get(sight.mark.where, set()), sight.mark)) for place, may in MAY_BETWEEN.items()
        )
    return _may_see(sight, place_of(sight.mark), allowed(sight.mark))


def place_of(mark: Mark) -> str:
    """The place that a mark's campaign is in."""
    return {WAITING: CALL, UNSHOWN: ROOM, **{named_in(place): place for place in PLACES}}.get(mark.whose, mark.whose)


def _may_see(sight: Sight, whose: str, may: set[str]) -> bool:
    return not standing(sight, whose).isdisjoint(may) and not (_judges(sight, whose) and sight.mark.where in BLIND)


def _judges(sight: Sight, whose: str) -> bool:
    return sight.reader == "manager-curator" and whose == home(sight.place) and whose not in ALL_IS_CHOSEN


def may_read(sight: Sight) -> bool:
    """Whether an email may say this to this reader."""
    return may_see(sight) or not standing(sight, place_of(sight.mark)).isdisjoint(MAY_IN_EMAILS.get(sight.mark.where, set()))


def allowed(mark: Mark) -> set[str]:
    """How one must stand to the mark's campaign to be shown it."""
    if mark.whose in (BRIEF, READY):
        return MAY_BEFORE_LAUNCH.get(mark.where) or MAY.get(mark.where, set())
    if mark.whose == WAITING:
        return MAY_BEFORE_SCREENING.get(mark.where, set())
    if mark.whose == UNSHOWN:
        return MAY_BEFORE_SHOWING.get(mark.where, set())
    place = place_of(mark)
    is_theirs = mark.whose != place and mark.where in OF_NAMED
    return allowed_in(place, MAY.get(mark.where, set()), mark) | ({"nico"} if is_theirs else set())


def allowed_in(place: str, may: set[str], mark: Mark) -> set[str]:
    """Of those who may, those for whom it is there in this state of the campaign."""
    if place in (CALL, JOIN, HALT):
        return may
    if place == FINAL:
        return may | (PUBLISHED_TO if mark.where in OF_CONTRIBUTIONS else set())
    return may - WITHOUT_A_PART - (UNTIL_THE_CLOSE if mark.where in OF_CONTRIBUTIONS else set())


def standing(sight: Sight, whose: str) -> set[str]:
    """How the reader stands to the campaign of this place, in each of their roles."""
    reader, here = sight.reader, home(sight.place)
    if reader in ANYWHERE:
        return ANYWHERE[reader]
    if reader in OF_TWO:
        return OF_TWO[reader].get(whose, {"outsider"})
    if reader in NEXT:
        return NEXT[reader] if whose == NEXT_TO[sight.place] else {ELSEWHERE.get(reader, "outsider")}
    if whose != here:
        return {"other brand"} if reader in NO_ARTISTS else {"outsider"}
    return HERE.get(reader, {reader})
