"""Requests of a stranger, each up to 16 kB of head and as much of body, made of pieces that cost somebody dear elsewhere."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

ROOM = 16 * 1024 - 1000
API = "/api/v1"
NOTHING = 0
ROUTES = (
    ("GET", "/sign-in"), ("GET", "/"), ("GET", "/calls"), ("GET", f"{API}/calls"), ("GET", f"{API}/me"), ("GET", "/help"),
    ("GET", "/health"), ("GET", "/me"), ("GET", "/static/x/htmx.js"), ("GET", "/files/x"), ("GET", "/unsubscribe/x"),
    ("GET", f"{API}/openapi.json"),
    ("POST", "/sign-in"), ("POST", "/sign-in/passkey"), ("POST", "/sign-in/x"), ("POST", "/unsubscribe/x"), ("POST", f"{API}/sign-in"),
    ("POST", f"{API}/sign-in/token"), ("PUT", f"{API}/me"), ("POST", f"{API}/brands"), ("POST", "/me"), ("POST", "/webhooks/stripe"),
    ("POST", "/webhooks/sendgrid"), ("POST", f"{API}/uploads"), ("PATCH", f"{API}/uploads/x"), ("OPTIONS", "/me"), ("HEAD", "/sign-in"),
)  # fmt: skip
HEADERS = (
    "Cookie", "Accept", "Accept-Language", "Accept-Encoding", "Authorization", "If-Match", "If-None-Match", "Range", "Origin", "Referer",
    "Sec-Fetch-Site", "HX-Request", "Idempotency-Key", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "Upload-Metadata", "Expect",
    "Stripe-Signature", "Tus-Resumable", "Content-Type",
)  # fmt: skip
KINDS = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/a+json",
    "application/x-www-form-urlencoded+json",
)  # fmt: skip
PIECES = (
    "a", "0", "[", '{"a":', "[{", '"', '\\"', "\\", "\\u0301", "\\ud800", "[],", "0,", '"",', '{"":0},', "a=b&", "&", ";", ",", "=", "%",
    "%41", "%e2%80%ae", "+", "/", "../", "//", "a,", "en,", "en-US;q=0.1,", "zz-ZZ,", "a;", 'a";', "b=1;", '__Host-cb="\\042";', "\\042",
    "bytes=0-,", "0-1,", "gzip,", "*;q=0,", "--x\r\n\r\n", '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n', "127.0.0.1,",
    "::1,", "t=1,v1=a,", 'W/"a",', "@", "a@a.", ".", "1e9,", "-", " ", "\t", "e\u0301", "\u202e", "\u2067", "&amp;", "<",
    "email=a@example.org&", "a.b-c_", "Bearer ",
)  # fmt: skip
BEGINNINGS = (
    "", '{"email":"', '{"secret":"', '{"email":', "[", '{"name":"x","scopes":[', "email=", "answer=", "answer=%7B", "name=", "--x\r\n",
    "t=1,v1=",
)  # fmt: skip
SIZES = (200, 2_000, 7_900, ROOM)


@dataclass(frozen=True)
class Attack:
    """One request: what fills which of its places, and how many pieces its body comes in."""

    route: tuple[str, str]
    place: str  # path, query, body, or a header
    pieces: tuple[str, ...]
    beginning: str = ""
    kind: str = KINDS[0]
    size: int = ROOM
    chunk: int = NOTHING
    lines: int = 1

    @property
    def filling(self) -> str:
        """The pieces, one after the other, until the place is full."""
        once = "".join(self.pieces)
        return (self.beginning + once * (self.size // len(once.encode()) + 1))[: self.size]

    def as_bytes(self, asker: str) -> bytes:
        """What goes over the wire; `asker` is another one each time, so that none is refused for asking too often."""
        method, path = self.route
        body = self.filling.encode()[: self.size] if self.place == "body" else b"{}" if method in {"POST", "PUT", "PATCH"} else b""
        path += {"path": "/" + _bare(self.filling), "query": "?" + _bare(self.filling)}.get(self.place, "")
        told = {
            "Host": "localhost",
            "Accept": "text/html",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": asker,
            "Content-Type": self.kind,
        }
        lines = [f"{name}: {value}" for name, value in told.items() if name != self.place]
        if self.place in HEADERS:
            value = _bare(self.filling, " ")
            lines += [f"{self.place}: {value[at :: self.lines]}" for at in range(self.lines)]
        if body:
            lines.append("Transfer-Encoding: chunked" if self.chunk else f"Content-Length: {len(body)}")
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()
        return head + (_chunked(body, self.chunk) if self.chunk and body else body)

    def mutated(self, chance: random.Random, other: "Attack") -> "Attack":
        """This with one thing changed, or something of the other's."""
        return chance.choice(self._changes(chance, other))

    def _changes(self, chance: random.Random, other: "Attack") -> list["Attack"]:
        return [
            replace(self, route=chance.choice(ROUTES)),
            replace(self, route=other.route),
            replace(self, pieces=(*self.pieces, chance.choice(PIECES))[-4:]),
            replace(self, pieces=(*self.pieces, *other.pieces)[-4:]),
            replace(self, pieces=tuple(piece * chance.randint(1, 9) for piece in self.pieces)),
            replace(self, beginning=chance.choice(BEGINNINGS)),
            replace(self, kind=chance.choice(KINDS)),
            replace(self, size=chance.choice(SIZES)),
            replace(self, chunk=chance.choice((NOTHING, 1, 2, 7, 100))),
            replace(self, lines=chance.choice((1, 2, 20, 80))),
            replace(self, place=chance.choice(("path", "query", "body", *HEADERS))),
        ]

    def __str__(self) -> str:
        method, path = self.route
        rest = f", in chunks of {self.chunk}" if self.chunk else ""
        return f"{method} {path}, {self.size} bytes of {''.join(self.pieces)[:40]!r} in the {self.place}{rest}"


def seeds() -> Iterator[Attack]:
    """Each piece in each place, at each route in turn."""
    number = 0
    for place in ("path", "query", "body", *HEADERS):
        for piece in PIECES:
            of_the_place = [route for route in ROUTES if place != "body" or route[0] in {"POST", "PUT", "PATCH"}]
            number += 1
            yield Attack(
                of_the_place[number % len(of_the_place)], place, (piece,), BEGINNINGS[number % len(BEGINNINGS)], KINDS[number % len(KINDS)]
            )


def _bare(text: str, instead: str = "+") -> str:
    """As it may stand in a head: in ASCII, and in one line."""
    return "".join(letter if " " < letter < "\x7f" else instead for letter in text).strip() or "x"


def _chunked(body: bytes, length: int) -> bytes:
    pieces = (body[at : at + length] for at in range(0, len(body), length))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
