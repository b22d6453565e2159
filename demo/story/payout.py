"""Payout: points, a proposal that everyone can read and answer, two people who say it is final, and the money on its way."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlparse

import httpx

from demo.client import DemoFailed, DemoPerson, Json, RequestRefused, wait_for
from demo.display import Display
from demo.story.partnership import Partnership
from demo.works.artists import ARTIST
from demo.works.versions import FILM, SISTRUM, VERSIONS

WINDOW = timedelta(days=14)
MOST_DAYS, PATIENCE_A_DAY = 14, 5.0
WHY_POINTS = "How long it is seen or heard, and whether the piece would stand without it."
HEARD = "We listened again: it is her sistrum, and the second half is built on it."


def propose(p: Partnership) -> None:
    """The manager gives each component its points; the split is computed from the lineage and opened to everyone."""
    for title in p.deliverables:
        planned = [planned for planned in VERSIONS if planned.deliverable == title][-1]
        contributions = [
            {"contribution": p.contributions[key], "points": points, "reason": WHY_POINTS} for key, points in planned.components.items()
        ]
        deliverable = p.deliverable(title)
        p.cast.manager.put(f"/deliverables/{deliverable['id']}/assessment", visit=deliverable["visit"], contributions=contributions)
    for title in p.deliverables:
        proposal = _newest(p, title)
        p.tell(f"{title}: a proposal for {_dollars(proposal['pool'])} among {len(_lines(p, proposal))} people is open to all contributors.")


def comment(p: Partnership) -> None:
    """Someone left out speaks up; the edge is recorded and confirmed, and the new version has a line for her."""
    selam, film = p.cast.artists[SISTRUM.by], _newest(p, FILM)
    said = selam.post(
        f"/proposals/{film['id']}/comments",
        claim="My recording inspired “Kitchen Parade”, but I am not among the payees.",
        evidence=SISTRUM.evidence,
    )
    contribution, source = p.contributions[SISTRUM.contribution], p.contributions[SISTRUM.source]
    selam.post(f"/contributions/{contribution}/sources", source=source, kind=SISTRUM.kind)
    for maker in _claimed_from(p, contribution, source):
        maker.post(f"/sources/{contribution}/{source}/confirm")
    p.cast.manager.post(f"/comments/{said['id']}/disposition", disposition="accepted", reason=HEARD)
    again: Json = wait_for("a new version of the proposal", lambda: _later(p, FILM, film["number"]))
    amount = sum(line["amount"] for line in _lines(p, again) if line["person"] == selam.id)
    p.tell(
        f"Selam Tesfaye was left out and comments. Her influence is confirmed; version {again['number']} has {_dollars(amount)} for her."
    )


def onboard(p: Partnership) -> None:
    """Whoever has a line sets up how to be paid, on Stripe's own pages; one cannot, one never finishes."""
    for person in p.cast.artists.values():
        try:
            account = person.post("/me/payout-account")
        except RequestRefused as refused:
            p.tell(f"{person.name} cannot be paid yet: {refused.problem['detail']}")
            continue
        if account["state"] == "active":
            continue  # since a demo before this one in the same home
        form = wait_for(f"{person.name}'s form", partial(_link, person.in_browser()))
        outcome = "later" if ARTIST[person.email.partition("@")[0]].unpayable else "complete"
        httpx.post(form, data={"outcome": outcome}, timeout=30)
    p.tell("Everyone else sets up a payout account on Stripe's pages.")


def finalize(p: Partnership) -> None:
    """After fourteen days and an answer to every comment, two people who gain nothing say that it is final.

    Femi Adeyemi, who confirmed the manager's role, is neither of them: the manager assessed the points.
    """
    try:
        p.cast.finance.post(f"/proposals/{_newest(p, FILM)['id']}/finalization")
    except RequestRefused as refused:
        p.tell(f"Refused: {refused.problem['detail']}")
    p.let_pass(WINDOW + timedelta(days=1))
    for title in p.deliverables:
        proposal = _newest(p, title)["id"]
        for person in (p.cast.controller, p.cast.accountant):
            person.post(f"/proposals/{proposal}/finalization")
    p.wait_until_in("done")


def run(p: Partnership) -> None:
    """The schedule makes a run; two people of finance release it; the transfers go out."""
    p.let_pass(timedelta(days=1))
    quoted: Json = wait_for("a quoted payout run", lambda: _run_in(p, "quoted"))
    for person in (p.cast.finance, p.cast.controller):
        person.post(f"/payouts/runs/{quoted['id']}/release")
    p.tell(f"Payout run {quoted['number']} is prepared on schedule and released by two people.")
    closed: Json = wait_for("the payout run to be closed", lambda: _closed(p, quoted["id"]))
    items, sent = settled(closed["sums"])
    p.tell(f"{items} transfers totaling {_dollars(sent)} are sent.")
    arrive(p, quoted["id"])


def settled(sums: Sequence[Json]) -> tuple[int, int]:
    """How many items of a closed run were sent, and how much in all; raises DemoFailed when not every item was."""
    if left := [f"{total['items']} {total['state']}" for total in sums if total["state"] not in ("sent", "paid")]:
        raise DemoFailed(f"Not every item of the payout run was sent: {', '.join(left)}.")
    return sum(total["items"] for total in sums), sum(total["amount"] for total in sums)


def arrive(p: Partnership, run_id: str) -> None:
    """Day by day Stripe pays the payees out, until each of them has it at the bank."""

    def all_paid() -> bool:
        return all(total["state"] == "paid" for total in p.cast.finance.get(f"/payouts/runs/{run_id}")["sums"])

    for _day in range(MOST_DAYS):
        p.let_pass(timedelta(days=1))
        try:
            wait_for("the money to arrive", lambda: all_paid() or None, PATIENCE_A_DAY)
        except DemoFailed:
            continue
        p.tell("All of the money has arrived at their banks.")
        return
    raise DemoFailed("The payments were sent but did not arrive at the payees' banks.")


def check(p: Partnership) -> None:
    """Every invariant, asked of the database and of Stripe."""
    checked = wait_for("every check to be clean", lambda: _check() or None)
    p.tell(checked)


def print_results(p: Partnership, display: Display) -> None:
    """Each payee's amount with the first line of its explanation."""
    for title in p.deliverables:
        proposal = _newest(p, title)
        display.console.print(f"\n[bold]{title}[/bold]  {_dollars(proposal['pool'])}")
        for line in _lines(p, proposal):
            why = p.cast.manager.get(f"/proposals/{proposal['id']}/lines/{line['person']}")["sentence"].partition(": ")[2]
            display.console.print(
                f"  {line['name']:<24} {_dollars(line['amount']):>12}  {why}", highlight=False, markup=False, soft_wrap=True
            )
    for person in p.cast.artists.values():
        for purse in person.get("/me/money")["items"]:
            if purse["sentence"] and purse["balance"] > 0:
                display.console.print(f"  {person.name}: {purse['sentence']}", highlight=False, markup=False, soft_wrap=True)


def _newest(p: Partnership, title: str) -> Json:
    found: Json = wait_for(f"the proposal for {title}", lambda: _later(p, title, 0))
    return found


def _later(p: Partnership, title: str, number: int) -> Json | None:
    proposals = p.cast.manager.get(f"/deliverables/{p.deliverables[title]}/proposals")["items"]
    return next((proposal for proposal in proposals if proposal["number"] > number), None)


def _lines(p: Partnership, proposal: Json) -> list[Json]:
    lines: list[Json] = p.cast.manager.get(f"/proposals/{proposal['id']}", limit=100)["lines"]
    return lines


def _claimed_from(p: Partnership, contribution: str, source: str) -> list[DemoPerson]:
    asked = [
        a for a in p.cast.artists.values() if any((c["contribution"], c["source"]) == (contribution, source) for c in a.every("/me/claims"))
    ]
    return asked[:1]


def _link(browser: httpx.Client) -> str | None:
    """Where the page with the provider's form is, once the account is there: a token is not led there."""
    answer = browser.get("/payout/onboarding/form")
    url = answer.headers.get("Location", "")
    return url if answer.status_code == 303 and urlparse(url).scheme else None


def _run_in(p: Partnership, state: str) -> Json | None:
    return next((run for run in p.cast.finance.get("/payouts/runs")["items"] if run["state"] == state), None)


def _closed(p: Partnership, run: str) -> Json | None:
    opened: Json = p.cast.finance.get(f"/payouts/runs/{run}")
    return opened if opened["closed_at"] else None


def _check() -> str:
    checked = subprocess.run([sys.executable, "-m", "cli.main", "check"], capture_output=True, text=True, check=False)
    return checked.stdout.strip() if checked.returncode == 0 else ""


def _dollars(amount: int) -> str:
    return f"${amount / 100:,.2f}"
