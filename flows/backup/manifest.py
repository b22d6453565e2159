"""What a backup says of itself: enough to know that it is whole, and that what was restored from it is what was taken."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from campaigns.core.events import ChainHead
from campaigns.core.settings import Settings
from campaigns.core.words import _
from campaigns.ledger.models import Balance, Journal, Seal
from flows.supervise.errors import CannotStart

MANIFEST, DUMP, LIST, FILES = "manifest.json", "database.dump", "files.txt", "files"
FORMAT = 1


class Proof(BaseModel):
    """What the database holds, in few words: two databases that say the same here hold the same books and the same history."""

    migration: str
    debits: Mapping[str, int]
    journals: int
    last_journal: str | None
    last_seal: str | None
    chains: int
    events: int
    heads: str


class Manifest(BaseModel):
    """One backup: `listed` is the SHA-256 of the list of its files, `lost` those that the storage itself had no more or only damaged."""

    format: int = FORMAT
    callboard: str
    taken_at: datetime
    postgresql: int
    dump: str
    listed: str
    files: int
    bytes: int
    lost: list[str]
    secret: str
    proof: Proof

    @classmethod
    def of(cls, backup: Path) -> "Manifest":
        """The manifest of the backup in a folder; raises CannotStart when there is none, or none that this version can read."""
        try:
            found = cls.model_validate_json((backup / MANIFEST).read_bytes())
        except FileNotFoundError:
            raise CannotStart(_("{folder} is not a complete backup: it has no {file}.", folder=backup, file=MANIFEST)) from None
        except (OSError, ValidationError) as broken:
            raise CannotStart(_("{file} cannot be read; take another backup.", file=backup / MANIFEST)) from broken
        if found.format != FORMAT:
            raise CannotStart(
                _("{folder} was made by a newer Callboard ({version}): use that one.", folder=backup, version=found.callboard)
            )
        return found


def proof_of(session: Session) -> Proof:
    """The proof of the database that the session sees."""
    debits = session.execute(select(Balance.currency, func.sum(Balance.debits)).group_by(Balance.currency).order_by(Balance.currency))
    heads = [f"{head.chain_id} {head.length} {head.hash}" for head in session.scalars(select(ChainHead).order_by(ChainHead.chain_id))]
    last_journal = session.scalar(select(Journal.id).order_by(Journal.id.desc()).limit(1))
    return Proof(
        migration=session.scalars(text("select version_num from alembic_version")).one(),
        debits={currency: int(total) for currency, total in debits},
        journals=session.scalars(select(func.count()).select_from(Journal)).one(),
        last_journal=str(last_journal) if last_journal else None,
        last_seal=session.scalar(select(Seal.hash).order_by(Seal.number.desc()).limit(1)),
        chains=len(heads),
        events=session.scalars(select(func.coalesce(func.sum(ChainHead.length), 0))).one(),
        heads=hashlib.sha256("\n".join(heads).encode()).hexdigest(),
    )


def fingerprint(settings: Settings) -> str:
    """By which the installation's secret is known again, without telling it."""
    return _fingerprint(settings.secrets[0])


def has_secret(settings: Settings, known_by: str) -> bool:
    """Whether what the secret of this fingerprint sealed is opened here: it is the installation's, or the one before."""
    return known_by in map(_fingerprint, settings.secrets)


def _fingerprint(secret: str) -> str:
    return hmac.digest(secret.encode(), b"backup", "sha256").hex()[:16]


def stories(proof: Proof) -> list[str]:
    """The proof in sentences, for whoever reads the screen."""
    sums = ", ".join(f"{currency} {amount}" for currency, amount in proof.debits.items()) or _("nothing")
    return [
        _(
            "Books: {count} journals, the last {last}; all debits, in minor units: {sums}.",
            count=proof.journals,
            last=proof.last_journal,
            sums=sums,
        ),
        _("History: {count} events in {chains} chains, sealed {heads}.", count=proof.events, chains=proof.chains, heads=proof.heads[:16]),
    ]
