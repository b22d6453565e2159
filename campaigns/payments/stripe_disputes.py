"""Disputes and early fraud warnings at Stripe; a part of `StripeGateway`, which alone knows the SDK."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from campaigns.payments.dispute_gateway import DisputeAtStripe, WarningAtStripe
from campaigns.payments.stripe_answers import moment, read_movement

PAGE = 100


class DisputesAtStripe(ABC):
    """Asked through the gateway, and answered in our words."""

    @abstractmethod
    def ask(self, question: Callable[[Any], Any]) -> Any:
        """The answer to a question that is put to the SDK; raises a GatewayError."""

    def fetch_dispute(self, dispute_id: str) -> DisputeAtStripe:
        return self._dispute(self.ask(lambda client: client.v1.disputes.retrieve(dispute_id)))

    def disputes_since(self, at: datetime) -> Iterator[DisputeAtStripe]:
        asked = {"created": {"gte": int(at.timestamp())}, "limit": PAGE}
        return map(self._dispute, self.ask(lambda client: list(client.v1.disputes.list(asked).auto_paging_iter())))

    def hand_in_evidence(self, dispute_id: str, evidence: Mapping[str, str], *, key: str) -> DisputeAtStripe:
        asked = {"evidence": dict(evidence), "submit": True}
        return self._dispute(self.ask(lambda client: client.v1.disputes.update(dispute_id, asked, {"idempotency_key": key})))

    def send_evidence_file(self, name: str, content: bytes, *, key: str) -> str:
        file = BytesIO(content)
        file.name = name  # where the SDK looks for what to call it
        asked = {"purpose": "dispute_evidence", "file": file}
        return str(self.ask(lambda client: client.v1.files.create(asked, {"idempotency_key": key})).id)

    def accept_dispute(self, dispute_id: str, *, key: str) -> DisputeAtStripe:
        return self._dispute(self.ask(lambda client: client.v1.disputes.close(dispute_id, {}, {"idempotency_key": key})))

    def fetch_fraud_warning(self, warning_id: str) -> WarningAtStripe:
        said = self.ask(lambda client: client.v1.radar.early_fraud_warnings.retrieve(warning_id))
        intent = getattr(said, "payment_intent", None)
        return WarningAtStripe(said.id, _id(said.charge), intent and _id(intent), said.fraud_type, said.actionable, moment(said.created))

    def invoice_paid_by(self, payment_intent: str) -> str | None:
        asked = {"payment": {"type": "payment_intent", "payment_intent": payment_intent}, "limit": 1}
        found = self.ask(lambda client: client.v1.invoice_payments.list(asked)).data
        return _id(found[0].invoice) if found else None

    def _dispute(self, said: Any) -> DisputeAtStripe:
        details = said.evidence_details
        return DisputeAtStripe(
            said.id, _id(said.charge), said.payment_intent and _id(said.payment_intent), said.amount, said.currency.upper(), said.reason,
            said.status, moment(details.due_by) if details.due_by else None, details.submission_count, moment(said.created),
            [read_movement(each, said, _id(said.charge)) for each in said.balance_transactions],
        )  # fmt: skip


def _id(named: Any) -> str:
    return named if isinstance(named, str) else str(named.id)
