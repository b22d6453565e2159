"""The table of all actions: a line for each route that a page's form is sent to."""

from campaigns.core.stages import Stage
from tests.browser import readied
from tests.browser import readied_at_the_door as at_the_door
from tests.browser.deed import Deed

BRIEF, CALL, BUILD, JUDGE, DELIVER, PAY = (
    Stage.BRIEF, Stage.OPEN_CALL, Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY, Stage.PAYOUT,
)  # fmt: skip
WHY = {"reason": "It has a voice of its own."}
CONTRIBUTION = {"title": "Paper boats", "text": "Every spring we fold them.", "licence_version": "2026-01"}
BRAND = "/brands/{brand_id}"
CAMPAIGN = "/campaigns/{campaign_id}"
DELIVERABLE = "/deliverables/{deliverable_id}"
DISPUTE = "/disputes/{dispute_id}"
NEW_QUESTION = "Each question is another: the one before counts no more."

AT_THE_DOOR = (
    Deed("/sign-in", "/sign-in", "guest", typed={"email": "nobody@example.org"}, answer=200, anew="Each email carries a link of its own."),
    Deed("/sign-in/passkey/question", "/sign-in", "guest", answer=200, anew=NEW_QUESTION),
    Deed("/sign-in/passkey", "/sign-in", "guest", typed={"answer": "{at_the_door}"}, ready=at_the_door.passkey_added),
    Deed("/sign-in/{secret}", "/sign-in/{secret}", "guest", ready=at_the_door.link_sent),
    Deed("/sign-out", "/me", "artist"),
    Deed("/unsubscribe/{token}", "/unsubscribe/{token}", "guest", ready=at_the_door.email_sent, answer=200),
    Deed("/sandbox/clock", "/sandbox", "guest", button="14"),
    Deed("/sandbox/be", "/sandbox", "guest", typed={"role": "manager"}, anew="Each time is a sign-in, which ends the one before."),
)
ONES_OWN = (
    Deed("/me", "/me", "artist", typed={"name": "Ana Quispe"}),
    Deed("/me/artist", "/me", "manager"),
    Deed("/me/emails", "/me", "artist", typed={"announcement": []}),
    Deed("/notifications/dismissed", "/notifications", "artist", ready=at_the_door.email_sent),
    Deed("/notifications/back", "/notifications/dismissed", "artist", ready=at_the_door.email_dismissed),
    Deed("/me/sessions/others/end", "/me/sessions", "artist", ready=at_the_door.session_elsewhere),
    Deed("/me/sessions/{key}/end", "/me/sessions", "artist", ready=at_the_door.session_elsewhere),
    Deed(
        "/me/tokens", "/me/tokens/new", "artist", typed={"name": "Import", "scopes": ["*"]}, answer=200, anew="Each secret is shown once."
    ),
    Deed("/me/tokens/{token_id}/end", "/me/sessions", "artist", ready=at_the_door.token_issued),
    Deed("/me/sign-in/passkeys/question", "/me/sign-in", answer=200, anew=NEW_QUESTION),
    Deed("/me/sign-in/passkeys", "/me/sign-in", typed={"answer": "{passkey}", "name": "My phone"}, ready=at_the_door.passkey_asked_for),
    Deed("/me/sign-in/passkeys/{passkey_id}/remove", "/me/sign-in", ready=at_the_door.passkey_added),
    Deed("/me/sign-in/app", "/me/sign-in", anew="An app that was never confirmed gets another secret."),
    Deed("/me/sign-in/app/confirm", "/me/sign-in/app", typed={"code": "{code}"}, ready=at_the_door.app_begun),
    Deed("/me/sign-in/app/remove", "/me/sign-in", ready=at_the_door.app_added),
    Deed("/prove", "/prove", typed={"code": "{code}"}, ready=at_the_door.app_added),
    Deed("/prove/passkey/question", "/prove", ready=at_the_door.passkey_added, answer=200, anew=NEW_QUESTION),
    Deed("/prove/passkey", "/prove", typed={"answer": "{passkey}"}, ready=at_the_door.passkey_added),
    Deed("/payout/onboarding", "/payout/onboarding", "artist", PAY),
    Deed("/me/payout-account", "/me/money", "artist", DELIVER, ready=readied.payable_again),
)
OPERATING = (
    Deed("/status/people", "/status/people", "operator", typed={"email": "fin@example.org", "role": "finance"}),
    Deed("/status/people/{staff_role_id}/end", "/status/people", "operator", ready=at_the_door.appointed),
    Deed("/appointments/{appointment_id}/confirm", "/appointments/{appointment_id}", "finance", ready=at_the_door.role_asked),
    Deed("/appointments/{appointment_id}/stop", "/appointments/{appointment_id}", "finance", ready=at_the_door.role_asked),
    Deed("/status/failed/retry", "/status/failed", "operator", ready=at_the_door.message_failed),
    Deed("/status/failed/{message_id}/retry", "/status/failed", "operator", ready=at_the_door.message_failed),
)
RUNNING = (
    Deed("/campaigns/{campaign_id}/remind", CAMPAIGN, stage=JUDGE),
    Deed("/campaigns/{campaign_id}/pause", f"{CAMPAIGN}/pause", typed=WHY),
    Deed("/campaigns/{campaign_id}/resume", CAMPAIGN, ready=readied.paused),
    Deed(
        "/campaigns/{campaign_id}/extend",
        f"{CAMPAIGN}/extend",
        typed=WHY | {"closes_at": "{later}"},
        ready=readied.some_days_on,
    ),
    Deed("/campaigns/{campaign_id}/cancel", f"{CAMPAIGN}/cancel", typed=WHY),
    Deed("/campaigns/{campaign_id}/cancel/confirm", f"{CAMPAIGN}/cancel", "finance", ready=readied.cancellation_asked),
    Deed("/campaigns/{campaign_id}/cancel/keep", f"{CAMPAIGN}/cancel", ready=readied.cancellation_asked),
    Deed("/campaigns/{campaign_id}/people", f"{CAMPAIGN}/people", typed={"email": "edit@example.org", "role": "editor"}),
    Deed("/campaigns/{campaign_id}/people/{role_id}/end", f"{CAMPAIGN}/people"),
    Deed("/deliverables/{deliverable_id}/send-back", f"{DELIVERABLE}/send-back", stage=DELIVER, typed=WHY | {"to": "curation"}),
    Deed(
        "/deliverables/{deliverable_id}/extend",
        f"{DELIVERABLE}/extend",
        stage=BUILD,
        typed=WHY | {"closes_at": "{later}"},
        ready=readied.a_month_on,
    ),
    Deed("/deliverables/{deliverable_id}/complete", CAMPAIGN, stage=BUILD),
)
WRITING = (
    Deed("/campaigns/new", "/campaigns/new", typed={"title": "Windows at dusk"}),
    Deed("/brands/new", "/brands/new", typed={"name": "Lumen", "sign_off_roles": "legal"}),
    Deed("/brands/{brand_id}/people", f"{BRAND}/people", "administrator", typed={"email": "noor@zappos.example", "role": "approver"}),
    Deed("/brands/{brand_id}/people/{brand_role_id}/end", f"{BRAND}/people", "administrator", ready=at_the_door.appointed_by_the_brand),
    Deed("/brands/{brand_id}/administrators", f"{BRAND}/people", typed={"email": "ada@zappos.example"}),
    Deed("/brands/{brand_id}/administrators/{request_id}/withdraw", f"{BRAND}/people", ready=at_the_door.administrator_asked),
    Deed("/administrators/{secret}", "/administrators/{secret}", "guest", ready=at_the_door.administrator_asked),
    Deed("/brands/{brand_id}/edit", f"{BRAND}/edit", typed={"name": "Zappos Retail"}),
    Deed("/brands/{brand_id}/billing/objection", f"{BRAND}/billing", "formerly_billed", Stage.CANCELLED),
    Deed("/brands/{brand_id}/merge", f"{BRAND}/merge?into={{into}}", ready=at_the_door.brand_there_twice),
    Deed("/campaigns/{campaign_id}/brief/words", f"{CAMPAIGN}/brief/words", stage=BRIEF, typed={"story": "Another story."}),
    Deed("/campaigns/{campaign_id}/brief/dates", f"{CAMPAIGN}/brief/dates", stage=BRIEF, typed={"time_zone": "America/Denver"}),
    Deed("/campaigns/{campaign_id}/brief/currency", f"{CAMPAIGN}/brief/deliverables", stage=BRIEF, typed={"currency": "EUR"}),
    Deed("/campaigns/{campaign_id}/brief/pay", f"{CAMPAIGN}/brief/pay", stage=BRIEF, typed={"assembly": "31"}),
    Deed("/campaigns/{campaign_id}/brief/fees", f"{CAMPAIGN}/brief/fees", stage=BRIEF, typed={"fee_bps": "9"}),
    Deed("/campaigns/{campaign_id}/brief/terms", f"{CAMPAIGN}/brief/terms", stage=BRIEF, typed={"ai_training": "true"}),
    Deed(
        "/campaigns/{campaign_id}/brief/deliverables", f"{CAMPAIGN}/brief/deliverables", stage=BRIEF,
        typed={"title": "A poster", "kind": "picture", "format": "A2", "length": "one side", "price": "500"},
    ),
    Deed(
        "/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}", f"{CAMPAIGN}/brief/deliverables/{{deliverable_id}}", stage=BRIEF,
        typed={"title": "A longer film"},
    ),
    Deed(
        "/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}/remove", f"{CAMPAIGN}/brief/deliverables/{{deliverable_id}}",
        stage=BRIEF,
    ),
    Deed("/campaigns/{campaign_id}/brief/sign", f"{CAMPAIGN}/brief/sign", "legal", BRIEF),
    Deed("/campaigns/{campaign_id}/brief/launch", f"{CAMPAIGN}/brief", stage=BRIEF, ready=readied.funded),
)  # fmt: skip
FUNDING = (
    Deed("/campaigns/{campaign_id}/funding/invoice", f"{CAMPAIGN}/funding/invoice", stage=BRIEF),
    Deed(
        "/campaigns/{campaign_id}/funding/invoices/{invoice_id}/withdraw", f"{CAMPAIGN}/funding", stage=BRIEF, ready=readied.invoice_open,
    ),
    Deed(
        "/campaigns/{campaign_id}/funding/receipt", f"{CAMPAIGN}/funding/receipt", stage=BRIEF,
        typed={"reference": "WIRE 1", "received_on": "2026-01-02"},
    ),
    Deed(
        "/campaigns/{campaign_id}/funding/receipts/{receipt_id}/confirm", f"{CAMPAIGN}/funding", "finance", BRIEF,
        ready=readied.receipt_recorded,
    ),
    Deed("/campaigns/{campaign_id}/funding/advance", f"{CAMPAIGN}/funding/advance", "finance", BRIEF, WHY, ready=readied.signed),
    Deed(
        "/campaigns/{campaign_id}/funding/refunds/{part_id}", f"{CAMPAIGN}/funding/refunds/{{part_id}}", "finance", Stage.CANCELLED,
        {"reference": "OUT 1"},
    ),
    Deed(
        "/campaigns/{campaign_id}/funding/refunds/{part_id}/again", f"{CAMPAIGN}/funding", "finance", Stage.CANCELLED,
        ready=readied.refund_stuck,
    ),
)  # fmt: skip
CALLING = (
    Deed("/calls/{campaign_id}/contributions/publish", "/calls/{campaign_id}/contributions"),
    Deed("/calls/{campaign_id}/contributions/unpublish", "/calls/{campaign_id}/contributions", ready=readied.contributions_published),
    Deed("/calls/{campaign_id}/contribute", "/calls/{campaign_id}/contribute", "artist", typed=CONTRIBUTION),
    Deed("/calls/{campaign_id}/questions", "/calls/{campaign_id}", "artist", typed={"text": "May it be a song?"}),
    Deed("/questions/{question_id}/answer", "/calls/{campaign_id}", typed={"answer": "It may."}, ready=readied.question_asked),
    Deed("/me/contributions/{contribution_id}/confirmation", "/me/contributions/{contribution_id}", "artist", ready=readied.maker_named),
    Deed("/me/contributions/{contribution_id}/decline", "/me/contributions/{contribution_id}", "artist", ready=readied.maker_named),
    Deed(
        "/me/contributions/{contribution_id}/unconfirmed-makers",
        "/me/contributions/{contribution_id}",
        "other_artist",
        ready=readied.maker_named,
    ),
    Deed("/campaigns/{campaign_id}/credits/{contribution_id}", f"{CAMPAIGN}/credits", ready=readied.maker_named),
    Deed("/me/contributions/{contribution_id}/withdrawal", "/me/contributions/{contribution_id}", "artist"),
    Deed("/contributions/{contribution_id}/screening", f"{CAMPAIGN}/screening", typed=WHY, holds="no"),
    Deed("/contributions/{contribution_id}/screening/undo", f"{CAMPAIGN}/screening", "curator", ready=readied.contribution_screened),
    Deed(
        "/contributions/{contribution_id}/preparation",
        f"{CAMPAIGN}/screening?contribution={{contribution}}",
        ready=readied.contribution_unshowable,
    ),
)
BUILDING = (
    Deed("/contributions/{contribution_id}/remix", "/contributions/{contribution_id}/remix", "artist", BUILD, CONTRIBUTION),
    Deed("/contributions/{contribution_id}/claim", "/contributions/{contribution_id}/claim", "artist", BUILD,
    {"other": "Lantern street 1"}),
    Deed("/sources/{contribution_id}/{source_id}/confirm", "/me/claims", "other_artist", BUILD),
    Deed(
        "/sources/{contribution_id}/{source_id}/decline", "/sources/{newer}/{older}", "other_artist", BUILD, WHY, ready=readied.claim_open,
    ),
    Deed(
        "/sources/{contribution_id}/{source_id}/decide", "/sources/{newer}/{older}", "curator", BUILD, WHY | {"counts": "yes"},
        ready=readied.claim_open,
    ),
    Deed("/contributions/{contribution_id}/wrapper", "/contributions/{contribution_id}", "curator", BUILD, WHY | {"is_wrapper": "yes"}),
)  # fmt: skip
JUDGING = (
    Deed("/desk/{assignment_id}", "/desk/{assignment_id}", "curator", JUDGE, WHY | {"score-*": "4"}),
    Deed("/desk/{assignment_id}/undo", "/desk/{assignment_id}", "curator", JUDGE, ready=readied.contribution_judged),
    Deed("/desk/{assignment_id}/conflict", "/desk/{assignment_id}", "curator", JUDGE),
    Deed("/deliverables/{deliverable_id}/selection/contributions/{contribution_id}", f"{DELIVERABLE}/selection", stage=JUDGE, typed=WHY,
    button="choose"),
    Deed("/deliverables/{deliverable_id}/selection", f"{DELIVERABLE}/selection", stage=JUDGE, typed={"common_reason": "Not this time."}),
    Deed("/campaigns/{campaign_id}/curation/ask", f"{CAMPAIGN}/curation", stage=JUDGE),
    Deed(
        "/campaigns/{campaign_id}/curation/rubric", f"{CAMPAIGN}/curation/rubric", stage=JUDGE,
        typed={"name": ["Warmth"], "question": ["Does it warm?"]},
    ),
)  # fmt: skip
DELIVERING = (
    Deed(
        "/deliverables/{deliverable_id}/versions/new", f"{DELIVERABLE}/versions/new", "editor", DELIVER, {"text": "Once, in December."},
    ),
    Deed(
        "/versions/{version_id}/outside/{material_id}/licence", "/versions/{version}", "editor", DELIVER, {"licence": "7"},
        ready=readied.version_unlicensed,
    ),
    Deed("/versions/{version_id}/internal-approval", "/versions/{version}", stage=DELIVER, ready=readied.version_made),
    Deed("/versions/{version_id}/notes", "/versions/{version}", "approver", DELIVER, {"words": "Warmer."}, ready=readied.version_presented),
    Deed("/notes/{note_id}/done", "/versions/{version}", "editor", DELIVER, ready=readied.note_before_a_later_version),
    Deed("/notes/{note_id}/let-go", "/versions/{version}", "approver", DELIVER, ready=readied.note_written),
    Deed("/notes/{note_id}/open", "/versions/{version}", "approver", DELIVER, ready=readied.note_let_go),
    Deed("/me/versions/{version_id}/confirmation", "/me/versions", "artist", DELIVER, ready=readied.version_naming_artist),
    Deed("/me/versions/{version_id}/decline", "/me/versions", "artist", DELIVER, ready=readied.version_naming_artist),
    Deed("/versions/{version_id}/unconfirmed-makers", "/versions/{version}", "editor", DELIVER, ready=readied.version_naming_artist),
    Deed("/versions/{version_id}/package/again", "/versions/{version}", stage=DELIVER, ready=readied.package_stopped),
    Deed("/versions/{version_id}/decision", "/versions/{version}", "approver", DELIVER, holds="approved", ready=readied.version_presented),
)  # fmt: skip
SHARING = (
    Deed(
        "/deliverables/{deliverable_id}/assessment",
        f"{DELIVERABLE}/assessment",
        stage=PAY,
        typed={"contributions.*.points": "3", "contributions.*.reason": "So."},
    ),
    Deed("/deliverables/{deliverable_id}/proposals", "/proposals/{proposal_id}", stage=PAY, typed=WHY, ready=readied.comment_accepted),
    Deed("/proposals/{proposal_id}/what-if", "/proposals/{proposal_id}/what-if", "artist", PAY, {"points.*": "3"}),
    Deed("/proposals/{proposal_id}/comments", "/proposals/{proposal_id}", "artist", PAY, {"claim": "It is more.", "evidence": "The call."}),
    Deed("/comments/{comment_id}/disposition", "/comments/{comment_id}", stage=PAY, typed=WHY | {"disposition": "declined"}),
    Deed("/proposals/{proposal_id}/finalization", "/proposals/{proposal_id}", "finance", PAY, ready=readied.window_over),
)
PAYING = (
    Deed("/runs", "/runs/new", "finance", PAY, ready=readied.run_given_up),
    Deed("/runs/{run_id}/release", "/runs/{run_id}", "finance", PAY),
    Deed("/runs/{run_id}/discard", "/runs/{run_id}", "finance", PAY, WHY),
    Deed("/runs/{run_id}/pause", "/runs/{run_id}", "finance", PAY, WHY, ready=readied.run_released),
    Deed("/runs/{run_id}/resume", "/runs/{run_id}", "finance", PAY, ready=readied.run_paused),
    Deed("/runs/{run_id}/top-up", "/runs/{run_id}", "finance", PAY, {"amount": "1000"}, ready=readied.run_short),
    Deed("/runs/{run_id}/payouts/{payout_id}/again", "/runs/{run_id}", "finance", PAY, ready=readied.payments_refused),
    Deed("/runs/{run_id}/again", "/runs/{run_id}", "finance", PAY, ready=readied.payments_refused),
    Deed("/runs/limits", "/runs/limits", "finance", PAY, {"most_per_run": "1000", "most_per_person": "100"}),
    Deed("/runs/limits/{limits_id}/confirm", "/runs/limits", "finance", PAY, ready=readied.limits_proposed),
    Deed("/runs/holds", "/runs/holds", "finance", PAY, WHY | {"email": "{email}"}, ready=readied.payee_known),
    Deed("/runs/holds/{person_id}/lift", "/runs/holds", "finance", PAY, ready=readied.payee_held),
    Deed("/runs/countries/{person_id}/confirm", "/runs/holds", "finance", PAY, {"note": "They moved."}, ready=readied.payee_moved),
    Deed("/disputes/{dispute_id}/evidence", DISPUTE, "finance", PAY, {"customer_name": "Zappos"}),
    Deed("/disputes/{dispute_id}/answer", DISPUTE, "finance", PAY, ready=readied.evidence_written),
    Deed("/disputes/{dispute_id}/accept", DISPUTE, "finance", PAY),
    Deed("/disputes/{dispute_id}/bear", DISPUTE, "finance", PAY, WHY, ready=readied.dispute_lost),
    Deed("/checks/reconciliation", "/checks", "finance", PAY),
)
DEEDS = (
    *AT_THE_DOOR, *ONES_OWN, *OPERATING, *RUNNING, *WRITING, *FUNDING, *CALLING, *BUILDING, *JUDGING, *DELIVERING, *SHARING, *PAYING,
)  # fmt: skip
