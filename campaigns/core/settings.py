"""Everything that an installation may set, read once from the environment or `.env`."""

import hashlib
import os
import secrets
import sys
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

SANDBOX_STRIPE_KEY = "sk_sandbox_callboard"
SANDBOX_SENDGRID_KEY = "SG.sandbox.callboard"
# What the simulator signs with: the platform's own events, and those of connected accounts.
SANDBOX_WEBHOOK_SECRETS = ("whsec_sandbox_callboard_platform", "whsec_sandbox_callboard_connect")
LONGEST_SOCKET_HOME = 80
ENV_FILE = Path(os.environ.get("CALLBOARD_ENV_FILE", ".env")).absolute()


class Settings(BaseSettings):
    """The installation's settings; a provider without a key of its own is played by its simulator."""

    model_config = SettingsConfigDict(env_prefix="CALLBOARD_", env_file=ENV_FILE, extra="ignore", populate_by_name=True)

    database_url: str = Field("", validation_alias="DATABASE_URL")
    home: Path = Path(".callboard")
    given_secret: SecretStr = Field(SecretStr(""), validation_alias="CALLBOARD_SECRET")
    given_former_secret: SecretStr = Field(SecretStr(""), validation_alias="CALLBOARD_FORMER_SECRET")
    host: str = "127.0.0.1"
    port: int = 8400
    # Only Linux spreads what comes to one port over the processes that share it.
    web_processes: int = Field((os.cpu_count() or 2) if sys.platform == "linux" else 1, ge=1)
    public_url: str = ""
    mail_from: str = "callboard@example.org"
    mail_from_name: str = "Callboard"
    default_locale: str = "en"
    given_anchor_file: Path | None = Field(None, validation_alias="CALLBOARD_ANCHOR_FILE")
    upload_limit_bytes: int = 2 * 1024**3
    cooling_hours: int = Field(72, ge=0, le=24 * 60)
    loose_upload_bytes: int = 64 * 1024**3
    disk_reserve_bytes: int = 0

    prefect_port: int = 8410
    given_prefect_database_url: str = Field("", validation_alias="CALLBOARD_PREFECT_DATABASE_URL")
    prefect_user: str = "operator"
    given_prefect_password: SecretStr = Field(SecretStr(""), validation_alias="CALLBOARD_PREFECT_PASSWORD")
    worker_limit: int = 3 * (os.cpu_count() or 2)

    stripe_api_key: SecretStr = Field(SecretStr(""), validation_alias="STRIPE_API_KEY")
    # One for each endpoint, and a further one for each that is being changed; NoDecode, so that nobody has to write JSON.
    stripe_webhook_secret: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), validation_alias="STRIPE_WEBHOOK_SECRET")
    # In which campaigns may be; without it in all that artists can be paid in.
    currencies: Annotated[tuple[str, ...], NoDecode] = ()
    stripe_sandbox_port: int = 8421
    stripe_requests_per_second: int = 25

    sendgrid_api_key: SecretStr = Field(SecretStr(""), validation_alias="SENDGRID_API_KEY")
    sendgrid_webhook_key: str = Field("", validation_alias="SENDGRID_WEBHOOK_PUBLIC_KEY")
    sendgrid_sandbox_port: int = 8422
    # Whether the key may ask the Email Activity API, which SendGrid sells beside the plan.
    sendgrid_activity: bool = False
    # How long an email of which no answer came waits for SendGrid's events before it is sent again.
    email_wait_seconds: int = Field(120, ge=10, le=3600)

    @field_validator("stripe_webhook_secret", "currencies", mode="before")
    @classmethod
    def _apart(cls, given: Any) -> Any:
        return given.replace(",", " ").split() if isinstance(given, str) else given

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        self.home = self.home.absolute()
        self.public_url = (self.public_url or f"http://localhost:{self.port}").rstrip("/")
        return self

    @cached_property
    def secret(self) -> SecretStr:
        """What this installation signs with; made once and kept in `home` when none is set."""
        return self.given_secret if self.given_secret.get_secret_value() else SecretStr(kept_secret(self.home / "secret"))

    @property
    def secrets(self) -> list[str]:
        """What this installation's seals and signatures may be of: its secret, and the one before while that is still set."""
        chosen = [self.secret.get_secret_value(), self.given_former_secret.get_secret_value()]
        return [secret for secret in chosen if secret]

    @cached_property
    def prefect_password(self) -> SecretStr:
        """What opens Prefect's page and API; made once and kept in `home` when none is set."""
        given = self.given_prefect_password
        return given if given.get_secret_value() else SecretStr(kept_secret(self.prefect_password_file))

    @property
    def prefect_password_file(self) -> Path:
        """Where that password lies when none is set, readable by its owner alone."""
        return self.home / "prefect-password"

    @property
    def stripe_is_played(self) -> bool:
        """Whether Stripe is played by its simulator: any key of Stripe's own, test or live, ends that."""
        return not self.stripe_api_key.get_secret_value()

    @property
    def sendgrid_is_played(self) -> bool:
        """Whether SendGrid is played by its simulator."""
        return not self.sendgrid_api_key.get_secret_value()

    @property
    def clock_is_movable(self) -> bool:
        """Whether business time may be moved: never once a real provider is connected."""
        return self.stripe_is_played and self.sendgrid_is_played

    @property
    def moves_real_money(self) -> bool:
        """Whether a live key of Stripe's is set: whoever approves money must then have proven that it is them."""
        return "_live_" in self.stripe_api_key.get_secret_value()

    @property
    def stripe_key(self) -> str:
        return self.stripe_api_key.get_secret_value() or SANDBOX_STRIPE_KEY

    @property
    def stripe_url(self) -> str:
        return f"http://127.0.0.1:{self.stripe_sandbox_port}" if self.stripe_is_played else "https://api.stripe.com"

    @property
    def stripe_files_url(self) -> str:
        """Where Stripe takes files: at an address of their own, and its simulator at that of everything else."""
        return self.stripe_url if self.stripe_is_played else "https://files.stripe.com"

    @property
    def stripe_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets of Stripe's endpoints; none when a real key has none beside it, and then every webhook is refused."""
        played = SANDBOX_WEBHOOK_SECRETS if self.stripe_is_played else ()
        return tuple(each.get_secret_value() for each in self.stripe_webhook_secret) or played

    @property
    def loopback(self) -> str:
        """Where programs on this machine reach the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sendgrid_key(self) -> str:
        return self.sendgrid_api_key.get_secret_value() or SANDBOX_SENDGRID_KEY

    @property
    def sendgrid_url(self) -> str:
        return f"http://127.0.0.1:{self.sendgrid_sandbox_port}" if self.sendgrid_is_played else "https://api.sendgrid.com"

    @property
    def prefect_page(self) -> str:
        """Prefect's own page, as people on this machine open it."""
        return f"http://localhost:{self.prefect_port}"

    @property
    def prefect_url(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}"

    @property
    def embedded(self) -> bool:
        """Whether Callboard brings its own PostgreSQL."""
        return not self.database_url

    @property
    def cluster_home(self) -> Path:
        """Where the embedded PostgreSQL lives; as root, a folder that its system user can reach, one for each checkout."""
        if os.geteuid() != 0:
            return self.home / "postgres"
        return Path("/var/lib/callboard") / hashlib.sha256(str(self.home).encode()).hexdigest()[:12]

    @property
    def socket_home(self) -> Path:
        """Where the embedded PostgreSQL's socket is: beside its data, unless that path is longer than a socket's may be."""
        if len(os.fsencode(self.cluster_home)) <= LONGEST_SOCKET_HOME:
            return self.cluster_home
        return Path(gettempdir()) / f"callboard-{hashlib.sha256(str(self.home).encode()).hexdigest()[:12]}"

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address in SQLAlchemy's form, through the embedded server's socket when none is set."""
        if self.embedded:
            return f"postgresql+psycopg://callboard@/callboard?host={self.socket_home}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme.partition("+")[0] in {"postgres", "postgresql"} else self.database_url

    @property
    def prefect_database_url(self) -> str:
        """The address of Prefect's own database, by default `prefect` on the same PostgreSQL; asyncpg spells `sslmode` as `ssl`."""
        if self.given_prefect_database_url:
            return self.given_prefect_database_url
        ours = make_url(self.sqlalchemy_url)
        query = {"ssl" if name == "sslmode" else name: value for name, value in ours.query.items()}
        theirs = ours.set(drivername="postgresql+asyncpg", database="prefect", query=query)
        return theirs.render_as_string(hide_password=False)

    @property
    def libpq_url(self) -> str:
        """The database's address in libpq's form, for connections outside SQLAlchemy's pool."""
        return self.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def anchor_file(self) -> Path:
        """Where the heads of the chains are anchored; best set to a place that whoever runs the database cannot change."""
        return (self.given_anchor_file or self.home / "anchors.jsonl").absolute()

    @property
    def files_home(self) -> Path:
        return self.home / "files"


def kept_secret(path: Path) -> str:
    """The secret in `path`, readable by its owner alone; a random one is written when the file is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and linked, so that of two processes that start together both read the same.
        with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}-") as draft:  # made with mode 0600
            draft.write(secrets.token_urlsafe(32))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()


def senseless(wrong: ValidationError) -> str:
    """One line for each setting that makes no sense, by the name that the reader set it under."""
    names = [str(error["loc"][0]) for error in wrong.errors()]
    names = [name if name.isupper() else f"CALLBOARD_{name.upper()}" for name in names]
    return "\n".join(f"{name}: {error['msg']}." for name, error in zip(names, wrong.errors(), strict=True))


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
