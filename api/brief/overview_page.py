"""The brief as a whole, what keeps it from its launch, and the launch."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.brief.plan_picture import plan_picture
from api.brief.signing_pages import sign_off_roles_of, staff_names
from api.brief.steps import steps_of
from api.reader import Reader, SignedIn
from campaigns.brief import actions, queries, rules
from campaigns.brief.licenses import licence
from campaigns.brief.queries import WrittenBrief
from campaigns.core.blockers import Blocker, BlockerCode, Waited
from campaigns.core.campaign import Campaign
from campaigns.core.permissions import Permission
from campaigns.core.words import _
from campaigns.oversight import gates

pages = APIRouter()
UNWRITTEN = frozenset({"deliverable_missing", "brief_incomplete", "date_passed"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a launch needs: what of it is still open, where the reader can do it, and whom a word of theirs would reach."""

    name: str
    said: str
    open: Sequence[Blocker]
    address: str | None
    to_remind: int

    @property
    def is_met(self) -> bool:
        return not self.open


@pages.get("/campaigns/{campaign_id}/brief")
def show_brief(campaign_id: UUID, reader: SignedIn) -> HTMLResponse:
    """All that binds, in one page, with what is still open before the launch."""
    written = queries.brief_for(reader.session, campaign_id, by=reader.by)
    campaign = written.campaign
    plan = queries.plan_back(reader.session, campaign, at=reader.at)
    is_open = campaign.launched_at is None and campaign.is_live
    return reader.page(
        "brief/brief.html",
        written=written,
        steps=steps_of(written, at=reader.at),
        is_open=is_open,
        may_write=is_open and reader.by.may(Permission.EDIT_BRIEF, on=campaign),
        may_launch=is_open and reader.by.may(Permission.LAUNCH, on=campaign),
        checks=_checks(written, reader) if is_open else [],
        sign_off_roles=sign_off_roles_of(written, reader),
        gates=plan,
        picture=plan_picture(plan, campaign.launched_at or reader.at, at=reader.at),
        licence=licence(written.brief.licence_version),
        staff=staff_names(reader.session, written),
    )


def _checks(written: WrittenBrief, reader: Reader) -> list[Check]:
    waits, to_remind = _still_open(written.campaign, reader)
    unsigned = [
        (sign_off_role, [w for w in waits if w.code == BlockerCode.UNSIGNED and w.params["sign_off_role"] == sign_off_role])
        for sign_off_role in written.brand.sign_off_roles
    ]
    needed = [
        (_("Complete"), _("Everything required is in the brief."), [w for w in waits if w.code in UNWRITTEN]),
        *(
            (_("Signed by {sign_off_role}", sign_off_role=sign_off_role), _("Signed, current version."), missing)
            for sign_off_role, missing in unsigned
        ),
        (_("Funded"), _("The budget is covered."), [w for w in waits if w.code == BlockerCode.UNCOVERED]),
    ]
    return [
        Check(name, said, still_open, _address(still_open, written, reader), to_remind.get(still_open[0].gate, 0) if still_open else 0)
        for name, said, still_open in needed
    ]


def _still_open(campaign: Campaign, reader: Reader) -> tuple[list[Blocker], dict[str, int]]:
    """What the brief waits for, and at each gate that waits for others how many of them a reminder of the reader's would reach."""
    if campaign.paused_at or not reader.by.may(Permission.REMIND, on=campaign):
        return rules.waits(reader.session, [campaign.id], at=reader.at)[campaign.id], {}
    found = gates.gates(reader.session, campaign, at=reader.at)
    to_remind = {gate.key: len(gate.to_remind(reader.by)) for gate in found if gate.first.waits_for != Waited.MANAGER}
    return [blocker for gate in found for blocker, _held in gate.waits], to_remind


def _address(waits: Sequence[Blocker], written: WrittenBrief, reader: Reader) -> str | None:
    act = gates.act_of(waits[0]) if waits else None
    return act.of(written.campaign.id) if act and reader.by.may(act.permission, on=written.campaign) else None


@pages.post("/campaigns/{campaign_id}/brief/launch")
def launch(campaign_id: UUID, reader: SignedIn) -> RedirectResponse:
    """Open the call to everyone; twice opens it once."""
    actions.launch(reader.session, campaign_id, by=reader.by, at=reader.at)
    return reader.done(f"/campaigns/{campaign_id}", _("Launched. Callboard opens the call within seconds and notifies everyone."))
