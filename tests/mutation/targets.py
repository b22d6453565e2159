"""Which modules are mutated, and which tests should notice."""

CORE, API, ATTACKS, PAYOUT = "tests/campaigns/core", "tests/api", "tests/attacks", "tests/campaigns/payout"
APPOINTING = (f"{CORE}/test_appointing_guards.py", f"{CORE}/test_appointing.py")
SIDES = (f"{CORE}/test_sides.py", f"{CORE}/test_brand_roles.py")
WORD = ("tests/campaigns/test_brands_word.py", f"{CORE}/test_brand_proofs.py")
BRIEF, CALL, CURATION = "tests/campaigns/brief", "tests/campaigns/open_call", "tests/campaigns/curation"
DELIVERY = "tests/campaigns/client_delivery"
CREDITING = (f"{CALL}/test_open_call_crediting.py", f"{CALL}/test_open_call_audience.py", f"{PAYOUT}/test_payout_after_delivery.py")
NAMES = f"{PAYOUT}/test_payout_names.py"
LEDGER = "tests/campaigns/ledger"
EXPLANATION = (f"{PAYOUT}/test_explanation.py", f"{PAYOUT}/test_explanation_properties.py")
SPLIT = (f"{PAYOUT}/test_split.py", *EXPLANATION)
BY_HAND = (f"{PAYOUT}/test_pay_rule_try.py",)
CHAINS = (f"{CORE}/test_chain_links.py", f"{CORE}/test_events.py")
ANCHORS = tuple(f"tests/campaigns/test_{name}.py" for name in ("anchor_lines", "anchoring", "anchor_losses"))
DOOR = (f"{API}/test_same_origin.py",)

TARGETS: dict[str, tuple[str, ...]] = {
    "campaigns/core/permissions.py": (f"{CORE}/test_permissions.py",),
    "campaigns/core/access.py": (
        f"{CORE}/test_access_ends.py", f"{CORE}/test_browsers.py", f"{CORE}/test_access.py", f"{CORE}/test_tokens.py",
    ),
    "campaigns/core/tokens.py": (f"{CORE}/test_tokens.py", f"{CORE}/test_access_ends.py", f"{CORE}/test_browsers.py"),
    "campaigns/core/role_grants.py": (f"{CORE}/test_role_grants.py", *SIDES),
    "campaigns/core/sides.py": SIDES,
    "campaigns/core/billing.py": WORD,
    "campaigns/core/brand_roles.py": (f"{CORE}/test_brands_people.py", *SIDES, *WORD),
    "campaigns/core/administrators.py": (f"{CORE}/test_brands_people.py", *SIDES, *WORD),
    "campaigns/core/membership.py": (f"{CORE}/test_membership.py", f"{CORE}/test_brand_roles.py", *WORD, *APPOINTING),
    "campaigns/core/appointing/actions.py": APPOINTING,
    "campaigns/core/appointing/ending.py": (f"{CORE}/test_appointing_ends.py", *APPOINTING),
    "campaigns/core/appointing/few_people.py": (f"{CORE}/test_appointing_ends.py", *APPOINTING),
    "campaigns/core/appointing/queries.py": (f"{CORE}/test_appointments_seen.py", *APPOINTING),
    "campaigns/core/appointing/rules.py": (f"{CORE}/test_independence.py", *APPOINTING),
    "campaigns/core/appointing/standing.py": (f"{CORE}/test_appointing_standing.py",),
    "campaigns/ledger/accounts.py": (f"{LEDGER}/test_ledger_reading.py",),
    "campaigns/ledger/actions.py": (f"{LEDGER}/test_ledger_waiting.py", f"{LEDGER}/test_ledger_posting.py",),
    "campaigns/ledger/checks.py": (f"{LEDGER}/test_ledger_guards.py",),
    "campaigns/ledger/queries.py": (f"{LEDGER}/test_ledger_reading.py", f"{LEDGER}/test_ledger_posting.py",),
    "campaigns/ledger/writing.py": (f"{LEDGER}/test_ledger_posting.py",),
    "campaigns/brief/refunds.py": (
        f"{BRIEF}/test_refund_counting.py",
        f"{BRIEF}/test_refund_notes.py",
        f"{BRIEF}/test_still_open.py",
        f"{BRIEF}/test_brief_refunds.py",
    ),
    "campaigns/payout/reconciliations/queries.py": (
        f"{PAYOUT}/runs/test_comparing_transfers.py", f"{PAYOUT}/runs/test_comparing.py", f"{PAYOUT}/runs/test_reconciling.py",
    ),
    "campaigns/payout/split/arithmetic.py": (*SPLIT, f"{PAYOUT}/test_split_properties.py"),
    "campaigns/payout/split/explanation.py": (*SPLIT, *BY_HAND),
    "campaigns/payout/split/first_line.py": SPLIT,
    "campaigns/payout/split/form.py": (*SPLIT, *BY_HAND),
    "campaigns/payout/split/lineage.py": (*SPLIT, *BY_HAND, f"{PAYOUT}/test_split_properties.py"),
    "campaigns/payout/split/streams.py": (f"{PAYOUT}/test_where_pools_go.py",),
    "campaigns/payout/split/trails.py": (*SPLIT, *BY_HAND),
    "campaigns/core/money.py": (f"{CORE}/test_money.py",),
    "campaigns/core/idempotency.py": (f"{CORE}/test_idempotency.py",),
    "campaigns/core/events.py": CHAINS,
    "campaigns/core/anchors.py": ANCHORS,
    "campaigns/core/anchor_files.py": ANCHORS,
    "workers/anchoring.py": ANCHORS,
    "campaigns/curation/reviews/queries.py": (f"{CURATION}/test_curation_blind.py", f"{CURATION}/test_curation_desk.py"),
    "campaigns/curation/queries.py": (f"{CURATION}/test_sighted.py", f"{DELIVERY}/test_blind_makers.py"),
    "campaigns/open_call/credits.py": (*CREDITING, NAMES),
    "campaigns/open_call/makers/actions.py": (
        f"{CALL}/test_open_call_namings.py", *CREDITING, f"{DELIVERY}/test_client_delivery_makers.py",
    ),
    "campaigns/open_call/makers/queries.py": (f"{CALL}/test_open_call_namings.py",),
    "campaigns/open_call/screening/queries.py": (f"{CALL}/test_open_call_blind.py", f"{CALL}/test_open_call_screening.py"),
    "api/same_origin.py": DOOR,
    "sandbox/this_machine.py": (f"{API}/test_sandbox_pages.py", "tests/sandbox/test_simulators_door.py"),
    "sandbox/door.py": ("tests/sandbox/test_simulators_door.py",),
    "api/door_log.py": (f"{API}/test_money_refusals.py", f"{API}/test_security_log_routes.py"),
    "campaigns/core/people.py": (f"{CORE}/test_permissions.py", f"{CORE}/test_people.py"),
}  # fmt: skip
