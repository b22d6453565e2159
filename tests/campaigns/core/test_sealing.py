"""What is sealed is opened by us alone, for one purpose, and goes on being so while one secret takes the place of another."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from campaigns.core import clock
from campaigns.core.errors import NotFound
from campaigns.core.factors import codes
from campaigns.core.factors.models import CodeApp
from campaigns.core.files import FileLink, link_to, opened
from campaigns.core.sealing import Forged, SealPurpose, seal, unseal
from campaigns.core.settings import settings
from flows.backup.manifest import fingerprint, has_secret
from notifications.unsubscribing import _email_of, unsubscribe_url
from tests.factories import NOW, person

OLD, NEW = "the secret that was there before", "the secret that takes its place"
Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Has the installation use a secret, with another beside it."""

    def chosen(secret: str, former: str = "") -> None:
        monkeypatch.setenv("CALLBOARD_SECRET", secret)
        monkeypatch.setenv("CALLBOARD_FORMER_SECRET", former)
        settings.cache_clear()

    chosen(OLD)
    yield chosen
    settings.cache_clear()


def test_what_is_sealed_is_opened_as_it_was_and_no_two_seals_of_it_are_alike(use: Use) -> None:
    first, second = (seal(SealPurpose.FILES, b"a file") for _ in range(2))
    assert (first != second, unseal(SealPurpose.FILES, first), unseal(SealPurpose.FILES, second)) == (True, b"a file", b"a file")


def test_nothing_that_was_changed_or_is_another_purpose_s_is_opened(use: Use) -> None:
    token = seal(SealPurpose.FILES, b"a file")
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    for forged in (*changed, token[:-1], token + "A", token + "=", "", "A" * 200, "ü", seal(SealPurpose.CODE_APP, b"a file")):
        with pytest.raises(Forged):
            unseal(SealPurpose.FILES, forged)


def test_what_the_former_secret_sealed_is_opened_until_it_is_taken_away(use: Use) -> None:
    token, email, link = seal(SealPurpose.FILES, b"a file"), uuid4(), link_to(FileLink(sha256="0" * 64, mime="text/plain", name="a"))
    left = unsubscribe_url(email).rpartition("/")[2]
    use(NEW, OLD)
    assert (unseal(SealPurpose.FILES, token), _email_of(left), opened(link.rpartition("/")[2]).name) == (b"a file", email, "a")
    newer = seal(SealPurpose.FILES, b"a file")
    use(NEW)
    assert unseal(SealPurpose.FILES, newer) == b"a file"
    for reading in (lambda: unseal(SealPurpose.FILES, token), lambda: _email_of(left), lambda: opened(link.rpartition("/")[2])):
        with pytest.raises((Forged, NotFound)):
            reading()


def test_a_backup_that_was_taken_under_the_former_secret_is_known(use: Use) -> None:
    old = fingerprint(settings())
    use(NEW, OLD)
    assert (has_secret(settings(), old), has_secret(settings(), fingerprint(settings())), fingerprint(settings()) == old) == (
        True,
        True,
        False,
    )
    use(NEW)
    assert not has_secret(settings(), old)


@pytest.mark.parametrize("is_of_before", [False, True])
def test_a_code_app_is_sealed_anew_with_its_next_code(session: Session, use: Use, is_of_before: bool) -> None:
    ana = person(session)
    codes.begin(session, by=ana, at=NOW)
    app = session.get_one(CodeApp, ana.person)
    shown = codes._totp(app)
    if is_of_before:  # as it was sealed before there was a module for it
        key = hashlib.sha256(b"code app\n" + OLD.encode()).digest()
        app.sealed_secret = Fernet(base64.urlsafe_b64encode(key)).encrypt(shown.secret.encode()).decode()
        session.flush()
    use(NEW, OLD)
    codes.confirm(session, shown.at(clock.process_now()), by=ana, at=NOW)
    use(NEW)
    assert codes._totp(app).secret == shown.secret
