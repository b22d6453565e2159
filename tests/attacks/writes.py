"""The table of all operations that change something: who may ask for each, where, and with what beside its own example."""

from collections.abc import Mapping

from campaigns.core.stages import Stage
from tests.attacks import prepared
from tests.attacks.people import NOBODY
from tests.attacks.write import Write
from tests.browser import readied
from tests.browser import readied_at_the_door as at_the_door
from tests.evidence import paper

BRIEF, BUILD, JUDGE, DELIVER, PAY, ENDED = (
    Stage.BRIEF, Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY, Stage.PAYOUT, Stage.CANCELLED,
)  # fmt: skip
TUS = {"Tus-Resumable": "1.0.0"}
NEW_FILE = TUS | {"Upload-Length": "2", "Upload-Metadata": "filename bGFudGVybnMubWQ="}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
LATER = {"closes_at": "{later}"}
DATES = {name: f"{{{name}}}" for name in ("call_closes_at", "collaboration_closes_at", "curation_due_at", "delivery_due_at", "go_live_at")}
# Whose answer is not ours to give.
NOT_DONE = {"payout_make_link": "Stripe makes the link, and nothing stands in for Stripe in the town"}

ONES_OWN: Mapping[str, Write] = {
    "sign_in_ask_for_link": Write(NOBODY),
    "sign_in_spend_link": Write(NOBODY, ready=at_the_door.link_sent, body={"secret": "{secret}"}),
    "sign_in_create_token": Write("artist", body={"scopes": ["account"]}),
    "sign_in_revoke_token": Write("artist", ready=prepared.token_of_ones_own),
    "clock_move_clock": Write("operator"),
    "people_change_me": Write("artist"),
    "people_take_part_as_artist": Write(),
    "people_dismiss_notification": Write("artist", ready=prepared.email_received, body={"notification": "email {email}", "until": None}),
    "people_bring_notification_back": Write("artist", ready=at_the_door.email_dismissed),
    "people_get_emails": Write("artist", path={"kind": "announcement"}),
    "people_do_without": Write("artist", path={"kind": "announcement"}),
    "sign_in_end_session": Write("artist", ready=prepared.session_of_ones_own),
    "open_call_begin_upload": Write(
        "artist", sent={"headers": TUS | {"Upload-Length": "2", "Upload-Metadata": "filename bGFudGVybnMubWQ="}}
    ),
    "open_call_send_bytes": Write("artist", ready=prepared.upload_begun, sent={"headers": BYTES, "content": b"# "}),
    "open_call_give_up": Write("artist", ready=prepared.upload_begun, sent={"headers": TUS}),
    "payout_open_account": Write(),
    "payout_open_way": Write("artist", PAY, in_browser=True),
}
PEOPLE: Mapping[str, Write] = {
    "people_create_brand": Write(body={"name": "Lumen"}),
    "people_edit_brand": Write("administrator", BRIEF, body={"same_name": True}),
    "people_merge_brand": Write(ready=at_the_door.brand_there_twice, body={"into": "{into}"}),
    "people_object_to_billing": Write("formerly_billed", ENDED),
    "people_invite_for_brand": Write("administrator", BRIEF, body={"role": "approver", "sign_off_role": None}),
    "people_end_brand_role": Write("administrator", BRIEF),
    "people_ask_administrator": Write(stage=BRIEF),
    "people_withdraw_administrator": Write(),
    "people_confirm_administrator": Write(NOBODY, ready=at_the_door.administrator_asked, body={"secret": "{secret}"}),
    "people_appoint": Write("operator", PAY, body={"role": "finance", "sign_off_role": None}),
    "people_end_staff_role": Write("operator"),
    "people_confirm": Write("finance", ready=at_the_door.role_asked),
    "people_stop": Write("finance", ready=at_the_door.role_asked),
    "people_invite_for_campaign": Write(stage=BRIEF, body={"role": "editor", "sign_off_role": None}),
    "people_end_role": Write(stage=BRIEF),
    "operator_retry_all": Write("operator", ready=at_the_door.message_failed),
    "operator_retry": Write("operator", ready=at_the_door.message_failed),
}
RUNNING: Mapping[str, Write] = {
    "campaign_pause": Write(),
    "campaign_resume": Write(ready=readied.paused),
    "campaign_cancel": Write(),
    "campaign_keep": Write(ready=readied.cancellation_asked),
    "campaign_confirm": Write("finance", ready=prepared.cancellation_previewed, body={"preview": "{preview}"}),
    "campaign_send_back": Write(stage=DELIVER, body={"to": "curation", "visit": "{visit}", "closes_at": None}),
    "campaign_remind": Write(stage=BRIEF),
}
BRIEFING: Mapping[str, Write] = {
    "brief_create_campaign": Write(stage=BRIEF),
    "brief_edit_brief": Write(stage=BRIEF, ready=prepared.dates_ahead, body=DATES),
    "brief_add_deliverable": Write(stage=BRIEF),
    "brief_edit_deliverable": Write(stage=BRIEF),
    "brief_remove_deliverable": Write(stage=BRIEF),
    "brief_sign": Write("legal", BRIEF, prepared.brief_read, body={"hash": "{hash}"}),
    "brief_launch": Write(stage=BRIEF, ready=readied.funded),
    "brief_ask_invoice": Write(stage=BRIEF, ready=prepared.brief_read, body={"amount": "{owed}"}),
    "brief_withdraw_invoice": Write(stage=BRIEF, ready=readied.invoice_open),
    "brief_record_receipt": Write(stage=BRIEF, ready=prepared.brief_read, body={"amount": "{owed}", "received_on": "{today}"}),
    "brief_confirm_receipt": Write("finance", BRIEF, readied.receipt_recorded),
    "brief_approve_advance": Write("finance", BRIEF, readied.signed, body={"amount": None}),
    "brief_confirm_refund": Write("finance", ENDED),
    "brief_send_refund_on": Write("finance", ENDED, readied.refund_stuck),
}
CALLING: Mapping[str, Write] = {
    "open_call_extend_call": Write(ready=prepared.some_days_later, body=LATER),
    "open_call_ask": Write("artist"),
    "open_call_answer": Write(ready=readied.question_asked),
    "open_call_contribute": Write("artist", body={"upload": None}),
    "open_call_publish_contributions": Write(),
    "open_call_stop_publishing_contributions": Write(ready=readied.contributions_published),
    "open_call_confirm_part": Write("artist", ready=readied.maker_named),
    "open_call_decline_part": Write("artist", ready=readied.maker_named),
    "open_call_end_namings": Write("other_artist", ready=readied.maker_named),
    "open_call_withdraw": Write("artist"),
    "open_call_screen": Write("curator", ready=prepared.work_waiting, body={"takes_part": True}),
    "open_call_take_back": Write("curator", ready=prepared.contribution_just_screened),
    "open_call_prepare_again": Write("curator", ready=readied.contribution_unshowable, path={"contribution_id": "{contribution}"}),
    "collaboration_send_remix": Write("artist", body={"upload": None, "sources": [{"source": "{source_id}", "kind": "contains"}]}),
}
BUILDING: Mapping[str, Write] = {
    "collaboration_claim": Write(
        "artist", BUILD, prepared.contribution_after_another, body={"source": "{other_id}", "kind": "influenced_by"}
    ),
    "collaboration_confirm": Write("other_artist", BUILD, readied.claim_open, {"contribution_id": "{newer}", "source_id": "{older}"}),
    "collaboration_decline": Write("other_artist", BUILD, readied.claim_open, {"contribution_id": "{newer}", "source_id": "{older}"}),
    "collaboration_decide": Write("curator", BUILD, readied.claim_open, {"contribution_id": "{newer}", "source_id": "{older}"}),
    "collaboration_find_wrapper": Write("curator", BUILD),
    "collaboration_complete": Write(stage=BUILD, body={"visit": "{visit}"}),
    "collaboration_extend": Write(stage=BUILD, ready=prepared.a_month_later, body=LATER),
}
JUDGING: Mapping[str, Write] = {
    "curation_write_rubric": Write(),
    "curation_ask_curators": Write(stage=JUDGE, body={"curators": ["{curator}"], "per_contribution": 1}),
    "curation_write_review": Write("curator", JUDGE, prepared.contribution_to_review, body={"scores": "{scores}"}),
    "curation_undo_review": Write("curator", JUDGE, readied.contribution_judged),
    "curation_say_conflict": Write("curator", JUDGE),
    "curation_select_contribution": Write(stage=JUDGE),
    "curation_deselect_contribution": Write(stage=JUDGE),
    "curation_publish_selection": Write(
        stage=JUDGE, body={"visit": "{visit}", "chosen": {}, "not_chosen": {}, "common_reason": "Not this time."}
    ),
}
DELIVERING: Mapping[str, Write] = {
    "client_delivery_make_version": Write(
        "editor", DELIVER, prepared.file_of_a_version,
        body={"upload_id": "{upload_id}", "components": "{contributions}", "makers": {"{editor}": 1}, "outside": []},
    ),
    "client_delivery_license_outside": Write("editor", DELIVER, readied.version_unlicensed, {"version_id": "{version}"}),
    "client_delivery_approve_internally": Write(stage=DELIVER, ready=readied.version_made, path={"version_id": "{version}"}),
    "client_delivery_decide": Write(
        "approver", DELIVER, prepared.version_looked_at,
        body={"verdict": "approved", "file_sha256": "{file_sha256}", "parts_sha256": "{parts_sha256}"},
    ),
    "client_delivery_pack_again": Write(stage=DELIVER, ready=readied.package_stopped, path={"version_id": "{version}"}),
    "client_delivery_confirm": Write("artist", DELIVER, readied.version_naming_artist),
    "client_delivery_decline": Write("artist", DELIVER, readied.version_naming_artist),
    "client_delivery_end_namings": Write("editor", DELIVER, readied.version_naming_artist),
    "client_delivery_annotate": Write("approver", DELIVER, readied.version_presented, {"version_id": "{version}"}, {"at_ms": None}),
    "client_delivery_finish": Write("editor", DELIVER, prepared.note_before_a_later_version, body={"done_in": "{later_version}"}),
    "client_delivery_let_go": Write("approver", DELIVER, readied.note_written),
    "client_delivery_reopen": Write("approver", DELIVER, readied.note_let_go),
}  # fmt: skip
SHARING: Mapping[str, Write] = {
    "payout_give_points": Write(stage=PAY, ready=prepared.version_to_assess, body={"visit": "{visit}", "contributions": "{points}"}),
    "payout_compute_again": Write(stage=PAY, ready=readied.comment_accepted),
    "payout_show_what_if": Write("artist", PAY, body={"points": {"{contribution_id}": 3}, "edges": []}),
    "payout_make_comment": Write("artist", PAY),
    "payout_answer_comment": Write(stage=PAY),
    "payout_say_final": Write("finance", PAY, readied.window_over),
}
PAYING: Mapping[str, Write] = {
    "payout_quote": Write("finance", PAY, readied.run_given_up, sent={"headers": {"Idempotency-Key": "a run by hand"}}),
    "payout_release": Write("finance", PAY),
    "payout_discard": Write("finance", PAY),
    "payout_pause": Write("finance", PAY, readied.run_released),
    "payout_resume": Write("finance", PAY, readied.run_paused),
    "payout_propose_limits": Write("finance", PAY),
    "payout_confirm_limits": Write("finance", PAY, readied.limits_proposed),
    "payout_hold": Write("finance", PAY),
    "payout_lift_hold": Write("finance", PAY, readied.payee_held, {"person_id": "{artist}"}),
    "payout_confirm": Write("finance", PAY, readied.payee_moved, {"person_id": "{artist}"}),
    "payout_retry": Write("finance", PAY, prepared.payment_refused),
    "payout_retry_all": Write("finance", PAY, readied.payments_refused),
    "payout_reconcile": Write("finance", PAY, sent={"headers": {"Idempotency-Key": "today"}}),
    "payout_top_up": Write("finance", PAY),
    "payout_write_evidence": Write("finance", PAY),
    "payout_attach_file": Write(
        "finance", PAY, sent={"data": {"field": "customer_signature"}, "files": {"file": ("signed.pdf", paper(), "application/pdf")}}
    ),
    "payout_remove_file": Write("finance", PAY, path={"field": "receipt"}),
    "payout_hand_in": Write("finance", PAY, readied.evidence_written, body={"evidence": None}),
    "payout_accept": Write("finance", PAY),
    "payout_bear": Write("finance", PAY, readied.dispute_lost),
}
WRITES = {**ONES_OWN, **PEOPLE, **RUNNING, **BRIEFING, **CALLING, **BUILDING, **JUDGING, **DELIVERING, **SHARING, **PAYING}
