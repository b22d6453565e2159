"""Each list that no test of its stage counts: thirty payouts cost as many statements as one, and come in pages without a gap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from campaigns.brief.deliverables.actions import add_deliverable
from campaigns.brief.funding.actions import record_receipt
from campaigns.brief.queries import written_brief
from campaigns.brief.signatures.actions import sign
from campaigns.collaboration.claims import actions as claim_actions
from campaigns.collaboration.models import SourceKind
from campaigns.core import access, clock
from campaigns.core.ids import new_id
from campaigns.core.lanes import Lane
from campaigns.core.outbox import OutboxMessage
from campaigns.core.people import Actor, Brand, Scope
from campaigns.core.permissions import Role
from campaigns.core.stages import Stage
from campaigns.curation.selections.actions import publish, select_for
from campaigns.ledger.accounts import Entry, bank, payee
from campaigns.ledger.actions import post
from campaigns.open_call.questions import actions as question_actions
from campaigns.payments.models import PayoutAccount
from campaigns.payout.holds.models import Hold
from campaigns.payout.reconciliations.models import Discrepancy, NegativeBalance
from campaigns.payout.runs.models import Payout, PayoutRun, RunLimits
from tests import factories
from tests.api.caller import caller, token_of
from tests.campaigns.brief.counting import statements
from tests.campaigns.payout.sharing import assessed, computed, in_payout
from tests.questioned import questioned
from workers.transactions import unit_of_work

API = "/api/v1"
MANY = 30
Grow: TypeAlias = Callable[[Session, int], object]


@dataclass
class Shelf:
    """A list: where it is, for whom, and how it gets one more payout."""

    path: str
    reader: Actor
    grow: Grow

    def client(self) -> TestClient:
        with unit_of_work() as session:
            return caller(token_of(session, self.reader))


def now(session: Session) -> Any:
    return clock.business_now(session)


def calls(session: Session) -> Shelf:
    return Shelf("/calls", factories.person(session), lambda s, _n: factories.opened_call(s, (factories.CARD,), at=now(s)))


def deliverables(session: Session) -> Shelf:
    made = factories.filled_brief(session, (), at=now(session))
    grow: Grow = lambda s, _n: add_deliverable(s, made.id, factories.CARD, by=made.manager, at=now(s))  # noqa: E731
    return Shelf(f"/campaigns/{made.id}/brief", made.manager, grow)


def signatures(session: Session) -> Shelf:
    made = factories.filled_brief(session, at=now(session))

    def grow(s: Session, number: int) -> None:
        sign_off_role = f"role {number}"
        brand = s.get_one(Brand, made.brand.id)
        brand.sign_off_roles = [*brand.sign_off_roles, sign_off_role]
        signer = factories.someone(s, Role.SIGNER, on=Scope(brand_id=brand.id), sign_off_role=sign_off_role)
        sign(s, made.id, sign_off_role, written_brief(s, made.id).hash, by=signer, at=now(s))

    return Shelf(f"/campaigns/{made.id}/signatures", made.manager, grow)


def receipts(session: Session) -> Shelf:
    made = factories.filled_brief(session, at=now(session))
    grow: Grow = lambda s, n: record_receipt(s, made.id, 100, f"W{n}", now(s).date(), by=made.manager, at=now(s))  # noqa: E731
    return Shelf(f"/campaigns/{made.id}/funding", made.manager, grow)


def _claimed(session: Session, path: str, reader: str) -> Shelf:
    made = factories.opened_call(session, (factories.CARD,), at=now(session))
    ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
    older = factories.taking_part(session, made, ana, at=now(session))

    def grow(s: Session, _number: int) -> None:
        contribution = factories.taking_part(s, made, ben, at=now(s))
        claim_actions.claim(s, contribution.id, older.id, SourceKind.INFLUENCED_BY, by=ben, at=now(s))

    return Shelf(path.format(campaign=made.id), {"ana": ana, "curator": factories.curator(session, made)}[reader], grow)


def claims_to_answer(session: Session) -> Shelf:
    return _claimed(session, "/me/claims", "ana")


def claims_about(session: Session) -> Shelf:
    return _claimed(session, "/me/claims/all", "ana")


def open_claims(session: Session) -> Shelf:
    return _claimed(session, "/campaigns/{campaign}/influence-claims", "curator")


def sources(session: Session) -> Shelf:
    made = factories.opened_call(session, (factories.CARD,), at=now(session))
    ana, ben = factories.person(session, "Ana"), factories.person(session, "Ben")
    older = [factories.taking_part(session, made, ana, at=now(session)).id for _number in range(MANY)]
    contribution = factories.taking_part(session, made, ben, at=now(session))
    grow: Grow = lambda s, n: claim_actions.claim(s, contribution.id, older[n], SourceKind.INFLUENCED_BY, by=ben, at=now(s))  # noqa: E731
    return Shelf(f"/contributions/{contribution.id}/sources", ben, grow)


def outcomes(session: Session) -> Shelf:
    made = factories.opened_call(session, (factories.CARD,) * MANY, at=now(session))
    ana = factories.person(session, "Ana")
    contribution = factories.taking_part(session, made, ana, at=now(session))
    deliverables = factories.entered(session, made, Stage.CURATION, at=now(session))

    def grow(s: Session, number: int) -> None:
        publish(
            s, deliverables[number].id, deliverables[number].visit, {contribution.id: "It moved us."}, {}, None, by=made.manager, at=now(s)
        )

    return Shelf(f"/contributions/{contribution.id}/outcome", ana, grow)


def picked(session: Session) -> Shelf:
    made, ana = factories.opened_call(session, (factories.CARD,), at=now(session)), factories.person(session, "Ana")
    contributions = [factories.taking_part(session, made, ana, at=now(session)).id for _number in range(MANY)]
    (deliverable,) = factories.entered(session, made, Stage.CURATION, at=now(session))
    grow: Grow = lambda s, n: select_for(s, deliverable.id, contributions[n], n % 2 == 0, "So.", by=made.manager, at=now(s))  # noqa: E731
    return Shelf(f"/deliverables/{deliverable.id}/selection/contributions", made.manager, grow)


def browsers(session: Session) -> Shelf:
    ana = factories.person(session, "Ana")
    return Shelf("/sessions", ana, lambda s, n: access.open_session(s, ana.person, agent=f"Browser {n}"))


def proposals(session: Session) -> Shelf:
    shared = in_payout(session)

    def grow(s: Session, number: int) -> None:
        assessed(s, shared, points=number + 1, at=now(s))
        computed(s, shared.deliverable, at=now(s))

    return Shelf(f"/deliverables/{shared.deliverable.id}/proposals", shared.ana, grow)


def finance(session: Session) -> Actor:
    return factories.someone(session, Role.FINANCE)


def _run(session: Session) -> PayoutRun:
    run = PayoutRun(currency="USD", route="stripe-us", sequence=str(new_id()), quoted_at=now(session))
    session.add(run)
    session.flush()
    return run


def _item(run: PayoutRun, person: Actor, session: Session, sent_at: datetime | None = None) -> None:
    session.add(
        Payout(
            run_id=run.id, person_id=person.person, currency="USD", amount=100, destination="acct_1", transfer_group="g",
            state="sent", transfer_id=f"tr_{new_id().hex}", settled_at=sent_at or now(session),
        )
    )  # fmt: skip


def runs(session: Session) -> Shelf:
    return Shelf("/payouts/runs", finance(session), lambda s, _n: _run(s))


def items(session: Session) -> Shelf:
    run = _run(session)
    return Shelf(f"/payouts/runs/{run.id}", finance(session), lambda s, _n: _item(run, factories.person(s), s))


def payments(session: Session) -> Shelf:
    ana = factories.person(session, "Ana")
    return Shelf("/me/payouts", ana, lambda s, _n: _item(_run(s), ana, s))


def limits(session: Session) -> Shelf:
    fay = finance(session)

    def grow(s: Session, number: int) -> None:
        s.add(RunLimits(currency="USD", most_per_run=number, most_per_person=1, proposed_by=fay.person, proposed_at=now(s)))

    return Shelf("/payouts/limits", fay, grow)


def holds(session: Session) -> Shelf:
    def grow(s: Session, _number: int) -> None:
        s.add(Hold(person_id=factories.person(s).person, reason="account_closed", placed_at=now(s)))

    return Shelf("/payouts/holds", finance(session), grow)


def negative_balances(session: Session) -> Shelf:
    def grow(s: Session, number: int) -> None:
        known = {"state": "active", "provider_id": f"acct_{number}", "opened_at": now(s)}
        account = PayoutAccount(person_id=factories.person(s).person, country="US", agreement="full", **known)
        s.add(account)
        s.flush()
        stands = {"amount": -100, "since": now(s), "cause": "adjustment", "looked_at": now(s)}
        s.add(NegativeBalance(account_id=account.id, currency="USD", **stands))

    return Shelf("/payouts/negative-balances", finance(session), grow)


def not_arrived(session: Session) -> Shelf:
    def grow(s: Session, _number: int) -> None:
        _item(_run(s), factories.person(s), s, sent_at=now(s) - timedelta(days=31))

    return Shelf("/payouts/not-arrived", finance(session), grow)


def discrepancies(session: Session) -> Shelf:
    def grow(s: Session, number: int) -> None:
        s.add(Discrepancy(kind="foreign", subject=f"tr_{number}", amount=1, currency="USD", found_at=now(s)))

    return Shelf("/payouts/discrepancies", finance(session), grow)


def unpayable(session: Session) -> Shelf:
    def grow(s: Session, number: int) -> None:
        somebody = payee(factories.person(s).person, "USD")
        post(s, "payout.final", f"final {number}", [Entry(bank("USD"), somebody, 100)], at=now(s))

    return Shelf("/payouts/unpayable/USD", finance(session), grow)


def call_questions(session: Session) -> Shelf:
    made = factories.opened_call(session, (factories.CARD,), at=now(session))
    grow: Grow = lambda s, n: question_actions.ask(s, made.id, f"Question {n}?", by=factories.person(s), at=now(s))  # noqa: E731
    return Shelf(f"/campaigns/{made.id}/call/questions", made.manager, grow)


def months(session: Session) -> Shelf:
    ana = factories.person(session, "Ana")

    def grow(s: Session, number: int) -> None:
        at = now(s) + timedelta(days=31 * number)
        post(s, "payout.final", f"final {number}", [Entry(bank("USD"), payee(ana.person, "USD"), 100)], at=at)

    return Shelf("/me/statements", ana, grow)


def brands(session: Session) -> Shelf:
    return Shelf("/brands", factories.someone(session, Role.MANAGER), lambda s, _n: factories.brand(s))


def flow_runs(session: Session) -> Shelf:
    def grow(s: Session, _number: int) -> None:
        factories.new_campaign(s).campaign.generation = 1

    return Shelf("/flow-runs", factories.someone(session, Role.OPERATOR), grow)


def failing(session: Session) -> Shelf:
    def grow(s: Session, number: int) -> None:
        s.add(OutboxMessage(kind="email", lane=Lane.EMAILS, key=f"key {number}", body={}, last_error="It went wrong."))

    return Shelf("/outbox/failing", factories.someone(session, Role.OPERATOR), grow)


def disputes(session: Session) -> Shelf:
    made = factories.new_campaign(session)
    return Shelf("/disputes", finance(session), lambda s, _n: questioned(s, made, now(s)))


SHELVES = (
    call_questions, calls, deliverables, signatures, receipts, claims_to_answer, claims_about, open_claims, sources, outcomes, proposals,
    runs, items, payments, limits, holds, negative_balances, not_arrived, discrepancies, unpayable, months, brands, flow_runs, failing,
    picked, browsers, disputes,
)  # fmt: skip


def items_in(answer: Any) -> list[Any]:
    """The payouts of an answer, whatever they are called there."""
    lists = [answer] if isinstance(answer, list) else [value for value in answer.values() if isinstance(value, list)]
    return max(lists, key=len)


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.__name__)
def test_thirty_items_cost_as_many_statements_as_one(fresh_database: str, shelf: Callable[[Session], Shelf]) -> None:
    with unit_of_work() as session:
        made = shelf(session)
    client, sent = made.client(), []
    for numbers in (range(1), range(1, MANY)):
        for number in numbers:
            with unit_of_work() as session:
                made.grow(session, number)
        client.get(API + made.path)  # the first use of a token is written down
        with unit_of_work() as session, statements(session) as asked:
            answer = client.get(API + made.path)
        assert answer.status_code == 200, answer.text
        sent.append(len(asked))
    assert (len(items_in(answer.json())), sent[1]) == (MANY, sent[0])


def pages(client: TestClient, path: str) -> Iterator[list[Any]]:
    after: dict[str, Any] = {}
    while True:
        page = client.get(API + path, params={"limit": 4, **after}).json()
        yield page["items"]
        if page["next"] is None:
            return
        after = {"after": page["next"]}


PAGED = (
    calls, claims_to_answer, claims_about, open_claims, outcomes, picked, browsers, proposals, runs, items, payments, limits, holds,
    negative_balances, not_arrived, discrepancies, unpayable, flow_runs, disputes,
)  # fmt: skip


@pytest.mark.parametrize("shelf", PAGED, ids=lambda shelf: shelf.__name__)
def test_pages_leave_nothing_out_and_show_nothing_twice(fresh_database: str, shelf: Callable[[Session], Shelf]) -> None:
    with unit_of_work() as session:
        made = shelf(session)
    for number in range(9):
        with unit_of_work() as session:
            made.grow(session, number)
    client = made.client()
    found = list(pages(client, made.path))
    assert [len(page) for page in found] == [4, 4, 1]
    assert [_name(item) for page in found for item in page] == [_name(item) for item in client.get(API + made.path).json()["items"]]


def _name(item: Any) -> Any:
    """What a payout is called; links to files are others each time."""
    return next(item[name] for name in ("id", "campaign", "deliverable", "contribution_id", "key", "person") if name in item)
