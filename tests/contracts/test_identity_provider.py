"""An identity provider: who comes back with what belongs together is who they say, nobody else is anybody."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from domain.errors import Unauthenticated, Unavailable
from domain.ids import new_id
from server.identity.google import GoogleSignIn
from services.gateways import Identified, IdentityProvider
from tests.fakes.clock import FakeClock
from tests.fakes.identity_provider import InMemoryIdentityProvider
from tests.server.absent import nobody
from tests.server.identity.oidc_provider import OidcProvider, oidc_provider

HOME = "https://planner.example/api/v1/google/arrival"


@dataclass(frozen=True)
class World:
    provider: IdentityProvider
    away: IdentityProvider  # the same kind of provider where nobody answers
    clock: FakeClock
    knows: Callable[[Identified], Awaitable[None]]
    consent: Callable[[str, str], Awaitable[tuple[str, str]]]  # URL and subject; state and code


@dataclass(frozen=True)
class Arrival:
    redirect_uri: str
    ticket: str
    state: str
    code: str


@pytest.fixture(params=["memory", "google"])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def memory_world() -> World:
    clock = FakeClock()
    provider, away = InMemoryIdentityProvider(clock), InMemoryIdentityProvider(clock)
    away.away = True

    async def knows(person: Identified) -> None:
        provider.knows(person)

    async def consent(url: str, subject: str) -> tuple[str, str]:
        return provider.consent(url, subject)

    return World(provider, away, clock, knows, consent)


@pytest.fixture(scope="module")
async def process() -> AsyncIterator[OidcProvider]:
    async with oidc_provider() as process:
        yield process


@pytest.fixture
async def google_world(process: OidcProvider) -> AsyncIterator[World]:
    clock = FakeClock(datetime.now(UTC))
    provider = GoogleSignIn(process.issuer, "planner", "secret", bytes(32), clock)
    away = GoogleSignIn(f"http://{nobody()}", "planner", "secret", bytes(32), clock)

    async def knows(person: Identified) -> None:
        claims = {"name": person.name, "email": person.email, "email_verified": person.email_verified}
        await process.knows(person.subject, **{name: value for name, value in claims.items() if value is not None})

    yield World(provider, away, clock, knows, process.consent)
    await provider.aclose()
    await away.aclose()


async def _known(world: World, email: str | None = "ada@example.com", *, verified: bool = True) -> Identified:
    person = Identified("google", str(new_id()), email, verified, "Ada Lovelace")
    await world.knows(person)
    return person


async def _journey(world: World, person: Identified) -> Arrival:
    departure = await world.provider.depart(HOME)
    state, code = await world.consent(departure.url, person.subject)
    return Arrival(HOME, departure.ticket, state, code)


async def _arrive(world: World, arrival: Arrival) -> Identified:
    return await world.provider.arrive(arrival.redirect_uri, arrival.ticket, arrival.state, arrival.code)


async def _refused(world: World, arrival: Arrival) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await _arrive(world, arrival)
    assert refusal.value.code == "sign_in_refused"


async def test_who_comes_back_is_who_the_provider_says(world: World) -> None:
    ada, bob = await _known(world), await _known(world, "bob@example.com")
    first, second = await _journey(world, ada), await _journey(world, bob)
    assert await _arrive(world, second) == bob
    assert await _arrive(world, first) == ada


async def test_an_address_that_is_not_verified_is_reported_so(world: World) -> None:
    person = await _known(world, verified=False)
    assert await _arrive(world, await _journey(world, person)) == person


async def test_an_account_may_have_no_address(world: World) -> None:
    person = await _known(world, None, verified=False)
    assert await _arrive(world, await _journey(world, person)) == person


async def test_a_code_is_good_once(world: World) -> None:
    arrival = await _journey(world, await _known(world))
    await _arrive(world, arrival)
    await _refused(world, arrival)


async def test_a_departure_is_good_for_ten_minutes(world: World) -> None:
    person = await _known(world)
    arrival, late = await _journey(world, person), await _journey(world, person)
    world.clock.advance(minutes=9, seconds=59)
    assert await _arrive(world, arrival) == person
    world.clock.advance(seconds=1)
    await _refused(world, late)


def _changed(text: str) -> str:
    return text[:-9] + ("A" if text[-9] != "A" else "B") + text[-8:]


MISFITS: dict[str, Callable[[Arrival, Arrival], Arrival]] = {
    "another address": lambda own, _: replace(own, redirect_uri=f"{HOME}/elsewhere"),
    "no address": lambda own, _: replace(own, redirect_uri=""),
    "another's ticket": lambda own, other: replace(own, ticket=other.ticket),
    "a changed ticket": lambda own, _: replace(own, ticket=_changed(own.ticket)),
    "a ticket cut off": lambda own, _: replace(own, ticket=own.ticket[:-1]),
    "no ticket": lambda own, _: replace(own, ticket=""),
    "another's state": lambda own, other: replace(own, state=other.state),
    "a changed state": lambda own, _: replace(own, state=own.state[:-1]),
    "half a surrogate pair as state": lambda own, _: replace(own, state="\ud800"),
    "no state": lambda own, _: replace(own, state=""),
    "another's code": lambda own, other: replace(own, code=other.code),
    "an unknown code": lambda own, _: replace(own, code="unknown"),
    "half a surrogate pair as code": lambda own, _: replace(own, code="\ud800"),
    "a long code": lambda own, _: replace(own, code="c" * 100_000),
    "no code": lambda own, _: replace(own, code=""),
    "another's ticket and state": lambda own, other: replace(other, code=own.code),
    "nothing": lambda _own, _other: Arrival("", "", "", ""),
}


@pytest.mark.parametrize("name", MISFITS)
async def test_what_does_not_belong_together_is_refused(world: World, name: str) -> None:
    own, other = await _journey(world, await _known(world)), await _journey(world, await _known(world))
    await _refused(world, MISFITS[name](own, other))


async def test_departures_have_nothing_in_common(world: World) -> None:
    first, second = await world.provider.depart(HOME), await world.provider.depart(HOME)
    assert first.ticket != second.ticket
    assert first.url != second.url


async def test_a_provider_that_is_away_is_no_refusal(world: World) -> None:
    with pytest.raises(Unavailable) as refusal:
        await world.away.depart(HOME)
    assert refusal.value.code == "identity_provider_away"
