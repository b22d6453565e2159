"""A passkey in software: what a browser and its device answer to Callboard's questions, made by hand."""

import hashlib
import json
from dataclasses import dataclass, field
from secrets import token_bytes
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

from campaigns.core.settings import settings

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One device with one key; `verifies` says whether it asks for finger or PIN."""

    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: token_bytes(32))
    used: int = 0

    def create(self, question: str) -> str:
        """A new passkey, as the browser hands it over."""
        told = self._told("webauthn.create", question)
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + public
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._state(WITH_KEY) + attested})
        return self._answer({"clientDataJSON": bytes_to_base64url(told), "attestationObject": bytes_to_base64url(made)})

    def get(self, question: str) -> str:
        """The answer of this passkey."""
        told, self.used = self._told("webauthn.get", question), self.used + 1
        state = self._state(0)
        signature = self.key.sign(state + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": told, "authenticatorData": state, "signature": signature}
        return self._answer({name: bytes_to_base64url(part) for name, part in parts.items()})

    def _told(self, kind: str, question: str) -> bytes:
        own = urlsplit(settings().public_url)
        told = {"type": kind, "challenge": json.loads(question)["challenge"], "origin": f"{own.scheme}://{own.netloc}"}
        return json.dumps(told).encode()

    def _state(self, flags: int) -> bytes:
        host = hashlib.sha256(str(urlsplit(settings().public_url).hostname).encode()).digest()
        return host + bytes([flags | PRESENT | (VERIFIED if self.verifies else 0)]) + self.used.to_bytes(4)

    def _answer(self, response: dict[str, str]) -> str:
        name = bytes_to_base64url(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
