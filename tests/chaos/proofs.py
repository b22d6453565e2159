"""Every guard, taken out one at a time: with it a scenario ends well, without it the harm is done and named."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import reduce
from importlib import import_module

import pytest

from tests.chaos import guards, guards_at_stripe, guards_of_emails, guards_of_turns
from tests.chaos.child import unguarded
from tests.chaos.guards import Ground
from tests.chaos.outcomes import Outcome
from tests.chaos.points import GUARDS, Replaced

A_DAY = 2
OURS = ("campaigns.", "flows.", "notifications.", "workers.")


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario, the guards that are taken out for it, and how the harm begins that it then does."""

    scenario: Callable[[Ground], list[str]]
    guards: tuple[str, ...]
    harm: str
    in_the_database: Callable[[], AbstractContextManager[None]] = nullcontext

    def harms(self, ground: Ground, *, guarded: bool) -> list[str]:
        """What the scenario does, with the guards or without."""
        if guarded:
            return self.scenario(ground)
        with ground.fire.without(*self.guards), also_here(self.guards), self.in_the_database():
            return self.scenario(ground)

    def outcome(self, ground: Ground, name: str) -> Outcome:
        """The scenario with the guards, and then without."""
        return Outcome(name, self.harm, self.harms(ground, guarded=True), self.harms(ground, guarded=False))


PROOFS: Mapping[str, Proof] = {
    "the key of a transfer": Proof(guards.killed_between_stripes_answer_and_our_commit, ("stripes_key",), "transfer"),
    "the key of a request": Proof(guards.answer_lost_and_said_again, ("our_key", "our_kept_answer"), "client"),
    "the fence of a lease": Proof(guards.asleep_past_the_lease, ("lease",), "transfer"),
    "the fence of a campaign": Proof(guards.cancelled_while_its_package_is_built, ("generation",), "after the end"),
    "the number of a visit": Proof(guards.word_of_an_earlier_visit, ("visit",), "word on the material"),
    "the outbox": Proof(guards_of_emails.relay_killed_with_an_email_in_hand, ("outbox",), "an email is lost"),
    "the one email of each fact": Proof(
        guards_of_emails.relay_killed_with_emails_just_written, (), "an email is written twice",
        guards_of_emails.emails_may_be_written_twice,
    ),
    "the key of a refund": Proof(guards_at_stripe.killed_with_a_refund_just_made, ("refunds_key",), "refund"),
    "the key of an invoice": Proof(guards_at_stripe.killed_with_an_invoice_just_made, ("invoices_key",), "invoice"),
    "the key of an account": Proof(guards_at_stripe.killed_with_an_account_just_made, ("accounts_key",), "account"),
    "the look after 23 hours": Proof(guards_at_stripe.killed_and_away_for_a_day, ("look_up",), "transfer"),
    "the pulse's lock": Proof(guards_of_turns.carried_by_a_process_that_lives, ("pulse",), "a campaign"),
    "the key of the inbox": Proof(guards_of_turns.told_again_after_the_web_was_killed, ("inbox_key",), "an event"),
    "the key of a journal": Proof(guards_of_turns.posted_by_two_at_once, ("journals_key",), "a journal"),
    "the generation of a run": Proof(guards_of_turns.sent_by_an_older_generation, ("runs_generation",), "a run"),
    "the fence of an attempt": Proof(guards_of_turns.looked_up_by_two, ("attempt",), "transfer"),
    "the lease of the relay": Proof(guards_of_emails.at_hand_of_two_relays, ("relays_lease",), "an email"),
    "the wait for SendGrid's word": Proof(guards_of_emails.relay_killed_once_sendgrid_had_the_email, ("wait_for_word",), "an email"),
}  # fmt: skip


def of_the_day(day: date) -> Sequence[str]:
    """The guards that are taken out on this day, other ones each day until all have had their turn."""
    names = list(PROOFS)
    return [names[(day.toordinal() * A_DAY + place) % len(names)] for place in range(A_DAY)]


@contextmanager
def also_here(names: Sequence[str]) -> Iterator[None]:
    """The guards are out in this process too, which plays one of the installation's own in some scenarios."""
    with pytest.MonkeyPatch.context() as patch:
        for guard in GUARDS:
            if guard.name in names:
                _take_out(patch, guard)
        yield


def _take_out(patch: pytest.MonkeyPatch, guard: Replaced) -> None:
    *owners, name = guard.function.split(".")
    owner = reduce(getattr, owners, import_module(guard.module))
    there = getattr(owner, name)
    bare = getattr(unguarded, guard.replacement)(there)
    patch.setattr(owner, name, bare)
    for module in [each for path, each in sys.modules.items() if path.startswith(OURS)]:
        if vars(module).get(name) is there:
            patch.setattr(module, name, bare)
