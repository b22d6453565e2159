"""One thing that waits for somebody."""

from dataclasses import dataclass, field
from datetime import datetime

from campaigns.core.campaign import Campaign, Deliverable


@dataclass
class Need:
    """One thing to do, at `address`; `deliverables` wait for it, `campaign` is None for what concerns no campaign."""

    code: str
    message: str
    address: str
    since: datetime | None = None
    due: datetime | None = None
    campaign: Campaign | None = None
    deliverables: list[Deliverable] = field(default_factory=list)
    gate: str = ""

    @property
    def notification(self) -> str:
        """What it is snoozed under."""
        return f"need {self.gate or self.code} {self.campaign.id if self.campaign else self.address}"
