"""What must be true of judging at any moment: what the database has counted is what there is to count."""

from collections.abc import Sequence

from campaigns.core.words import said_later
from campaigns.ledger.checks import Invariant

INVARIANTS: Sequence[Invariant] = (
    Invariant(
        "tallies_are_counts",
        said_later("The tally of each contribution matches its reviewers and their scores."),
        """
        select t.contribution_id from tally t
        left join review_assignment a on a.contribution_id = t.contribution_id and a.released_at is null left join score s on
        s.assignment_id = a.id group by t.contribution_id
        having (t.reviewers, t.points, t.answers) <> (count(distinct a.id), coalesce(sum(s.value), 0), count(s.value))
        """,
    ),
    Invariant(
        "desks_are_counts",
        said_later("The tally of each curator matches their assignments and reviews."),
        """
        select d.curator_id from desk_tally d
        left join review_assignment a on (a.round_id, a.curator_id) = (d.round_id, d.curator_id)
        left join contribution w on w.id = a.contribution_id left join review r on r.assignment_id = a.id
        group by d.round_id, d.curator_id
        having (d.given, d.written, d.open, d.released) <> (
            count(a.id) filter (where a.released_at is null),
            count(r.assignment_id) filter (where a.released_at is null),
            count(a.id) filter (where a.released_at is null and r.assignment_id is null and w.state = 'screened_in'),
            count(a.id) filter (where a.released_at is not null)
        ) or d.last_at is distinct from max(coalesce(r.revised_at, r.submitted_at)) filter (where a.released_at is null)
        """,
    ),
)
