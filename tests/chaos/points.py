"""The named points at which a process is killed, each a function of the product's and on which side of it; and what is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

FLOW, RELAY, SWEEP, WEB = "flows.supervise.warm", "flows.relay", "flows.sweep", "api"
STRIPE, SENDGRID = "sandbox.stripe", "sandbox.sendgrid"


@dataclass(frozen=True, slots=True)
class Point:
    """`when` is before or after the function, or once the session that is its first argument has committed; `program` "" is any."""

    name: str
    module: str
    function: str
    when: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A function in whose place there is another of child/faults.py once, or of child/unguarded.py for as long as its guard is out."""

    name: str
    module: str
    function: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A program that does not come up again, before it has called the function with which it begins, until its outage is over."""

    name: str
    module: str
    function: str
    program: str


def _points(program: str, *rows: tuple[str, str, str, str]) -> tuple[Point, ...]:
    return tuple(Point(*row, program) for row in rows)


# In the middle of each stage's task.
IN_A_STAGE = _points(
    FLOW,
    ("brief.at_work", "flows.brief", "work", "after"),
    ("open_call.made_ready", "campaigns.open_call.renditions", "prepare", "after"),
    ("open_call.recorded", "campaigns.open_call.renditions", "record", "after"),
    ("collaboration.at_work", "flows.collaboration", "work", "after"),
    ("curation.at_work", "flows.curation", "work", "after"),
    ("client_delivery.made_showable", "campaigns.client_delivery.versions.renditions", "record", "before"),
    ("client_delivery.built", "campaigns.client_delivery.packages.actions", "build", "after"),
    ("client_delivery.handed_over", "campaigns.client_delivery.packages.actions", "record", "committed"),
    ("payout.drafted", "campaigns.payout.proposals.actions", "draft", "after"),
    ("payout.opened", "campaigns.payout.proposals.actions", "open_proposal", "committed"),
    ("payout.posting", "campaigns.payout.finalizations.actions", "post_final", "after"),
    ("payout.posted", "campaigns.payout.finalizations.actions", "post_final", "committed"),
)
# Between a move and its commit, between the commit and what tells of it, and on both sides of going to sleep.
MOVING = _points(
    FLOW,
    ("flow.moving", "campaigns.lifecycle", "move_on", "after"),
    ("flow.moved", "flows.engine", "tag", "before"),
    ("flow.suspending", "prefect.flow_runs", "suspend_flow_run", "before"),
    ("flow.suspended", "prefect.flow_runs", "suspend_flow_run", "after"),
)
# Between intent and act, and between act and record.
HANDLING = _points(
    RELAY,
    ("relay.claimed", "campaigns.core.outbox", "claim", "committed"),
    ("relay.recording", "campaigns.core.outbox", "mark_done", "after"),
    ("relay.to_wake", "flows.engine", "resume", "before"),
    ("relay.woke", "flows.engine", "resume", "after"),
    ("relay.started_flow", "flows.engine", "start", "after"),
    ("relay.wrote_emails", "workers.emails.announce", "enqueue_emails", "committed"),
    ("relay.to_send", "notifications.sendgrid_sender", "SendgridSender.send", "before"),
    ("relay.sent", "notifications.sendgrid_sender", "SendgridSender.send", "after"),
    ("relay.left_chunk", "notifications.sendgrid_sender", "SendgridSender.send_chunk", "after"),
    ("relay.made_invoice", "campaigns.payments.stripe_gateway", "StripeGateway.create_invoice", "after"),
    ("relay.made_refund", "campaigns.payments.stripe_gateway", "StripeGateway.refund", "after"),
    ("relay.made_account", "campaigns.payments.stripe_gateway", "StripeGateway.create_account", "after"),
)
REPAIRING = _points(
    SWEEP,
    ("sweep.before_run", "flows.engine", "start", "before"),
    ("sweep.started_run", "flows.engine", "start", "after"),
    ("sweep.noted_run", "flows.engine", "bury", "before"),
    ("sweep.restarted_payouts", "campaigns.payout.runs.actions", "start_sending", "after"),
    ("sweep.settled_emails", "workers.emails.outcomes", "settle_unknown", "after"),
)
ANSWERING = _points(
    WEB,
    ("web.not_committed", "campaigns.core.idempotency", "keep_answer", "after"),
    ("web.answer_lost", "campaigns.core.idempotency", "keep_answer", "committed"),
    ("web.deciding", "campaigns.client_delivery.versions.actions", "decide", "after"),
    ("web.decided", "campaigns.client_delivery.versions.actions", "decide", "committed"),
    ("web.completed", "campaigns.collaboration.actions", "complete", "committed"),
    ("web.took_event", "campaigns.core.inbox", "receive", "committed"),
    ("web.maker_confirmed", "campaigns.open_call.makers.actions", "confirm_part", "committed"),
    ("web.source_confirmed", "campaigns.collaboration.claims.actions", "confirm", "committed"),
    ("web.version_maker_confirmed", "campaigns.client_delivery.makers.actions", "confirm_version", "committed"),
)
# From the first request for a file to the answer for its last byte.
UPLOADING = _points(
    WEB,
    ("upload.begun", "campaigns.open_call.uploads", "begin", "committed"),
    ("upload.safe", "workers.open_call.upload_writers", "UploadWriter.make_safe", "after"),
    ("upload.to_prove", "workers.open_call.uploads", "_conclude", "before"),
    ("upload.proven", "workers.open_call.uploads", "_conclude", "after"),
)
PAYING = _points(
    FLOW,
    ("payout_run.quoted", "campaigns.payout.runs.actions", "quote_payouts", "after"),
    ("payout_run.waiting", "workers.payout.sending", "Pace.wait", "before"),
    ("payout_run.claimed", "campaigns.payout.runs.payouts", "claim_payouts", "committed"),
    ("payout_run.to_transfer", "campaigns.payments.stripe_gateway", "StripeGateway.transfer", "before"),
    ("payout_run.transferred", "campaigns.payments.stripe_gateway", "StripeGateway.transfer", "after"),
    ("payout_run.recording", "campaigns.payout.runs.payouts", "record_outcomes", "after"),
    ("payout_run.recorded", "campaigns.payout.runs.payouts", "record_outcomes", "committed"),
    ("payout_run.closed", "campaigns.payout.runs.payouts", "close_run", "committed"),
)
PLAYING = (
    Point("stripe.saving", "sandbox.stripe.idempotency", "save_answer", "after", STRIPE),
    Point("stripe.asked", "sandbox.stripe.pipeline", "answer", "before", STRIPE),
    Point("stripe.answering", "sandbox.stripe.pipeline", "answer", "after", STRIPE),
    Point("sendgrid.taking", "sandbox.sendgrid.message", "check", "after", SENDGRID),
    Point("sendgrid.delivering", "sandbox.sendgrid.delivery", "deliver_due", "after", SENDGRID),
)
POINTS: Sequence[Point] = (*IN_A_STAGE, *MOVING, *HANDLING, *REPAIRING, *ANSWERING, *UPLOADING, *PAYING, *PLAYING)
NAMES = tuple(point.name for point in POINTS)
FAULTS: Sequence[Replaced] = (
    Replaced("stripe fails", "sandbox.stripe.pipeline", "_act", "broken"),
    Replaced("stripe answers late", "sandbox.stripe.pipeline", "answer", "slow"),
    Replaced("stripe answers 429", "sandbox.stripe.limiter", "BucketLimiter.admit", "too_many_at_stripe"),
    Replaced("stripe reports twice", "sandbox.stripe.deliveries", "_received", "twice"),
    Replaced("stripe reports later", "sandbox.stripe.deliveries", "_received", "later"),
    Replaced("sendgrid fails", "sandbox.sendgrid.message", "check", "broken"),
    Replaced("sendgrid answers 429", "sandbox.sendgrid.calls", "WindowLimiter.count", "too_many_at_sendgrid"),
    Replaced("sendgrid reports twice", "sandbox.sendgrid.webhook", "_is_taken", "twice"),
    Replaced("sendgrid reports later", "sandbox.sendgrid.webhook", "_is_taken", "later"),
)
GUARDS: Sequence[Replaced] = (
    Replaced("stripes_key", "campaigns.payout.runs.payouts", "key_of", "another_each_time"),
    Replaced("our_key", "campaigns.core.idempotency", "take_key", "never_taken"),
    Replaced("our_kept_answer", "campaigns.core.idempotency", "keep_answer", "not_kept"),
    Replaced("lease", "workers.payout.sending", "fence", "never_lapsed"),
    Replaced("generation", "flows.pulse", "fence", "never_lapsed"),
    Replaced("visit", "campaigns.collaboration.actions", "complete", "any_visit"),
    Replaced("outbox", "campaigns.core.outbox", "claim", "kept_when_taken"),
    Replaced("refunds_key", "campaigns.payments.stripe_gateway", "StripeGateway.refund", "key_each_time"),
    Replaced("invoices_key", "campaigns.payments.stripe_gateway", "StripeGateway.create_invoice", "key_each_time"),
    Replaced("accounts_key", "campaigns.payments.stripe_gateway", "StripeGateway.create_account", "key_each_time"),
    Replaced("look_up", "campaigns.payout.runs.payouts", "must_look", "never"),
    Replaced("pulse", "flows.pulse", "pulse", "no_pulse"),
    Replaced("inbox_key", "campaigns.core.inbox", "receive", "received_each_time"),
    Replaced("journals_key", "campaigns.ledger.actions", "_open_journal", "journal_each_time"),
    Replaced("runs_generation", "campaigns.payout.runs.payouts", "claim_payouts", "in_any_generation"),
    Replaced("attempt", "campaigns.payout.runs.payouts", "_record_others", "of_any_attempt"),
    Replaced("relays_lease", "campaigns.core.outbox", "claim", "without_a_lease"),
    Replaced("wait_for_word", "workers.emails.sending", "wait_for_word", "no_wait"),
)
OUTAGES: Sequence[Outage] = (
    Outage("stripe is away", "sandbox.stripe.tables", "create_tables", STRIPE),
    Outage("sendgrid is away", "sandbox.sendgrid.tables", "create_tables", SENDGRID),
)
