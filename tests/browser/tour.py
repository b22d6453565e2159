"""The tour through every page, each seen by whom it is for."""

from dataclasses import dataclass

from campaigns.core.people import Actor
from campaigns.core.stages import Stage
from tests.browser.town import Town


@dataclass(frozen=True, slots=True)
class Stop:
    """One page: its route's path, who looks at it, and in which campaign."""

    path: str
    who: str = "guest"
    stage: Stage = Stage.OPEN_CALL
    status: int = 200

    def reader(self, town: Town) -> Actor | None:
        return None if self.who == "guest" else town.person(self.who, self.stage)

    def address(self, town: Town) -> str:
        """The path, its places filled in with what the campaign of `stage` has."""
        return self.path.format(**{"secret": "any"} | town.things[self.stage])


CALL, BUILD, JUDGE, DELIVER, PAY = Stage.OPEN_CALL, Stage.COLLABORATION, Stage.CURATION, Stage.CLIENT_DELIVERY, Stage.PAYOUT
TOUR = (
    Stop("/sign-in"),
    Stop("/sign-in/{secret}"),
    Stop("/sandbox"),
    Stop("/status", "operator"),
    Stop("/status/failed", "operator"),
    Stop("/status/emails", "operator"),
    Stop("/status/flows", "operator"),
    Stop("/status/security", "operator"),
    Stop("/status/people", "operator"),
    Stop("/appointments", "operator"),
    Stop("/appointments/{appointment_id}", "finance"),
    Stop("/runs", "finance", PAY),
    Stop("/runs/new", "finance", PAY),
    Stop("/runs/limits", "finance", PAY),
    Stop("/runs/holds", "finance", PAY),
    Stop("/runs/unpayable", "finance", PAY),
    Stop("/runs/negative-balances", "finance", PAY),
    Stop("/runs/not-arrived", "finance", PAY),
    Stop("/disputes", "finance", PAY),
    Stop("/disputes/{dispute_id}", "finance", PAY),
    Stop("/ledger", "finance", PAY),
    Stop("/runs/{run_id}", "finance", PAY),
    Stop("/ledger/kinds/{kind}/{currency}", "finance", PAY),
    Stop("/ledger/{account_id}", "finance", PAY),
    Stop("/ledger/journals/{journal_id}", "finance", PAY),
    Stop("/checks", "finance", PAY),
    Stop("/calls"),
    Stop("/calls/{campaign_id}"),
    Stop("/calls/{campaign_id}/contributions", "artist", BUILD),
    Stop("/calls/{campaign_id}/contribute", "artist"),
    Stop("/help", "artist"),
    Stop("/search", "artist"),
    Stop("/me", "artist"),
    Stop("/me/sessions", "artist"),
    Stop("/me/tokens/new", "artist"),
    Stop("/me/sign-in", "manager"),
    Stop("/me/sign-in/app", "manager"),
    Stop("/prove", "manager"),
    Stop("/notifications", "manager"),
    Stop("/notifications/dismissed", "manager"),
    Stop("/me/contributions", "artist"),
    Stop("/me/versions", "artist"),
    Stop("/me/contributions/{contribution_id}", "artist"),
    Stop("/me/claims", "other_artist"),
    Stop("/me/claims/all", "artist"),
    Stop("/me/money", "artist", PAY),
    Stop("/me/payouts", "artist", PAY),
    Stop("/payout/onboarding", "artist", PAY),
    Stop("/me/statements", "artist", PAY),
    Stop("/me/statements/{year}-{month}", "artist", PAY),
    Stop("/contributions/{contribution_id}", "artist", BUILD),
    Stop("/contributions/{contribution_id}/lineage", "artist", BUILD),
    Stop("/contributions/{contribution_id}/remix", "artist", BUILD),
    Stop("/contributions/{contribution_id}/claim", "artist", BUILD),
    Stop("/sources/{remix_id}/{source_id}", "artist", BUILD),
    Stop("/board", "manager"),
    Stop("/brands/new", "manager"),
    Stop("/brands", "manager"),
    Stop("/brands/{brand_id}/people", "administrator"),
    Stop("/brands/{brand_id}/people", "manager"),
    Stop("/brands/{brand_id}/edit", "manager"),
    Stop("/brands/{brand_id}/merge", "manager"),
    Stop("/brands/{brand_id}/billing", "formerly_billed", Stage.CANCELLED),
    Stop("/administrators/{secret}"),
    Stop("/campaigns/new", "manager"),
    Stop("/campaigns/{campaign_id}", "manager", JUDGE),
    Stop("/campaigns/{campaign_id}/people", "manager"),
    Stop("/campaigns/{campaign_id}/pause", "manager"),
    Stop("/campaigns/{campaign_id}/cancel", "manager"),
    Stop("/campaigns/{campaign_id}/extend", "manager"),
    Stop("/campaigns/{campaign_id}/brief", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/words", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/dates", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/deliverables", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/deliverables/{deliverable_id}", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/pay", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/fees", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/terms", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/brief/sign", "legal", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/funding", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/funding/invoice", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/funding/receipt", "manager", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/funding/advance", "finance", Stage.BRIEF),
    Stop("/campaigns/{campaign_id}/funding/refunds/{part_id}", "finance", Stage.CANCELLED),
    Stop("/campaigns/{campaign_id}/screening", "manager"),
    Stop("/campaigns/{campaign_id}/claims", "curator", BUILD),
    Stop("/campaigns/{campaign_id}/credits", "manager"),
    Stop("/campaigns/{campaign_id}/curation", "manager", JUDGE),
    Stop("/campaigns/{campaign_id}/curation/rubric", "manager", JUDGE),
    Stop("/campaigns/{campaign_id}/curation/conflicts", "manager", JUDGE),
    Stop("/deliverables/{deliverable_id}/selection", "manager", JUDGE),
    Stop("/deliverables/{deliverable_id}/extend", "manager", BUILD),
    Stop("/deliverables/{deliverable_id}/send-back", "manager", DELIVER),
    Stop("/desk", "curator", JUDGE),
    Stop("/desk/{assignment_id}", "curator", JUDGE),
    Stop("/deliveries", "approver", DELIVER),
    Stop("/versions", "editor", DELIVER),
    Stop("/versions/{version_id}", "approver", PAY),
    Stop("/deliverables/{deliverable_id}/versions/new", "editor", DELIVER),
    Stop("/campaigns/{campaign_id}/payout", "manager", PAY),
    Stop("/deliverables/{deliverable_id}/assessment", "manager", PAY),
    Stop("/proposals/{proposal_id}", "artist", PAY),
    Stop("/proposals/{proposal_id}/comments", "manager", PAY),
    Stop("/proposals/{proposal_id}/edges", "manager", PAY),
    Stop("/proposals/{proposal_id}/changes", "manager", PAY),
    Stop("/proposals/{proposal_id}/what-if", "artist", PAY),
    Stop("/proposals/{proposal_id}/lines/{person_id}", "artist", PAY),
    Stop("/comments/{comment_id}", "manager", PAY),
)
