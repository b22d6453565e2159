"""What goes out and comes back, sealed (AES-256-GCM): each purpose, and each token, under a key of its own made from the secret (HKDF).

While one secret takes the place of another, what the former sealed is still opened.
"""

import base64
import hashlib
import secrets
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campaigns.core.settings import settings

FORM = b"\x01"  # the first byte says how the rest is sealed, so that another way may follow
SALT_BYTES, KEY_BYTES = 16, 32
NONCE = bytes(12)  # no key is used twice
OLD_FORM = "gAAAA"  # Fernet's, in which code apps were sealed before


class SealPurpose(StrEnum):
    """What is sealed; what is sealed for one purpose opens for no other."""

    FILES = "files"
    CODE_APP = "code app"


class Forged(Exception):
    """We did not seal it, not for this, or under a secret that is not in use any more."""


def seal(purpose: SealPurpose, text: bytes) -> str:
    """The text as a token that nobody reads, changes, or tells from another of the same text."""
    salt = secrets.token_bytes(SALT_BYTES)
    sealed = FORM + salt + AESGCM(_key(settings().secret.get_secret_value(), purpose, salt)).encrypt(NONCE, text, None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(purpose: SealPurpose, token: str) -> bytes:
    """The text that was sealed; raises Forged."""
    sealed = _bytes_of(token)
    salt, text = sealed[1 : 1 + SALT_BYTES], sealed[1 + SALT_BYTES :]
    for secret in settings().secrets:
        try:
            return AESGCM(_key(secret, purpose, salt)).decrypt(NONCE, text, None)
        except InvalidTag:
            continue
    raise Forged


def unseal_old_app(token: str) -> bytes:
    """As `unseal`, also what was sealed of a code app by Fernet; raises Forged."""
    if not token.startswith(OLD_FORM):
        return unseal(SealPurpose.CODE_APP, token)
    for secret in settings().secrets:
        try:
            return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"code app\n" + secret.encode()).digest())).decrypt(token.encode())
        except InvalidToken:
            continue
    raise Forged


def _key(secret: str, purpose: SealPurpose, salt: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt, f"callboard {purpose}".encode()).derive(secret.encode())


def _bytes_of(token: str) -> bytes:
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars="-_", validate=True)
    except ValueError:
        raise Forged from None
    # One token for each text: what else decodes to the same bytes is none.
    if not sealed.startswith(FORM) or base64.urlsafe_b64encode(sealed).decode().rstrip("=") != token:
        raise Forged
    return sealed
