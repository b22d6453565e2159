"""Who counts as one asker: whoever has one address of an IPv6 /64 has all of them."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core import access, clock
from campaigns.core.throttle import Rate, TooMany, network_of


def test_an_ipv6_network_of_64_bits_is_one_asker_and_an_ipv4_address_is_one() -> None:
    assert [network_of(place) for place in ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", "2001:db8:1:3::1", "fe80::1%eth0")] == [
        "2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "fe80::/64",
    ]  # fmt: skip
    assert [network_of(place) for place in ("203.0.113.7", "::ffff:203.0.113.7", "testclient", None)] == [
        "203.0.113.7", "203.0.113.7", "testclient", None,
    ]  # fmt: skip


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LINKS_FROM_ONE_PLACE", Rate(burst=3, every=access.LINKS_FROM_ONE_PLACE.every))


@pytest.mark.usefixtures("three")
def test_nobody_asks_for_more_links_by_taking_another_address_of_their_own_network(session: Session) -> None:
    at = clock.business_now(session)
    for number in range(3):
        access.ask_for_link(session, f"a{number}@example.org", place=f"2001:db8::{number}", at=at)
    with pytest.raises(TooMany):
        access.ask_for_link(session, "b@example.org", place="2001:db8::ffff", at=at)
    access.ask_for_link(session, "b@example.org", place="2001:db8:0:1::1", at=at)
