"""What the page offers to somebody at the door."""

import pytest

from server.bootstrap import System
from services.gateways import IdentityProvider
from tests.fakes.clock import FakeClock
from tests.fakes.identity_provider import InMemoryIdentityProvider
from tests.server.api.signing_in import browser, with_provider


@pytest.mark.parametrize(
    ("provider", "google"), [(None, False), (InMemoryIdentityProvider(FakeClock()), True)], ids=["alone", "google"]
)
async def test_google_is_offered_where_it_is_set_up(
    system: System, provider: IdentityProvider | None, google: bool
) -> None:
    async with browser(with_provider(system, provider)) as http:
        answer = await http.get("sign-in/methods")
    assert (answer.status_code, answer.json()) == (200, {"google": google})
