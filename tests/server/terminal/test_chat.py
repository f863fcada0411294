"""The terminal client as it works in a pipe: a line is a turn, a command, or the end."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from domain.errors import Unavailable
from server.settings import Settings
from server.terminal.account import Account
from server.terminal.chat import Conversation, chat, local_url
from server.terminal.client import connect
from server.terminal.own_server import free_port
from server.terminal.prompt import Prompt
from tests.server.terminal.api import ADA, PRIYA, SmallApi, serving, waiting

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


async def test_what_waits_is_listed_with_numbers() -> None:
    api = SmallApi(waiting=[waiting("Spring", PRIYA), waiting("Autumn", ADA)])
    printed = (await conversation(api, "/approvals")).splitlines()
    assert "  1  Launch “Spring” for 250,000.00 USD (R-SPRING, asked by Priya)" in printed
    assert "  2  Launch “Autumn” for 250,000.00 USD (R-AUTUMN, asked by you)" in printed
    assert "Nothing waits for approval." in await conversation(SmallApi(), "/approvals")


@pytest.mark.parametrize(
    ("line", "decided"),
    [
        ("/approve", ("Spring", "decision", {"verdict": "approved", "reason": None})),
        ("/approve good plan", ("Spring", "decision", {"verdict": "approved", "reason": "good plan"})),
        ("/approve 1  as agreed ", ("Spring", "decision", {"verdict": "approved", "reason": "as agreed"})),
        ("/deny too early", ("Spring", "decision", {"verdict": "denied", "reason": "too early"})),
        ("/deny 2 too late", ("Autumn", "decision", {"verdict": "denied", "reason": "too late"})),
        ("/withdraw", ("Autumn", "withdraw", {})),
        ("/withdraw 2", ("Autumn", "withdraw", {})),
    ],
)
async def test_the_one_that_is_meant_is_decided(line: str, decided: tuple[str, str, dict[str, object]]) -> None:
    api = SmallApi(waiting=[waiting("Spring", PRIYA), waiting("Autumn", ADA)])
    printed = await conversation(api, line)
    assert api.decided == [decided]
    assert api.asked == []
    assert f"Request: Launch “{decided[0]}”" in printed


@pytest.mark.parametrize("line", ["/approve", "/approve 0", "/approve 4", "/deny", "/withdraw"])
async def test_nothing_is_decided_where_several_or_none_may_be_meant(line: str) -> None:
    api = SmallApi(waiting=[waiting(name, PRIYA) for name in ("Spring", "Summer", "Autumn")])
    printed = await conversation(api, line)
    assert api.decided == []
    assert "takes a request's number; /approvals lists them." in printed


async def test_a_number_is_that_of_the_list_that_was_shown() -> None:
    api = SmallApi(waiting=[waiting("Spring", PRIYA), waiting("Summer", PRIYA)])
    await conversation(api, "/approvals", "/approve 1", "/deny 2 no")
    assert [(id, body["verdict"]) for id, _, body in api.decided] == [("Spring", "approved"), ("Summer", "denied")]


async def test_a_refusal_is_one_line_and_the_conversation_goes_on() -> None:
    api = SmallApi()
    printed = await conversation(api, "too much", "hello")
    assert "No: message_too_long. (message_too_long)" in printed.splitlines()
    assert api.asked == ["too much", "hello"]


async def test_a_file_goes_along_with_the_next_message_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "my plan.csv").write_bytes(b"channel,budget\n")
    api = SmallApi()
    printed = await conversation(api, f"/attach {tmp_path}/my plan.csv", "too much", "import this", "hello")
    assert api.uploaded == [("my plan.csv", b"channel,budget\n")]
    assert "my plan.csv goes along with your next message." in printed
    assert (api.asked, api.attached) == (["too much", "import this", "hello"], [["file-1"], ["file-1"], []])


async def test_what_can_not_be_attached_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tool.exe").touch()
    api = SmallApi()
    lines = ("/attach", f"/attach {tmp_path}/none.csv", f"/attach {tmp_path}", f"/attach {tmp_path}/tool.exe", "hello")
    printed = await conversation(api, *lines)
    for code in ("file_required", "file_unreadable", "file_type_not_allowed"):
        assert f"({code})" in printed
    assert api.attached == [[]]


async def test_an_export_is_saved_and_never_over_another_file(tmp_path: Path) -> None:
    api = SmallApi(exported={"Spring - plan v2.xlsx": b"PK later", "Spring - plan v1.xlsx": b"PK"})
    where = tmp_path / "sent.xlsx"
    printed = await conversation(api, f"/save {where}", f"/save {where}", f"/save {tmp_path}/none/x.xlsx")
    assert where.read_bytes() == b"PK later"
    for told in ("Saved as", "(file_exists)", "(file_unwritable)"):
        assert told in printed
    assert "(file_not_found)" in await conversation(SmallApi(), "/save")


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
