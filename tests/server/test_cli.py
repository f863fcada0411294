"""Where the product can't serve it says so in one line and ends with a status other than 0."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.commands import Ended, mediaplanner
from tests.server.embedded.homes import temporary_home


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as path:
        yield path


@pytest.fixture
def settings(home: Path) -> dict[str, str]:
    return {"MP_HOME": str(home / "data"), "MP_PORT": "0"}


def assert_one_line(ended: Ended, *words: str) -> None:
    lines = ended.errors.strip().splitlines()
    assert len(lines) == 1, ended.errors
    assert all(word in lines[0] for word in words), lines[0]
    assert "secret" not in lines[0]
    assert ended.status in (1, 2)


async def test_run_refuses_a_wrong_url_by_the_name_of_its_variable(settings: dict[str, str]) -> None:
    ended = await mediaplanner("run", settings={**settings, "MP_DATABASE_URL": "postgres:secret"})
    assert_one_line(ended, "MP_DATABASE_URL", "is not a URL of the form postgresql://")


async def test_run_refuses_a_port_in_use(settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await mediaplanner("run", settings={**settings, "MP_PORT": port})
    assert_one_line(ended, f"port {port} on 127.0.0.1 is in use", "set MP_PORT")


async def test_migrate_prepares_the_embedded_database(settings: dict[str, str]) -> None:
    ended = await mediaplanner("migrate", settings=settings)
    assert (ended.status, ended.errors) == (0, "")
    assert "the database has the schema of this version" in ended.output


async def test_help_lists_every_command_and_an_unknown_one_is_an_error(settings: dict[str, str]) -> None:
    ended = await mediaplanner("--help", settings=settings)
    assert ended.status == 0
    for command in (
        "run",
        "prepare",
        "doctor",
        "migrate",
        "bootstrap-owner",
        "rotate-key",
        "worker",
        "chat",
        "demo",
        "studio",
    ):
        assert f" {command} " in ended.output
    assert (await mediaplanner("dance", settings=settings)).status == 2
