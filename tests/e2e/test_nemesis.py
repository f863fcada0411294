"""While processes are killed, frozen and restarted, nothing that people were promised is lost or done twice."""

import secrets
from collections.abc import AsyncIterator, Callable

import pytest

from evals.nemesis.caller import open_http
from evals.nemesis.checker import check
from evals.nemesis.driver import Storm, storm
from evals.nemesis.measuring import while_frozen
from evals.nemesis.people import gather_people
from evals.nemesis.world import World, world
from tests.e2e.seeds import SEED
from tests.server.embedded.homes import temporary_home

pytestmark = pytest.mark.timeout(600)  # what was broken takes its time to come back on machines that are busy

SECONDS = 20.0


@pytest.fixture(scope="module")
async def breakable() -> AsyncIterator[World]:
    with temporary_home() as folder:
        async with world(folder) as one:
            yield one


@pytest.mark.parametrize("seed", [7, 2027, None], ids=["seed 7", "seed 2027", "a fresh seed"])
async def test_nothing_is_lost_or_doubled_in_a_storm(
    breakable: World, seed: int | None, record_property: Callable[[str, object], None]
) -> None:
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    record_property(SEED, f"make nemesis seconds={SECONDS:.0f} seed={seed}")
    outcome = await storm(breakable, Storm(seed, SECONDS))
    assert outcome.faults
    assert outcome.history.turns
    assert outcome.history.effects
    found = [str(violation) for violation in check(outcome.history)]
    assert not found, f"seed {seed}, after {', '.join(outcome.faults)}: " + "\n".join(found)


async def test_everybody_is_answered_while_postgres_stands_still(breakable: World) -> None:
    """How long they wait is for `make nemesis` to say."""
    await breakable.start_apis()
    people = await gather_people(breakable.settings, 1)
    async with open_http() as http:
        ready, asked = await while_frozen(breakable, http, people, 1.0)
    assert ready
    assert asked
    assert None not in [*ready, *asked]
