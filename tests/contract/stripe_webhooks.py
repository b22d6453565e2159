"""What Stripe posts to an endpoint: signed, and again until it is taken."""

import hashlib
import hmac
import json
import time

from tests.contract.cases import stripe
from tests.contract.lines import StripeLine
from tests.sandbox.stripe.listening import Listener

NOT_HERE = "Stripe posts to public addresses alone."
RECENT = 300  # seconds: how old a post may be, as Stripe's own client has it


def endpoint(line: StripeLine, there: Listener) -> str:
    """The secret of a new endpoint that hears of new customers."""
    made = line.ok("POST", "/v1/webhook_endpoints", {"url": there.url, "enabled_events": ["customer.created"]})
    line.later("DELETE", f"/v1/webhook_endpoints/{made['id']}")
    return str(made["secret"])


def signed(header: str) -> tuple[str, list[str]]:
    """The timestamp of a Stripe-Signature, and what was signed with the scheme v1."""
    parts = [part.partition("=") for part in header.split(",")]
    (stamp,) = (value for name, _equals, value in parts if name == "t")
    return stamp, [value for name, _equals, value in parts if name == "v1"]


def whose(body: bytes, header: str, secrets: list[str]) -> list[str]:
    """The secrets that a post is signed with."""
    stamp, marks = signed(header)
    return [each for each in secrets if hmac.new(each.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest() in marks]


@stripe("webhooks#verify-manually", only_here=NOT_HERE)
def a_post_is_signed_with_its_endpoints_own_secret(line: StripeLine) -> None:
    """A webhook's Stripe-Signature has the time as t, and as v1 the HMAC of t, a dot and the body by the secret of its endpoint alone."""
    with line.posted_to() as there:
        secrets = [endpoint(line, there) for _each in range(2)]
        line.customer()
        line.until(lambda: len(there.arrived) == 2)
    assert sorted(whose(body, header, secrets) for body, header in there.arrived) == sorted([each] for each in secrets)
    assert all(abs(time.time() - int(signed(header)[0])) < RECENT for _body, header in there.arrived)


@stripe("webhooks#replay-attacks", only_here=NOT_HERE)
def a_post_that_is_not_taken_comes_again_signed_anew(line: StripeLine) -> None:
    """A webhook that is not answered with 2xx is sent again: the same event under its id, with a new timestamp and signature."""
    with line.posted_to() as there:
        there.status = 503
        secret = endpoint(line, there)
        customer = line.customer()
        line.until(lambda: len(there.arrived) == 2)
    (first, one), (second, other) = ((json.loads(body), signed(header)) for body, header in there.arrived)
    assert (first["type"], first["data"]["object"]["id"]) == ("customer.created", customer)
    assert (second["id"], second["data"]) == (first["id"], first["data"])
    assert [whose(*each, [secret]) for each in there.arrived] == [[secret]] * 2
    assert (int(other[0]) > int(one[0]), other[1] == one[1]) == (True, False)
