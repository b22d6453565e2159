"""The headers that every answer carries, and the language that it is in."""

from babel import negotiate_locale
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaigns.core.settings import settings
from campaigns.core.words import languages, reading_in

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SECURE_FOR_A_YEAR = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class SafeAnswers:
    """Adds the headers that an answer does not set itself, and has every sentence in the reader's language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        with reading_in(language(Headers(scope=scope).get("accept-language", ""))):
            return await self.app(scope, receive, _with_headers(send))


def safe_headers() -> dict[str, str]:
    """What keeps an answer in its place; where the public address is https, browsers are told to stay with it."""
    return SAFE | (SECURE_FOR_A_YEAR if settings().public_url.startswith("https:") else {})


def language(accepted: str) -> str:
    """The best of our languages for an Accept-Language header."""
    wanted = [part.partition(";")[0].strip() for part in accepted.split(",")]
    return negotiate_locale(wanted, languages(), sep="-") or "en"


def _with_headers(send: Send) -> Send:
    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in safe_headers().items():
                headers.setdefault(name, value)
        await send(message)

    return send_safely
