"""The terminal client as it works in a pipe: a line is a turn, a command, or the end."""

import io

import pytest
from rich.console import Console

from domain.errors import Unavailable
from server.settings import Settings
from server.terminal.chat import Conversation, chat, local_url
from server.terminal.client import Account, connect
from server.terminal.own_server import free_port
from server.terminal.prompt import Prompt
from tests.server.terminal.api import SmallApi, serving

ACCOUNT = Account("ada@example.com", "right")


async def conversation(api: SmallApi, *lines: str) -> str:
    """What is printed when these lines are typed."""
    console = Console(file=io.StringIO(), soft_wrap=True, width=100)
    async with serving(api) as url, connect(url, ACCOUNT) as client:
        one = Conversation(client, console, Prompt(console, io.StringIO("".join(f"{line}\n" for line in lines))))
        one.greet(url, "offline rules")
        await one.hold()
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_line_is_asked_and_answered() -> None:
    api = SmallApi()
    printed = await conversation(api, "  hello  ", "")
    assert api.asked == ["hello"]
    assert printed.splitlines() == [printed.splitlines()[0], "Hello."]
    assert "Acme" in printed
    assert "offline rules" in printed


async def test_a_stream_that_breaks_is_not_noticed() -> None:
    assert (await conversation(SmallApi(breaks=[3]), "hello")).count("Hello.") == 1


async def test_commands_are_not_messages() -> None:
    api = SmallApi()
    printed = await conversation(api, "/help", "/sessions", "/open 9", "/new", "/quit", "never said")
    assert api.asked == []
    assert "/open N" in printed
    assert "Chat" in printed
    assert "from 1 to 1" in printed


async def test_an_opened_conversation_is_shown() -> None:
    assert "Hello." in await conversation(SmallApi(), "/open 1")


async def test_a_refusal_is_one_line_and_the_conversation_goes_on() -> None:
    api = SmallApi()
    printed = await conversation(api, "too much", "hello")
    assert "No: message_too_long. (message_too_long)" in printed.splitlines()
    assert api.asked == ["too much", "hello"]


async def test_without_a_server_it_says_how_to_start_one() -> None:
    settings = Settings(port=free_port())
    with pytest.raises(Unavailable) as unavailable:
        await chat(settings, None)
    assert "make run" in unavailable.value.message
    assert str(settings.port) in unavailable.value.message


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("planner.example", "http://planner.example:80"),
    ],
)
def test_where_a_server_is_called(host: str, url: str) -> None:
    assert local_url(Settings(host=host, port=80)) == url
