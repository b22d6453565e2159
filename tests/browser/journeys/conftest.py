"""One company on the real stack for all parts of the assignment, in their order."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.journeys.company import NAMES, Company, address
from tests.browser.journeys.hands import Hands
from tests.installation import Installation


@pytest.fixture(scope="module")
def company(stack: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company at the real stack, of whom it knows an operator and one of finance."""
    home, mailbox = stack.settings.public_url, f"{stack.settings.sendgrid_url}/sandbox/mailbox"
    people = {part: Hands(name, address(part), browser, home, mailbox) for part, name in NAMES.items()}
    company = Company(**people, folder=tmp_path_factory.mktemp("files"))
    company.appoint_at_the_machine(stack)
    yield company
    for hands in company.people:
        hands.close()


@pytest.fixture(autouse=True)
def _in_order(company: Company, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each part goes on where the one before came to its end, and no browser objects to anything."""
    assert not company.has_failed, "A part before this one did not come to its end."
    failed = request.session.testsfailed
    yield
    company.has_failed = request.session.testsfailed > failed or bool(company.complaints)
    assert company.complaints == []
