"""What the doors to a provider have in common: movements on our balance, and the events that it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Converted:
    """What a movement of another currency was before the provider changed it: `amount` without sign, `rate` as the provider says it.

    Where it says none the rate `is_ours`: what both amounts make. `charge` is whose money it is: a refund is held against the charge that
    it gives back.
    """

    amount: int
    currency: str
    rate: Decimal
    charge: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class BalanceMovement:
    """One movement on our balance with the provider: `net` is `amount` less `fee`, all minor units, below zero when it went out.

    `converted` where it was paid, or given back, in a currency in which we have no balance.
    """

    id: str
    kind: str
    source: str | None
    amount: int
    fee: int
    net: int
    currency: str
    created_at: datetime
    available_at: datetime
    is_available: bool
    converted: Converted | None = None

    @property
    def presented(self) -> int:
        """What was paid or given back, without sign, in the currency in which it was."""
        return self.converted.amount if self.converted else abs(self.amount)

    @property
    def presented_in(self) -> str:
        """The currency in which it was paid or given back."""
        return self.converted.currency if self.converted else self.currency


class EventFeed(Protocol):
    """The events that a provider keeps. Every call may raise a GatewayError."""

    def events_since(
        self, since: datetime, until: datetime | None = None, *, account: str = "", names: Sequence[str] = ()
    ) -> Iterator[Mapping[str, Any]]:
        """Each event of ours, or of a payee's account, since then, newest first; the provider keeps them for 30 days."""
