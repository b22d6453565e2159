"""The brief: written, signed on its hash, signed again after one changed word, funded in two ways, launched."""

from datetime import datetime, timedelta

import httpx

from demo.cast import sign_in
from demo.client import Json, wait_for
from demo.story.partnership import Partnership
from demo.works.versions import FILM, POSTER, SONG

DELIVERABLES = (
    {"title": FILM, "kind": "film", "format": "MP4, H.264 and AAC", "length": "15 to 30 seconds", "price": 3_000_000},
    {"title": POSTER, "kind": "picture", "format": "PNG, portrait", "length": "one side", "price": 1_200_000},
    {"title": SONG, "kind": "sound", "format": "MP3, stereo", "length": "about half a minute", "price": 800_000},
)
COOLING = timedelta(hours=72, minutes=1)
CALL, COLLABORATION, CURATION, DELIVERY, GO_LIVE = 14, 21, 28, 40, 45
STORY = (
    "Every family keeps the end of the year in its own way: a lantern with one pane that does not match, a river that carries candles, "
    "a table with a chair too many. Zappos wants to show these customs as the people who keep them would, in three pieces made together."
)
ASKED_FOR = "Stories, poems, pictures, sounds and short films about a holiday tradition that you know from the inside."


def begin(p: Partnership) -> None:
    """Staff and the brand's people are appointed."""
    cast = p.cast
    cast.appoint_at_the_machine()
    sign_in([cast.operator, cast.finance])
    _appoint_staff(p)
    sign_in([cast.manager, cast.controller, cast.accountant])
    sign_off_roles, denise = ["marketing", "legal"], cast.approver
    p.brand = cast.manager.post("/brands", name="Zappos", sign_off_roles=sign_off_roles, billing_email=denise.email, same_name=True)["id"]
    p.tell("Mara Lindqvist, partnership manager, adds Zappos; its marketing and legal teams must sign every brief.")
    _appoint_brand(p)


def _appoint_brand(p: Partnership) -> None:
    """The brand's billing address confirms its administrator, who appoints its signers and its approver: nobody on staff does."""
    cast, denise = p.cast, p.cast.approver
    newest = denise.newest_email()
    cast.manager.post(f"/brands/{p.brand}/administrators", email=denise.email, name=denise.name)
    denise.confirm_administrator(since=newest)
    sign_in([denise])
    for person, role, sign_off_role in (
        (cast.marketing, "signer", "marketing"),
        (cast.legal, "signer", "legal"),
        (denise, "approver", None),
    ):
        denise.post(f"/brands/{p.brand}/roles", email=person.email, role=role, sign_off_role=sign_off_role, name=person.name)
    sign_in([cast.marketing, cast.legal])
    p.tell("Zappos's billing address confirms Denise Calloway as its administrator; she appoints the signers, and herself as approver.")


def _appoint_staff(p: Partnership) -> None:
    """The operator appoints the others; where two are in finance already it takes one of them too, and every new role cools."""
    cast = p.cast
    cast.operator.post("/roles", email=cast.controller.email, role="finance", name=cast.controller.name)
    asked = [
        cast.operator.post("/roles", email=person.email, role=role, name=person.name)
        for person, role in ((cast.manager, "manager"), (cast.accountant, "finance"))
    ]
    if not (waiting := [each["id"] for each in asked if each["state"] == "waiting"]):  # the demo was here before
        return
    for appointment in waiting:
        cast.finance.post(f"/appointments/{appointment}/confirm")
    p.tell("Odile Okonkwo appoints Mara Lindqvist and Ingrid Dahl, and Femi Adeyemi confirms it; the roles take effect after 72 hours.")
    p.let_pass(COOLING)
    wait_for("the roles to count", lambda: all(_counts(p, role) for role in ("manager", "finance")))


def _counts(p: Partnership, role: str) -> bool:
    found = [each for each in p.cast.operator.get("/appointments")["items"] if each["role"] == role]
    return all(each["state"] == "in_force" for each in found)


def write(p: Partnership) -> None:
    """The manager writes the brief with its three deliverables, dates and pay rule."""
    manager = p.cast.manager
    p.campaign = manager.post("/campaigns", brand=p.brand, title="Holiday traditions around the world")["id"]
    now = p.now()
    manager.patch(
        f"{p.path}/brief",
        story=STORY,
        asked_for=ASKED_FOR,
        do_list=["Tell it from the inside", "Name the place and the hour", "Build on what others have submitted, and cite it"],
        dont_list=["No logos", "No shoes unless they belong there"],
        time_zone="America/Los_Angeles",
        call_closes_at=_after(now, CALL),
        collaboration_closes_at=_after(now, COLLABORATION),
        curation_due_at=_after(now, CURATION),
        delivery_due_at=_after(now, DELIVERY),
        go_live_at=_after(now, GO_LIVE),
        currency="USD",
        assembly="0.05",
        contains="0.30",
        influenced_by="0.10",
        staff_ids=[manager.id],
    )
    for wanted in DELIVERABLES:
        p.deliverables[str(wanted["title"])] = manager.post(f"{p.path}/deliverables", **wanted)["id"]
    p.tell(
        "The brief: three deliverables for $50,000.00; 30% is passed on to contributions that a contribution contains, 10% to its "
        "influences."
    )


def sign(p: Partnership) -> None:
    """Marketing and legal sign; one changed word voids it, the difference is shown, and they sign again."""
    _sign_both(p)
    p.cast.manager.patch(f"{p.path}/brief", asked_for=ASKED_FOR.replace("short films", "very short films"))
    missing = p.cast.manager.get(f"{p.path}/signatures")["missing"]
    changes = p.cast.legal.get(f"{p.path}/signatures/legal/difference")["changes"]
    words = [run["text"].strip() for change in changes for run in change["words"] if run["fate"] == "added"]
    p.tell(f"One word is added ({', '.join(words)}): the signatures of {' and '.join(missing)} are void.")
    _sign_both(p)
    p.tell("Both have reviewed the change and signed again.")


def fund(p: Partnership) -> None:
    """Most by an invoice of Stripe's, paid in two parts; the rest by a wire that two people have seen."""
    manager, finance = p.cast.manager, p.cast.finance
    owed = manager.get(f"{p.path}/funding")["missing"]
    billed = owed * 9 // 10
    invoice = manager.post(f"{p.path}/funding/invoices", amount=billed, po_number="PO-20419", bill_to="Zappos.com LLC")["id"]
    opened: Json = wait_for("the invoice", lambda: _open_invoice(p, invoice))
    _pay(opened["url"], amount=billed // 4, method="card")
    _pay(opened["url"], method="bank_transfer")
    p.tell(f"Zappos pays an invoice of {_dollars(billed)}, by card and by bank transfer.")
    receipt = finance.post(
        f"{p.path}/funding/receipts", amount=owed - billed, reference="WIRE 77120", received_on=p.now().date().isoformat()
    )
    p.cast.controller.post(f"{p.path}/funding/receipts/{receipt['id']}/confirm")
    wait_for("the money to be held", lambda: manager.get(f"{p.path}/funding")["missing"] == 0)
    p.tell(f"The rest comes by wire; Femi Adeyemi records it and Greta Haas confirms it. {_dollars(owed)} is held.")


def launch(p: Partnership) -> None:
    """Signed and funded: the manager launches."""
    gates = p.cast.manager.get(f"{p.path}/plan")["gates"]
    p.cast.manager.post(f"{p.path}/launch")
    p.tell(f"Launched, with {gates[0]['slack_days']} days to go-live.")
    p.wait_until_in("open_call")


def _after(now: datetime, days: int) -> str:
    return (now + timedelta(days=days)).replace(microsecond=0).isoformat()


def _sign_both(p: Partnership) -> None:
    for signer, sign_off_role in ((p.cast.marketing, "marketing"), (p.cast.legal, "legal")):
        signer.post(f"{p.path}/signatures", sign_off_role=sign_off_role, hash=signer.get(f"{p.path}/brief")["hash"])


def _open_invoice(p: Partnership, invoice: str) -> Json | None:
    invoices: list[Json] = p.cast.manager.get(f"{p.path}/funding")["invoices"]
    return next((i for i in invoices if i["id"] == invoice and i["url"]), None)


def _pay(url: str, **form: object) -> None:
    httpx.post(url, data=form, timeout=30, follow_redirects=True).raise_for_status()


def _dollars(amount: int) -> str:
    return f"${amount / 100:,.2f}"
