"""Post: a letter arrives as it was written; where it can't, the answer says whether to try again."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.errors import InvalidInput, Unavailable
from domain.ids import new_id
from server.mail.folder import FolderPost
from server.mail.smtp import SmtpPost
from server.mail.webhook import WebhookPost
from services.gateways import Letter, LetterKind, Post
from tests.fakes.post import InMemoryPost
from tests.server.absent import nobody
from tests.server.mail.servers import mail_server, read, receiver

SENDER = "Media Planner <planner@example.com>"
SECRET = "whsec_" + "c2VjcmV0" * 4

Arrived = tuple[str, str, str, str]  # id, recipient, subject, text


@dataclass(frozen=True)
class World:
    post: Post
    away: Post  # the same kind of post where nothing goes out
    arrived: Callable[[], list[Arrived]]


@pytest.fixture(params=["memory", "smtp", "webhook", "folder"])
def world(request: pytest.FixtureRequest) -> World:
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def memory_world() -> World:
    post, away = InMemoryPost(), InMemoryPost()
    away.away = True
    return World(post, away, lambda: [_fields(letter) for letter in post.letters])


@pytest.fixture
async def smtp_world(tmp_path: Path) -> AsyncIterator[World]:
    async with mail_server(tmp_path / "mail") as server:
        post = SmtpPost(f"smtp://127.0.0.1:{server.port}", SENDER)
        away = SmtpPost(f"smtp://{nobody()}", SENDER)
        yield World(post, away, lambda: [_from_mail(message) for message in server.messages()])


@pytest.fixture
async def webhook_world() -> AsyncIterator[World]:
    with receiver() as service:
        post, away = WebhookPost(service.url, SECRET), WebhookPost(f"http://{nobody()}", SECRET)
        yield World(post, away, lambda: [_fields(Letter.model_validate_json(body)) for _, body in service.requests])
        await post.aclose()
        await away.aclose()


@pytest.fixture
def folder_world(tmp_path: Path) -> World:
    (tmp_path / "file").touch()
    post, away = FolderPost(tmp_path / "post", SENDER), FolderPost(tmp_path / "file", SENDER)
    return World(post, away, lambda: [_from_mail(read(path)) for path in (tmp_path / "post").glob("*.eml")])


def _letter(to: str = "ada@example.com") -> Letter:
    return Letter(
        id=new_id(),
        kind=LetterKind.INVITATION,
        to=to,
        subject="Grüezi 🌷: join Acme",
        text=f"Hello Ada,\n\nhttps://example.com/join?token={'x' * 120}\n.\n.. 1'000 Franken für Zürich",
    )


def _fields(letter: Letter) -> Arrived:
    return str(letter.id), letter.to, letter.subject, letter.text


def _from_mail(message: EmailMessage) -> Arrived:
    letter_id = message["Message-ID"].strip("<>").partition("@")[0]
    return letter_id, message["To"], message["Subject"], message.get_content().removesuffix("\n")


async def test_a_letter_arrives_as_it_was_written(world: World) -> None:
    letters = [_letter(), _letter("bob+planner@mail.example.com")]
    for letter in letters:
        await world.post.send(letter)
    assert sorted(world.arrived()) == sorted(_fields(letter) for letter in letters)


async def test_a_letter_that_is_sent_twice_is_known_by_its_id(world: World) -> None:
    letter = _letter()
    await world.post.send(letter)
    await world.post.send(letter)
    assert {letter_id for letter_id, *_ in world.arrived()} == {str(letter.id)}


async def test_trying_again_may_help_where_the_post_is_away(world: World) -> None:
    with pytest.raises(Unavailable) as refusal:
        await world.away.send(_letter())
    assert refusal.value.code == "post_away"


async def test_a_letter_to_no_address_never_arrives(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await world.post.send(_letter("somebody"))
    assert refusal.value.code == "undeliverable"
