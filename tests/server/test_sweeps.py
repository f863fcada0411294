"""Sweeps: round after round, whatever happens in one of them, and over as soon as they are to be."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from domain.errors import Unavailable
from domain.ids import new_id
from domain.tenants import Role
from server.bootstrap import bootstrap
from server.settings import Settings
from server.sweeps import Sweep, sweeping
from services.members import Invite
from tests.conftest import NewActor
from tests.drivers import SERVER_SECRET


@dataclass
class Rounds:
    """Counts them; the first `failing` of them fail."""

    failing: int = 0
    made: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def once(self) -> None:
        self.made += 1
        if self.made > self.failing + 1:
            self.reached.set()
        if self.made <= self.failing:
            raise Unavailable("The database can't be reached.") if self.made % 2 else ZeroDivisionError


async def test_each_makes_its_rounds_by_itself() -> None:
    quick, slow = Rounds(), Rounds()
    async with sweeping(Sweep("quick", quick.once, 0.0), Sweep("slow", slow.once, 3600.0)):
        await quick.reached.wait()
    assert quick.made >= 2
    assert slow.made == 1


async def test_a_round_that_fails_is_told_and_the_next_is_made(caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds(failing=3)
    with caplog.at_level(logging.WARNING):
        async with sweeping(Sweep("counting", rounds.once, 0.0)):
            await rounds.reached.wait()
    assert caplog.messages == ["counting failed"] * 3


async def test_what_is_under_way_is_broken_off_at_the_end() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def forever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with sweeping(Sweep("forever", forever, 0.0)):
        await begun.wait()
    assert ended.is_set()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "forever"]


async def test_they_end_with_a_block_that_fails() -> None:
    rounds = Rounds()

    async def fail() -> None:
        async with sweeping(Sweep("counting", rounds.once, 0.0)):
            await rounds.reached.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "counting"]


async def test_a_running_product_sends_letters_by_itself(
    app_url: str, redis_url: str, tenant: NewActor, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(ECKey.generate_key("P-256").as_pem(private=True).decode()),
        server_secret=SecretStr(SERVER_SECRET.decode()),
        public_url="https://planner.example/",
    )
    email = f"{new_id()}@example.com"
    async with bootstrap(settings) as system:
        await system.application.members.invite(await tenant(), Invite(email=email, role=Role.VIEWER))
        while not (found := [path for path in (tmp_path / "letters").glob("*.eml") if email in path.read_text()]):
            await asyncio.sleep(0.05)
    assert len(found) == 1
    assert "https://planner.example/#invitation=" in found[0].read_text()
