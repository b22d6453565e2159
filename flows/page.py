"""What Prefect's page shows of a campaign: its tags, what each deliverable waits for, and that it moved. No artist's name, no amount."""

from datetime import UTC

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.blockers import Blocker
from campaigns.core.campaign import Campaign, Deliverable, deliverables_of, find_campaign
from campaigns.core.people import SYSTEM, Brand, Person
from campaigns.core.settings import settings
from campaigns.core.stages import Stage
from campaigns.core.words import _
from campaigns.oversight.statuses import CampaignStatus, standing
from flows.pulse import Carried, fenced
from workers.transactions import unit_of_work


def tags(session: Session, campaign: Campaign) -> list[str]:
    """The tags of the campaign's run: whose it is, and each stage that a deliverable of it stands in."""
    brand, owner = session.get_one(Brand, campaign.brand_id), session.get_one(Person, campaign.owner_id)
    stages = sorted({t.stage for t in deliverables_of(session, campaign.id)} or {Stage.BRIEF})
    return [f"brand:{brand.name}", f"campaign:{campaign.number}", f"owner:{owner.name}", *(f"stage:{s.value}" for s in stages)]


def tags_of(carried: Carried) -> list[str]:
    """The same, of the campaign that a run carries."""
    with unit_of_work() as session:
        return tags(session, find_campaign(session, carried.campaign_id, by=SYSTEM))


def show_waits(carried: Carried) -> None:
    """Write the artifact "what it waits for"."""
    with fenced(carried) as session:
        campaign = find_campaign(session, carried.campaign_id, by=SYSTEM)
        text = waits_of(campaign, standing(session, campaign, at=clock.business_now(session)))
    description = _("What {title} is waiting for", title=campaign.title)
    create_markdown_artifact(text, key=f"campaign-{campaign.number}", description=description)


def waits_of(campaign: Campaign, stands: CampaignStatus) -> str:
    """A checklist for each deliverable that is under way, or for the campaign before it has one, as Markdown."""
    heading = _("# {title}: what it is waiting for", title=campaign.title)
    before = ["\n".join(map(_line, stands.before_deliverables))] if stands.before_deliverables else []
    checklists = [_checklist(deliverable, waits) for deliverable, waits in stands.deliverables if deliverable.is_live]
    return "\n\n".join([heading, *before, *checklists, _link(campaign)])


@task(name="move", cache_policy=NO_CACHE, task_run_name="{deliverable.title}: into {deliverable.stage}", persist_result=False)
def tell_moved(carried: Carried, deliverable: Deliverable) -> None:
    """Show that a deliverable has moved, and emit callboard.campaign.moved, which automations may listen to."""
    resource = {"prefect.resource.id": f"callboard.campaign.{carried.campaign_id}", "prefect.resource.name": deliverable.title}
    emit_event(
        "callboard.campaign.moved",
        resource=resource,
        payload={"deliverable": str(deliverable.id), "stage": deliverable.stage.value, "visit": deliverable.visit},
    )


def _checklist(deliverable: Deliverable, waits: list[Blocker]) -> str:
    heading = _(
        "**{title}**, {stage}, visit {visit}",
        title=deliverable.title,
        stage=deliverable.stage.value.replace("_", " "),
        visit=deliverable.visit,
    )
    return "\n".join([heading, "", *map(_line, waits)])


def _line(wait: Blocker) -> str:
    since = _("since {since:%d %B %Y %H:%M} UTC", since=wait.since.astimezone(UTC)) if wait.since else _("since just now")
    return _("- [ ] {what} (waiting on: {whom}, {since})", what=_sentence(wait), whom=wait.waits_for, since=since)


def _sentence(wait: Blocker) -> str:
    """The blocker's sentence, or our own where it repeats what somebody wrote, which may hold an artist's name."""
    ours = {
        "paused": _("The campaign is paused; Callboard says why."),
        "component_taken_down": _("The latest version contains contributions that have been taken down."),
        "component_unsettled": _("A curator has to decide a claim about what the latest version contains."),
        "component_unconfirmed": _("The latest version contains contributions that a maker has not confirmed yet."),
        "nothing_chosen": _("No contribution selected for the deliverable can be used; its manager has to send it back."),
        "licence_missing": _("The latest version has third-party assets without a license."),
    }
    return ours.get(wait.code, wait.message)


def _link(campaign: Campaign) -> str:
    return _("[The campaign in Callboard]({address})", address=f"{settings().public_url}/campaigns/{campaign.id}")
