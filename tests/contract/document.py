"""The part of docs/contract.md that is made from the cases: when each provider was last asked itself, and what is asked."""

import json
from pathlib import Path

from tests.contract import (
    sendgrid_mail,
    sendgrid_sending,
    stripe_accounts,
    stripe_billing,
    stripe_disputes,
    stripe_manners,
    stripe_money,
    stripe_payouts,
    stripe_refunds,
    stripe_webhooks,
)
from tests.contract.cases import CASES
from tests.contract.recording import LAST_RUN, recorded
from tests.contract.sides import KEYS

DOCUMENT = Path(__file__).parents[2] / "docs/contract.md"
BEGIN, END = "<!-- cases: made by `python -m tests.contract` -->\n", "<!-- end of cases -->\n"
# The modules that the cases come from: importing one registers its cases.
MODULES = (
    stripe_accounts, stripe_money, stripe_payouts, stripe_refunds, stripe_disputes, stripe_billing, stripe_manners, stripe_webhooks,
    sendgrid_mail, sendgrid_sending,
)  # fmt: skip
EVERY = [case for module in MODULES for case in CASES.values() if case.run.__module__ == module.__name__]


def table() -> str:
    """The days and the cases, in Markdown."""
    runs = json.loads(LAST_RUN.read_text()) if LAST_RUN.exists() else {}
    kept = {each["case"]: each["on"] for each in recorded()}
    lines = ["", "| provider | last asked itself | cases |", "|---|---|---|"]
    for provider, name in KEYS.items():
        count = sum(case.provider == provider for case in EVERY)
        run = runs.get(provider)
        when = f"{run['on']}: {run['passed']} kept, {len(run['failed'])} not" if run else f"never: no {name} was at hand"
        lines.append(f"| {provider} | {when} | {count} |")
    lines += ["", "| provider | what must hold | rests on | recorded |", "|---|---|---|---|"]
    for case in EVERY:
        left = f"not asked of the provider itself: {case.only_here}" if case.only_here else "not yet"
        lines.append(f"| {case.provider} | {case.says} | [{_short(case.reference)}]({case.reference}) | {kept.get(str(case), left)} |")
    return BEGIN + "\n".join(lines) + "\n\n" + END


def _short(reference: str) -> str:
    return reference.removeprefix("https://docs.stripe.com/").removeprefix("https://www.twilio.com/docs/sendgrid/")


def write() -> None:
    """Bring the document up to the cases."""
    words = DOCUMENT.read_text()
    before, _begin, rest = words.partition(BEGIN)
    DOCUMENT.write_text(before + table() + rest.partition(END)[2])
