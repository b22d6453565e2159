"""The same cases to the simulators and, with a test key in the environment, to Stripe and SendGrid themselves."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.cases import CASES, SENDGRID, STRIPE, Case
from tests.contract.conftest import FROM_OUTSIDE
from tests.contract.document import EVERY
from tests.contract.lines import Line, StripeLine
from tests.contract.recording import LAST_RUN, RECORDED, laid_beside, note_run, pairs_of, record, recorded
from tests.contract.sides import KEYS

KNOWN = {each["case"]: each for each in recorded()}
ANSWERED: dict[str, dict[str, bool]] = {}


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
    _asked(case, request.getfixturevalue({STRIPE: "to_stripe", SENDGRID: "to_sendgrid"}[case.provider]))


def _asked(case: Case, line: Line, home: Path = RECORDED, run: Path = LAST_RUN) -> None:
    """Put a case to a provider itself: whatever comes of it is kept with its day."""
    today, answered = datetime.now(UTC).date(), ANSWERED.setdefault(case.provider, {})
    answered[case.name] = False
    try:
        case.run(line)
        answered[case.name] = True
    finally:
        record(case, line.exchanges, on=today, home=home)
        failed = [name for name, has_passed in answered.items() if not has_passed]
        note_run(case.provider, len(answered) - len(failed), failed, on=today, path=run)


def _simulated(case: Case, line: Line, known: Mapping[str, Any] | None = None) -> None:
    case.run(line)
    known = known or KNOWN.get(str(case))
    if known is not None:
        assert laid_beside(known["pairs"], pairs_of(line.exchanges)) == [], f"as recorded on {known['on']}"


NAMED = "stripe.a_card_payment_succeeds_and_is_booked_with_its_fee", "stripe.what_is_billed_on_a_test_clock_happens_in_its_time"


@pytest.mark.parametrize("name", NAMED)
def test_what_was_recorded_is_laid_beside_what_the_simulator_answers(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.contract.test_contract.ANSWERED", {})
    line, case = request.getfixturevalue("to_simulated_stripe"), CASES[name]
    _asked(case, line, tmp_path, tmp_path / "last_run.json")
    assert json.loads((tmp_path / "last_run.json").read_text())[STRIPE]["passed"] == 1
    (kept,) = recorded(tmp_path)
    line.exchanges.clear()
    _simulated(case, line, kept)
    kept["pairs"][0]["body"].pop("livemode")
    line.exchanges.clear()
    with pytest.raises(AssertionError, match="livemode is not the provider's"):
        _simulated(case, line, kept)


def test_what_prepares_an_account_is_no_part_of_a_case(to_simulated_stripe: StripeLine) -> None:
    assert (to_simulated_stripe.payable()[:5], to_simulated_stripe.paid_out_account()[:5]) == ("acct_", "acct_")
    assert to_simulated_stripe.exchanges == []


@pytest.mark.parametrize("provider", KEYS)
def test_what_is_not_put_to_the_provider_itself_says_why(provider: str) -> None:
    left_out = [each for each in of(provider) if each not in asked_itself(provider)]
    assert all(each.only_here or FROM_OUTSIDE.lacks(provider, each.needs) for each in left_out)
    assert bool(FROM_OUTSIDE.keys.get(provider)) or left_out == of(provider)
