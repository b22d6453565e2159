"""Files of evidence on their way to the bank: each is sent once, and noted before the next."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import update

from campaigns.brief.disputes.files import files_of, send_anew
from campaigns.brief.disputes.models import DisputeFile
from campaigns.core.errors import NotFound
from campaigns.core.files import storage
from campaigns.payments.money_in import MoneyIn
from campaigns.payments.provider_errors import Definite, Unknown
from workers.transactions import unit_of_work

ENDINGS: Mapping[str, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
KEPT_ANSWER = 500  # from this status on, Stripe gives the same answer under the same key again


def send_files(money_in: MoneyIn, dispute_id: UUID) -> Mapping[str, str]:
    """Send the provider the files that it has not, and note each before the next; returns its id of each, by the field.

    Run twice, it sends what was noted no second time. Raises Definite, naming the file, for one that the provider does not take.
    """
    with unit_of_work() as session:
        files = files_of(session, dispute_id)
    return {file.field: file.provider_id or _send(money_in, file) for file in files}


def _send(money_in: MoneyIn, file: DisputeFile) -> str:
    try:
        content = storage().path(file.sha256).read_bytes()
        sent = money_in.send_evidence_file(f"{file.field}.{ENDINGS[file.mime]}", content, key=f"dispute_file:{file.id}:{file.tries}")
    except NotFound as gone:
        raise Definite("file_missing", f"“{file.name}”: {gone.message}") from gone
    except Definite as refused:
        raise Definite(refused.code, f"“{file.name}”: {refused}", refused.param) from refused
    except Unknown as unsure:
        if unsure.status >= KEPT_ANSWER:
            with unit_of_work() as session:
                send_anew(session, DisputeFile.id == file.id)
        raise
    with unit_of_work() as session:
        session.execute(update(DisputeFile).where(DisputeFile.id == file.id).values(provider_id=sent))
    return sent
