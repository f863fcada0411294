"""The API client against an API that gives it a hard time."""

from contextlib import AsyncExitStack

import pytest

from domain.errors import NotFound, Unavailable
from server.terminal.account import Account, Refused
from server.terminal.client import ApiClient, connect
from server.terminal.own_server import free_port
from tests.server.terminal.api import EVENTS, SmallApi, serving

ACCOUNT = Account("ada@example.com", "right")


async def types(client: ApiClient, **options: str) -> list[str]:
    return [event.type async for event in client.turn("s", "hello", **options)]


WHOLE = [event["type"] for event in EVENTS]


async def test_a_turn_is_read_to_its_end() -> None:
    api = SmallApi()
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        assert client.tenant.name == "Acme"
        assert (await client.open_session())["id"] == "s"
        assert [one["title"] for one in await client.sessions()] == ["Chat"]
        assert await types(client) == WHOLE
    assert api.resumed == [None]


async def test_who_is_in_several_tenants_says_which() -> None:
    api = SmallApi(tenants=["First", "Acme"])
    async with serving(api) as url:
        async with connect(url, ACCOUNT) as client:
            assert client.tenant.name == "First"
        async with connect(url, ACCOUNT, "acme") as client:
            assert (await client.open_session())["id"] == "s"
        with pytest.raises(NotFound, match=r"belongs to “First”, “Acme”"):
            async with connect(url, ACCOUNT, "Elsewhere"):
                pass
    assert api.left == 3


async def test_a_broken_stream_is_taken_up_where_it_broke() -> None:
    api = SmallApi(breaks=[3, 4])
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        assert await types(client, key="k-1") == WHOLE
    assert api.resumed == [None, "3", "4"]
    assert api.keys == ["k-1"] * 3


async def test_a_stream_that_broke_before_anything_came_is_asked_for_again() -> None:
    api = SmallApi(breaks=[0])
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        assert await types(client) == WHOLE
    assert len(set(api.keys)) == 1


async def test_a_token_that_has_ended_is_renewed_without_the_password() -> None:
    api = SmallApi()
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        for number in (1, 2):
            api.token = f"another, {number}"
            assert await types(client) == WHOLE
    assert (api.signed_in, api.refreshed) == (1, 2)


async def test_a_sign_in_that_has_ended_is_made_again() -> None:
    api = SmallApi()
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        api.token = api.refresh_token = "another server's"
        assert await types(client) == WHOLE
    assert (api.signed_in, api.refreshed) == (2, 0)


async def test_whoever_leaves_signs_out() -> None:
    api = SmallApi()
    async with serving(api) as url:
        async with connect(url, ACCOUNT) as client:
            await client.sessions()
            assert api.left == 0
        assert api.left == 1


async def test_leaving_a_server_that_is_away_is_no_trouble() -> None:
    api = SmallApi()
    async with AsyncExitStack() as stack, serving(api) as url:
        client = await stack.enter_async_context(connect(url, ACCOUNT))
        assert await client.sessions()
    assert api.left == 0


async def test_a_server_that_is_away_for_a_moment_is_waited_for() -> None:
    api = SmallApi()
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        api.unavailable = 2
        assert await types(client) == WHOLE


async def test_following_goes_on_after_the_last_event() -> None:
    api = SmallApi()
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        events = client.follow("s", after="4")
        assert (await anext(events)).type == "TEXT_MESSAGE_END"
        await events.aclose()
    assert api.resumed == ["4"]


async def test_a_wrong_password_is_a_refusal() -> None:
    async with serving(SmallApi(password="another")) as url:
        with pytest.raises(Refused) as refused:
            async with connect(url, ACCOUNT):
                pass
    assert refused.value.code == "wrong_credentials"


async def test_nobody_there_is_said() -> None:
    with pytest.raises(Unavailable) as unavailable:
        async with connect(f"http://127.0.0.1:{free_port()}", ACCOUNT):
            pass
    assert unavailable.value.code == "no_server"
