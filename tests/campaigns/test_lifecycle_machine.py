"""Any order of real actions, clock jumps and repeated or lost wake-ups ends in a legal state, and nobody waits for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from campaigns import lifecycle
from campaigns.core.blockers import Waited
from campaigns.core.campaign import Deliverable, deliverables_of
from campaigns.core.errors import Refusal
from campaigns.core.events import Event
from campaigns.core.permissions import Role
from campaigns.core.stages import ENDS, Stage
from campaigns.installation import checks as installation_checks
from campaigns.ledger.checks import broken
from campaigns.payout.checks import INVARIANTS
from tests import carrying, everyone
from tests.called_off import settle_what_is_due
from tests.campaigns.mischief import MISCHIEF, Luck
from tests.everyone import Cast
from tests.factories import NOW, READER, filled_brief

WHOM = {role.value for role in Role} | {"brand", "callboard"}
CLOCK = {"call_open", "collaboration_open", "window_open"}
MACHINE = {"contributions_arriving", "package", "proposal_due", "being_posted"}
BEGINNINGS = [stage for stage in reversed(Stage) if stage not in ENDS]
SPANS = st.integers(0, 12).map(lambda days: timedelta(days=days, hours=1))
WHICH, LUCK = st.integers(0, 2), st.builds(Luck, st.integers(0, 5), SPANS)


class Partnership(RuleBasedStateMachine):
    """One campaign of two or three deliverables: what is refused changes nothing, what is done leaves everything legal."""

    engine: Engine
    all_: Cast

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.is_sound = False

    @initialize(stage=st.sampled_from(BEGINNINGS), deliverables=st.integers(2, 3))
    def begin(self, stage: Stage, deliverables: int) -> None:
        if stage is Stage.BRIEF:
            self.all_ = everyone.cast(self.session, filled_brief(self.session, (READER,) * deliverables), at=NOW)
        else:
            self.all_, _deliverable = carrying.under_way(self.session, stage, deliverables)
        self.session.commit()

    def deliverable(self, which: int) -> Deliverable:
        deliverables = deliverables_of(self.session, self.all_.made.id)
        return deliverables[which % len(deliverables)]

    @contextmanager
    def tried(self) -> Iterator[None]:
        """What is refused is undone; what is done is committed."""
        try:
            with self.session.begin_nested():
                yield
        except Refusal:
            self.session.expire_all()
        self.session.commit()

    @rule()
    def flow_is_woken(self) -> None:
        carrying.run_flow(self.session, self.all_)
        self.session.commit()

    @rule(times=st.integers(1, 3))
    def gates_are_looked_at(self, times: int) -> None:
        """A wake-up, however often repeated, moves each deliverable one stage at a time."""
        for _time in range(times):
            before = {t.id: t.stage for t in self.all_.deliverables(self.session)}
            moved = lifecycle.move_on(self.session, self.all_.made.id, at=self.all_.at)
            assert [(t.id, t.stage) for t in moved] == [(t.id, lifecycle.FORWARD[before[t.id]]) for t in moved]
        self.session.commit()

    @rule(times=st.integers(1, 4))
    def all_goes_well(self, times: int) -> None:
        """For a while everyone does what is asked of them."""
        for _time in range(times):
            carrying.run_flow(self.session, self.all_)
            carrying.do_what_is_first(self.session, self.all_)
        self.session.commit()

    @rule()
    def cancelled_campaigns_are_swept(self) -> None:
        settle_what_is_due(self.session, at=self.all_.at)
        self.session.commit()

    @rule(by=SPANS)
    def clock_jumps(self, by: timedelta) -> None:
        self.all_.at += by

    @rule(which=WHICH, place=st.integers(0, 3))
    def someone_does_what_is_asked(self, which: int, place: int) -> None:
        deliverable = self.deliverable(which)
        waits = self.all_.waits(self.session).get(deliverable.id, [])
        if waits and (wait := waits[place % len(waits)]).code not in MACHINE:
            with self.tried():
                everyone.do(self.session, self.all_, deliverable, wait)

    @rule(which=WHICH, deed=st.integers(0, 8), luck=LUCK)
    def someone_does_something_else(self, which: int, deed: int, luck: Luck) -> None:
        deliverable = self.deliverable(which)
        deeds = MISCHIEF[deliverable.stage]
        with self.tried():
            deeds[deed % len(deeds)](self.session, self.all_, deliverable, luck)

    @invariant()
    def everything_is_legal(self) -> None:
        self.is_sound = False
        assert (installation_checks.broken(self.session), broken(self.session, INVARIANTS)) == ([], [])
        moves = self.session.scalars(select(Event.facts).where(Event.name == "campaign.moved"))
        assert {(Stage(m["frm"]), Stage(m["to"])) for m in moves} <= {(frm, to) for frm, tos in lifecycle.MOVES.items() for to in tos}
        self.is_sound = True

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        """Whatever waits, waits for someone who can do something, for the clock, or for a machine that is astir."""
        self.is_sound = False
        deliverables, waits, is_astir = (
            self.all_.deliverables(self.session),
            self.all_.waits(self.session),
            self.all_.is_astir(self.session),
        )
        assert self.all_.made.campaign.is_live == bool(deliverables)
        assert is_astir or all(waits[t.id] for t in deliverables)
        for wait in [wait for each in waits.values() for wait in each]:
            assert wait.code in everyone.DEEDS.keys() | MACHINE
            assert wait.waits_for in WHOM
            assert is_astir or wait.waits_for != Waited.CALLBOARD
            assert wait.code not in CLOCK or (wait.due is not None and wait.due > self.all_.at)
        self.is_sound = True

    def teardown(self) -> None:
        """Once everyone only does what is asked, everything comes to its end."""
        try:
            if self.is_sound:
                carrying.finish(self.session, self.all_)
                self.session.commit()
                assert not self.all_.made.campaign.is_unsettled
                self.everything_is_legal()
                self.nobody_waits_for_ever()
        finally:
            self.session.close()
            self.outer.rollback()
            self.connection.close()


def test_any_order_of_actions_jumps_and_wake_ups_ends_in_a_legal_state_and_nobody_waits_for_ever(engine: Engine) -> None:
    Partnership.engine = engine
    run_state_machine_as_test(
        Partnership,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
