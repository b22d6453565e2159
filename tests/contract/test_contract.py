"""The same cases to the simulators and, with a test key in the environment, to Stripe and SendGrid themselves."""

from datetime import UTC, datetime

import pytest

from tests.contract.cases import SENDGRID, STRIPE, Case
from tests.contract.conftest import FROM_OUTSIDE
from tests.contract.document import EVERY
from tests.contract.recording import differences, note_run, pair_of, record, recorded
from tests.contract.sides import KEYS

RECORDED = {each["case"]: each for each in recorded()}
ANSWERED: dict[str, list[bool]] = {}


def of(provider: str) -> list[Case]:
    return [case for case in EVERY if case.provider == provider]


def asked_itself(provider: str) -> list[Case]:
    """The cases that the provider itself can be asked now."""
    return [each for each in of(provider) if not each.only_here and not FROM_OUTSIDE.lacks(provider, each.needs)]


@pytest.mark.parametrize("case", of(STRIPE), ids=str)
def test_stripes_simulator_keeps_the_contract(case: Case, request: pytest.FixtureRequest) -> None:
    _simulated(case, request.getfixturevalue("to_simulated_stripe"))


@pytest.mark.parametrize("case", of(SENDGRID), ids=str)
def test_sendgrids_simulator_keeps_the_contract(case: Case, request: pytest.FixtureRequest) -> None:
    _simulated(case, request.getfixturevalue("to_simulated_sendgrid"))


@pytest.mark.parametrize("case", [*asked_itself(STRIPE), *asked_itself(SENDGRID)], ids=str)
def test_the_provider_itself_keeps_the_contract(case: Case, request: pytest.FixtureRequest) -> None:
    line = request.getfixturevalue({STRIPE: "to_stripe", SENDGRID: "to_sendgrid"}[case.provider])
    today, kept = datetime.now(UTC).date(), ANSWERED.setdefault(case.provider, [])
    failed = True
    try:
        case.run(line)
        failed = False
    finally:
        kept.append(not failed)
        record(case, line.exchanges, on=today)
        note_run(case.provider, sum(kept), [] if all(kept) else ["see the run"], on=today)


def _simulated(case: Case, line: "object") -> None:
    case.run(line)
    known = RECORDED.get(str(case))
    if known is None:
        return
    ours = [pair_of(each) for each in line.exchanges]  # type: ignore[attr-defined]
    theirs = known["pairs"]
    apart = [f"{one['method']} {one['path']}: {each}" for one, other in zip(theirs, ours, strict=False) for each in differences(one, other)]
    assert apart == [], f"as recorded on {known['on']}"


@pytest.mark.parametrize("provider", KEYS)
def test_what_is_not_put_to_the_provider_itself_says_why(provider: str) -> None:
    left_out = [each for each in of(provider) if each not in asked_itself(provider)]
    assert all(each.only_here or FROM_OUTSIDE.lacks(provider, each.needs) for each in left_out)
    assert bool(FROM_OUTSIDE.keys.get(provider)) or left_out == of(provider)
