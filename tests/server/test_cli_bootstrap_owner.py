"""`mediaplanner bootstrap-owner`: a tenant and its first owner, whose password is never an argument."""

import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.identity.passwords import Argon2Passwords
from server.postgres.directory import PostgresDirectory
from tests.server.commands import Ended, mediaplanner
from tests.server.embedded.homes import temporary_home

PASSWORD = "correct horse battery"


def asking(email: str, name: str = "Ada Lovelace", tenant: str = "Analytical Engines") -> list[str]:
    return ["bootstrap-owner", "--email", email, "--name", name, "--tenant", tenant]


@pytest.fixture
def settings(app_url: str) -> dict[str, str]:
    return {"MP_DATABASE_URL": app_url}


@pytest.fixture
def email() -> str:
    return f"{new_id()}@example.com"


async def signs_in(engine: AsyncEngine, email: str, password: str) -> bool:
    found = await PostgresDirectory(engine).credentials(email)
    assert found
    with closing(Argon2Passwords()) as passwords:
        return await passwords.matches(password, found[1])


async def piped(text: str, *arguments: str, settings: dict[str, str]) -> Ended:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**inherited, **settings},
    )
    output, errors = await process.communicate(text.encode())
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), errors.decode())


async def test_the_first_owner_of_a_database(settings: dict[str, str], engine: AsyncEngine, email: str) -> None:
    ended = await mediaplanner(*asking(email.upper()), settings={**settings, "MP_OWNER_PASSWORD": PASSWORD})
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output == f"{email} is the owner of Analytical Engines\n"
    assert await signs_in(engine, email, PASSWORD)
    directory = PostgresDirectory(engine)
    found = await directory.credentials(email)
    assert found
    (tenant,) = await directory.tenants_of(found[0])
    assert (tenant.name, tenant.role) == ("Analytical Engines", "owner")


async def test_the_password_from_a_pipe(settings: dict[str, str], engine: AsyncEngine, email: str) -> None:
    ended = await piped(f"{PASSWORD}\nand more\n", *asking(email), settings=settings)
    assert (ended.status, ended.errors) == (0, "")
    assert await signs_in(engine, email, PASSWORD)


async def test_an_address_that_has_an_account_is_refused(
    settings: dict[str, str], engine: AsyncEngine, email: str
) -> None:
    with_password = {**settings, "MP_OWNER_PASSWORD": PASSWORD}
    await mediaplanner(*asking(email), settings=with_password)
    again = await mediaplanner(
        *asking(email, tenant="Another"), settings={**settings, "MP_OWNER_PASSWORD": "x" + PASSWORD}
    )
    assert (again.status, again.output, again.errors) == (1, "", "That address has an account.\n")
    assert await signs_in(engine, email, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (asking("no address"), PASSWORD, "is not an e-mail address"),
        (asking("ada@example.com", name=" "), PASSWORD, "The name may not be empty"),
        (asking("ada@example.com", tenant=""), PASSWORD, "The name may not be empty"),
        (asking("ada@example.com"), "short", "at least 10 characters"),
        (asking("ada@example.com"), "ADA@example.com", "easily guessed"),
    ],
    ids=["address", "name", "tenant", "short password", "guessable password"],
)
async def test_what_is_refused_is_one_line_without_the_password(
    settings: dict[str, str], arguments: list[str], password: str, words: str
) -> None:
    ended = await mediaplanner(*arguments, settings={**settings, "MP_OWNER_PASSWORD": password})
    assert (ended.status, ended.output) == (1, "")
    assert words in ended.errors
    assert len(ended.errors.splitlines()) == 1
    assert password not in ended.errors


async def test_nobody_gives_a_password(settings: dict[str, str], email: str) -> None:
    ended = await mediaplanner(*asking(email), settings=settings)
    assert (ended.status, ended.errors) == (1, "A password has at least 10 characters.\n")


async def test_a_database_without_a_schema_is_refused(admin_url: str, email: str) -> None:
    bare = {"MP_DATABASE_URL": admin_url.replace("/mediaplanner", "/postgres")}
    ended = await mediaplanner(*asking(email), settings={**bare, "MP_OWNER_PASSWORD": PASSWORD})
    assert ended.status == 1
    assert "mediaplanner migrate" in ended.errors


async def test_on_the_embedded_database_too(email: str) -> None:
    with temporary_home() as home:
        settings = {"MP_HOME": str(Path(home) / "data"), "MP_OWNER_PASSWORD": PASSWORD}
        made = await mediaplanner(*asking(email), settings=settings)
        again = await mediaplanner(*asking(email), settings=settings)
    assert (made.status, made.errors) == (0, "")
    assert made.output.splitlines()[-1] == f"{email} is the owner of Analytical Engines"
    assert (again.status, again.errors) == (1, "That address has an account.\n")
