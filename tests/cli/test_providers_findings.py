"""What `callboard providers check` finds beside the rest, and that whatever it can find was planted."""

import re
from pathlib import Path

import pytest

from campaigns.core.settings import settings
from notifications.sendgrid_sender import sender
from tests.cli.both_providers import sdk, treasury
from tests.cli.test_commands import run, words
from tests.cli.test_providers_check import Ready, found, ready
from tests.ports import free_port

__all__ = ["ready", "sdk", "treasury"]

ROOT = Path(__file__).parents[2]
SAYS = re.compile(r'Finding\(\s*f?"([a-z_]+)')


def test_each_capability_that_is_missing_is_named(ready: Ready) -> None:
    for name in ("card_payments", "transfers"):
        ready.account(f"capabilities,{name}", '"inactive"')
    assert "The platform account cannot use card_payments, transfers yet." in words(run("providers", "check"))
    ready.account("capabilities,transfers", '"active"')
    assert found() == ["capabilities"]


def test_whatever_a_key_may_not_read_is_named(ready: Ready) -> None:
    ready.treasury.line.faults += [("/v1/disputes", "403"), ("/v1/topups", "403")]
    assert "STRIPE_API_KEY may not read disputes, top-ups." in words(run("providers", "check"))


def test_an_email_that_sendgrid_does_not_take_is_found(ready: Ready) -> None:
    ready.identity("other.example")
    assert found("--email-to", "me@example.org") == ["sender_unverified", "email_refused"]


def test_a_sendgrid_that_does_not_answer_is_found(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_SENDGRID_SANDBOX_PORT", str(free_port()))
    settings.cache_clear()
    sender.cache_clear()
    assert found() == ["sendgrid"]


def test_whatever_can_be_found_is_planted_somewhere() -> None:
    folders = ("campaigns/payments", "workers/provider", "workers/emails")
    sources = [*(source for folder in folders for source in ROOT.glob(f"{folder}/*.py")), ROOT / "cli/providers.py"]
    codes = {code for source in sources for code in SAYS.findall(source.read_text())}
    tests = [path.read_text() for path in (*ROOT.glob("tests/cli/test_*.py"), *ROOT.glob("tests/campaigns/**/test_*.py"))]
    planted = "".join(each for each in tests if "installation" in each or "providers" in each)
    assert len(codes) > 20
    assert sorted(code for code in codes if f'"{code}' not in planted) == []
