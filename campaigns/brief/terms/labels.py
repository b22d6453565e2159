"""What the fields of a brief are called by those who write, sign and fund it."""

from collections.abc import Iterable

from campaigns.core.words import _


def label(field: str) -> str:
    """The words for a field in the reader's language; the field itself where there are none."""
    words = {
        "title": _("Title"),
        "brand": _("Brand"),
        "story": _("The story"),
        "asked_for": _("What we ask for"),
        "do_list": _("Please do"),
        "dont_list": _("Please don't"),
        "time_zone": _("Time zone"),
        "call_closes_at": _("Call closes"),
        "collaboration_closes_at": _("Collaboration closes"),
        "curation_due_at": _("Selection published"),
        "delivery_due_at": _("Brand approval"),
        "go_live_at": _("Go-live"),
        "currency": _("Currency"),
        "assembly": _("Editor's share"),
        "contains": _("Share to source contributions"),
        "influenced_by": _("Share to influences"),
        "staff_ids": _("Staff"),
        "fee_bps": _("Platform fee"),
        "reserve_bps": _("Reserve for kill fees"),
        "kill_fee_before_changes_bps": _("Kill fee during delivery"),
        "kill_fee_after_changes_bps": _("Kill fee after a round of changes"),
        "kill_fee_approved_bps": _("Kill fee after approval"),
        "cancellation_fee": _("Platform fee for a canceled deliverable"),
        "licence_version": _("License"),
        "rights": _("Rights"),
        "ai_training": _("AI training"),
        "credit_names": _("Credits"),
        "exclusivity": _("Exclusivity"),
        "few_people": _("Small platform team"),
        "number": _("Number"),
        "kind": _("Kind"),
        "format": _("Format"),
        "length": _("Length"),
        "price": _("Price"),
    }
    return words.get(field, field)


def labels(fields: Iterable[str]) -> str:
    """The words for several fields, one after the other."""
    return ", ".join(label(field) for field in fields)
