"""What an installation makes up for itself stays the same, and stays its own."""

import ssl
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from prefect.settings import Settings as PrefectSettings
from sqlalchemy import make_url

from campaigns.core.settings import Settings, kept_secret
from flows.supervise.__main__ import check_keys, check_secrets
from flows.supervise.database import require_said_how
from flows.supervise.errors import CannotStart
from flows.supervise.programs import prefect_settings


def settings(home: Path, **chosen: str) -> Settings:
    return Settings.model_validate({"home": home, "database_url": "", **chosen})


def test_a_secret_that_is_not_set_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, again = settings(tmp_path).secret.get_secret_value(), settings(tmp_path).secret.get_secret_value()
    assert (first == again, len(first) >= 43, (tmp_path / "secret").stat().st_mode & 0o777) == (True, True, 0o600)
    assert settings(tmp_path).prefect_password.get_secret_value() != first


def test_a_secret_that_is_set_is_used_and_none_is_written(tmp_path: Path) -> None:
    chosen = settings(tmp_path, given_secret="s3" * 11, given_prefect_password="p4" * 8)
    assert (chosen.secret.get_secret_value(), chosen.prefect_password.get_secret_value()) == ("s3" * 11, "p4" * 8)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_read_the_same_secret(tmp_path: Path) -> None:
    with ThreadPool(8) as pool:
        read = pool.map(lambda _: kept_secret(tmp_path / "secret"), range(8))
    assert len(set(read)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_prefect_s_database_lies_beside_ours_with_the_same_way_in(tmp_path: Path) -> None:
    external = settings(tmp_path, database_url="postgres://me:p%40ss@db.example:5433/callboard?sslmode=require")
    assert external.prefect_database_url == "postgresql+asyncpg://me:p%40ss@db.example:5433/prefect?ssl=require"
    assert external.libpq_url == "postgresql://me:p%40ss@db.example:5433/callboard?sslmode=require"


def test_prefect_s_clients_read_one_authority_which_nobody_needs_for_an_api_on_the_loopback(tmp_path: Path) -> None:
    chosen = prefect_settings(settings(tmp_path))
    known = ssl.create_default_context(cafile=chosen["PREFECT_API_SSL_CERT_FILE"]).cert_store_stats()
    assert (known["x509"], chosen["PREFECT_API_URL"]) == (1, "http://127.0.0.1:8410/api")


def test_prefect_knows_each_setting_by_the_name_that_we_give_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = prefect_settings(settings(tmp_path))
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    assert set(chosen) - set(PrefectSettings().to_environment_variables(exclude_unset=True)) == set()


def test_whatever_driver_an_address_names_ours_is_used(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"):
        named = settings(tmp_path, database_url=f"{scheme}://me@db.example/callboard")
        assert named.sqlalchemy_url == "postgresql+psycopg://me@db.example/callboard"


def test_a_socket_s_path_stays_short_enough_in_a_deep_folder(tmp_path: Path) -> None:
    assert len(str(settings(tmp_path / ("deep" * 40)).socket_home / ".s.PGSQL.5432")) < 104


def test_a_program_that_works_in_another_folder_reads_the_same_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CALLBOARD_PREFECT_USER=stage-door\n")
    told = "import os; from campaigns.core.settings import settings; from flows.supervise.programs import environment; "
    here = told + "env = environment(settings()); os.chdir('/'); os.execve(sys.executable, [sys.executable, '-c', sys.argv[1]], env)"
    there = "from campaigns.core.settings import settings; print(settings().prefect_user, settings().home)"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; {here}", there], cwd=tmp_path, env={}, capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"stage-door {tmp_path / '.callboard'}\n"


def test_a_stripe_key_without_its_webhook_secret_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="STRIPE_WEBHOOK_SECRET is not"):
        check_keys(settings(tmp_path, stripe_api_key="sk_test_1"))
    for secrets in ("whsec_1", "whsec_1,whsec_2", "whsec_1 whsec_2"):
        check_keys(settings(tmp_path, stripe_api_key="sk_test_1", stripe_webhook_secret=secrets))


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ({"stripe_api_key": "sk_live_1", "stripe_webhook_secret": "whsec_1"}, "Set SENDGRID_API_KEY too"),
        ({"sendgrid_api_key": "SG.1"}, "Set STRIPE_API_KEY too"),
    ],
)
def test_one_live_provider_beside_one_that_is_played_starts_nothing(tmp_path: Path, keys: dict[str, str], missing: str) -> None:
    with pytest.raises(CannotStart, match=missing):
        check_keys(settings(tmp_path, **keys))
    check_keys(settings(tmp_path, stripe_api_key="sk_live_1", stripe_webhook_secret="whsec_1", sendgrid_api_key="SG.1"))


def test_any_key_of_a_provider_s_own_ends_the_movable_clock(tmp_path: Path) -> None:
    keys: Sequence[dict[str, str]] = ({}, {"stripe_api_key": "sk_test_1"}, {"stripe_api_key": "sk_live_1"}, {"sendgrid_api_key": "SG.1"})
    chosen = [settings(tmp_path, **key) for key in keys]
    assert [(s.stripe_is_played, s.sendgrid_is_played, s.clock_is_movable) for s in chosen] == [
        (True, True, True), (False, True, False), (False, True, False), (True, False, False),
    ]  # fmt: skip
    assert [s.stripe_url for s in chosen[:2]] == ["http://127.0.0.1:8421", "https://api.stripe.com"]


@pytest.mark.parametrize(
    ("chosen", "named"),
    [({"given_secret": "x" * 21}, "CALLBOARD_SECRET has 21"), ({"given_prefect_password": "operator"}, "CALLBOARD_PREFECT_PASSWORD has 8")],
)
def test_a_secret_that_can_be_guessed_starts_nothing(tmp_path: Path, chosen: dict[str, str], named: str) -> None:
    with pytest.raises(CannotStart, match=named):
        check_secrets(settings(tmp_path, **chosen))
    check_secrets(settings(tmp_path, given_secret="x" * 22, given_prefect_password="x" * 15))
    check_secrets(settings(tmp_path))


@pytest.mark.parametrize("host", ["db.example", "10.0.0.7", "127.0.0.1,db.example"])
def test_a_database_on_another_machine_is_spoken_to_only_as_the_address_says_outright(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    with pytest.raises(CannotStart, match="sslmode=verify-full"):
        require_said_how(make_url(f"postgresql://me@{host}/callboard"), "DATABASE_URL")
    for mode in ("sslmode=verify-full", "sslmode=disable", "ssl=require"):
        require_said_how(make_url(f"postgresql://me@{host}/callboard?{mode}"), "DATABASE_URL")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    require_said_how(make_url(f"postgresql://me@{host}/callboard"), "DATABASE_URL")


@pytest.mark.parametrize("address", ["127.0.0.1/c", "localhost:5432/c", "[::1]/c", "/c?host=/run/postgresql", "/c"])
def test_a_database_on_this_machine_need_not_be_encrypted(address: str) -> None:
    require_said_how(make_url(f"postgresql://me@{address}"), "DATABASE_URL")
