"""The doctor: real checks, in the process and through the command."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import Unavailable
from server.doctor import examine
from server.embedded.parts import start_parts
from server.postgres.migrate import migrate
from server.settings import Settings
from tests.server.commands import mediaplanner
from tests.server.embedded.homes import temporary_home


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as path:
        yield path


async def diagnose(settings: Settings, environment: dict[str, str]) -> dict[str, str]:
    """The line for each subject; the verdict is under `verdict`."""
    lines: list[str] = []
    try:
        await examine(settings, environment, lines.append)
        verdict = lines.pop()
    except Unavailable as refusal:
        verdict = refusal.message
    return {line.split()[1]: line for line in lines} | {"verdict": verdict}


async def test_a_healthy_machine(home: Path) -> None:
    lines = await diagnose(Settings(home=home / "data", port=0), dict(os.environ))
    assert lines.pop("verdict") == "the product can serve"
    assert all(line.startswith("ok") for line in lines.values())
    assert not (home / "data").exists()


async def test_what_is_missing_fails_and_is_named(home: Path) -> None:
    (home / "file").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {"MP_HOME": str(home / "file"), "MP_PORT": str(taken.getsockname()[1])}
        ended = await mediaplanner("doctor", settings=settings)
    assert ended.status == 1
    assert ended.errors.strip() == "the product can't serve: see home, port"
    assert "set MP_HOME to a folder" in ended.output
    assert "set MP_PORT" in ended.output


async def test_without_temporal_and_go_the_product_serves_but_is_told(home: Path) -> None:
    lines = await diagnose(Settings(home=home / "data", port=0), {"PATH": "", "XDG_CACHE_HOME": str(home)})
    assert lines["temporal"].startswith("lacks")
    assert "no Go toolchain is on the PATH" in lines["temporal"]
    assert "install Go" in lines["temporal"]
    assert lines["verdict"] == "the product can serve"


async def test_go_without_a_built_temporal_is_well(home: Path) -> None:
    (home / "go").symlink_to(sys.executable)
    lines = await diagnose(Settings(home=home / "data", port=0), {"PATH": str(home), "XDG_CACHE_HOME": str(home)})
    assert lines["temporal"].startswith("ok")
    assert "not built yet" in lines["temporal"]


async def test_external_parts_are_asked_and_an_empty_database_is_not_enough(home: Path) -> None:
    async with start_parts(home / "data", temporal="off") as parts:
        settings = Settings(
            home=home / "other",
            port=0,
            demo=False,
            signing_key=SecretStr("a key"),
            server_secret=SecretStr("a secret"),
            database_url=parts.database_admin_url,
            redis_url=parts.redis_url,
            temporal_address="127.0.0.1:1",
        )
        lines = await diagnose(settings, {})
        assert lines["postgres"].startswith("ok")
        assert lines["redis"].startswith("ok")
        assert lines["temporal"].startswith("lacks")
        assert "run `mediaplanner migrate`" in lines["schema"]
        assert lines["verdict"] == "the product can't serve: see schema"

        await migrate(parts.database_admin_url, parts.database_url)
        lines = await diagnose(settings.model_copy(update={"database_url": parts.database_url}), {})
        assert lines["schema"].startswith("ok")
        assert lines["verdict"] == "the product can serve"


async def test_a_home_in_use_is_well_and_names_its_holder(home: Path) -> None:
    async with start_parts(home / "data", postgres=False, temporal="off"):
        lines = await diagnose(Settings(home=home / "data", port=0), {"PATH": ""})
    assert "in use by process" in lines["home"]
