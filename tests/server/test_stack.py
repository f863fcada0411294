"""Settings that contradict each other or point nowhere are refused before anything is started."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from domain.errors import DomainError, InvalidInput, Unavailable
from server.embedded.parts import start_parts
from server.postgres.migrate import migrate as migrate_database
from server.settings import Settings
from server.stack import environment, migrate, open_stack, refuse_taken_port
from tests.server.embedded.homes import temporary_home

_DATABASE = "postgresql://app_rw:secret@127.0.0.1:1/none"


async def refusal_of(settings: Settings) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        async with open_stack(settings, lambda _: None):
            pass
    assert not settings.home.exists()
    assert "secret" not in refusal.value.message
    return refusal.value


async def test_an_external_database_has_no_demo_user(tmp_path: Path) -> None:
    refusal = await refusal_of(Settings(home=tmp_path / "home", database_url=_DATABASE))
    assert isinstance(refusal, InvalidInput)
    assert "set MP_DEMO=false" in refusal.message


async def test_an_external_database_needs_a_signing_key(tmp_path: Path) -> None:
    refusal = await refusal_of(Settings(home=tmp_path / "home", database_url=_DATABASE, demo=False))
    assert isinstance(refusal, InvalidInput)
    assert "MP_SIGNING_KEY must be" in refusal.message


async def test_an_external_database_needs_a_server_secret(tmp_path: Path) -> None:
    key = SecretStr("a key")
    refusal = await refusal_of(Settings(home=tmp_path / "home", database_url=_DATABASE, demo=False, signing_key=key))
    assert isinstance(refusal, InvalidInput)
    assert "MP_SERVER_SECRET must be" in refusal.message


async def test_a_url_where_nobody_answers_is_named_by_its_variable(tmp_path: Path) -> None:
    refusal = await refusal_of(Settings(home=tmp_path / "home", redis_url="redis://:secret@127.0.0.1:1"))
    assert isinstance(refusal, Unavailable)
    assert refusal.message.startswith("MP_REDIS_URL: Redis does not answer at 127.0.0.1:1")


async def test_external_parts_are_used_as_they_are_and_temporal_may_come_later(tmp_path: Path) -> None:
    with temporary_home() as elsewhere:
        async with start_parts(elsewhere, temporal="off") as parts:
            await migrate_database(parts.database_admin_url, parts.database_url)
            settings = Settings(
                home=tmp_path / "home",
                demo=False,
                signing_key=SecretStr("a key"),
                server_secret=SecretStr("a secret"),
                database_url=parts.database_url,
                redis_url=parts.redis_url,
                temporal_address="127.0.0.1:1",
            )
            async with open_stack(settings, lambda _: None) as stack:
                assert stack.settings == settings
                assert stack.parts is None
                assert await stack.temporal_address() == "127.0.0.1:1"
                statuses = {status.name: status for status in stack.status()}
    assert statuses["postgres"].degraded is None
    assert statuses["redis"].degraded is None
    assert "MP_TEMPORAL_ADDRESS: Temporal does not answer" in (statuses["temporal"].degraded or "")
    assert not settings.home.exists()


async def test_an_external_database_is_migrated_with_both_of_its_urls(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="set both MP_DATABASE_ADMIN_URL and MP_DATABASE_URL"):
        await migrate(Settings(home=tmp_path / "home", database_url=_DATABASE), lambda _: None)


@pytest.mark.parametrize("url", ["", "nonsense", "http://host/database", "postgresql://", "postgresql:///database"])
def test_a_database_url_needs_the_scheme_and_a_host(url: str) -> None:
    with pytest.raises(ValidationError, match="postgresql://user:password@host/database"):
        Settings(database_url=url)


@pytest.mark.parametrize("url", ["unix:///run/redis.sock?db=0", "redis://host", "rediss://user:word@host:1/2"])
def test_a_redis_url_may_name_a_socket(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Unavailable, match=r"can't listen on 203\.0\.113\.1.*MP_HOST") as refusal:
        refuse_taken_port("203.0.113.1", 0)
    assert refusal.value.code == "host_unusable"


def test_a_child_process_is_told_every_address_and_not_the_admin_one() -> None:
    settings = Settings(
        database_url=_DATABASE,
        database_admin_url="postgresql://postgres:secret@127.0.0.1:1/none",
        redis_url="unix:///run/redis.sock",
        temporal_address="127.0.0.1:7233",
        signing_key=SecretStr("a key"),
        server_secret=SecretStr("a secret"),
    )
    told = environment(settings, {"PATH": "/bin", "MP_DATABASE_ADMIN_URL": "old"})
    assert told == {
        "PATH": "/bin",
        "MP_DATABASE_URL": _DATABASE,
        "MP_REDIS_URL": "unix:///run/redis.sock",
        "MP_TEMPORAL_ADDRESS": "127.0.0.1:7233",
        "MP_SIGNING_KEY": "a key",
        "MP_SERVER_SECRET": "a secret",
    }
