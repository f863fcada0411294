"""The folder: one readable file a letter, whole, for its owner alone."""

import asyncio
import stat
from pathlib import Path

from server.mail.folder import FolderPost
from tests.server.mail.letters import SENDER, letter
from tests.server.mail.servers import read


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_names_are_in_the_order_of_sending(tmp_path: Path) -> None:
    post = FolderPost(tmp_path / "post", SENDER)
    for number in range(5):
        await post.send(letter(f"{number}@example.com"))
    assert [read(path)["To"] for path in _files(tmp_path / "post")] == [f"{n}@example.com" for n in range(5)]
    assert {path.suffix for path in _files(tmp_path / "post")} == {".eml"}


async def test_a_letter_that_is_sent_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    post, first, second = FolderPost(tmp_path, SENDER), letter(text="first"), letter()
    await post.send(first)
    await post.send(second)
    names = [path.name for path in _files(tmp_path)]
    await post.send(first.model_copy(update={"text": "again"}))
    assert [path.name for path in _files(tmp_path)] == names
    assert read(_files(tmp_path)[0]).get_content() == "again\n"


async def test_it_is_one_file_too_when_several_send_it_at_once(tmp_path: Path) -> None:
    same = letter()
    await asyncio.gather(*(FolderPost(tmp_path, SENDER).send(same) for _ in range(20)))
    assert len(_files(tmp_path)) == 1


async def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "outer" / "post"
    folder.mkdir(parents=True, mode=0o755)
    await FolderPost(folder, SENDER).send(letter())
    assert [_mode(path) for path in (folder, *_files(folder))] == [0o700, 0o600]


async def test_a_link_stays_in_one_piece(tmp_path: Path) -> None:
    link = f"https://example.com/join?token={'x' * 200}"
    await FolderPost(tmp_path, SENDER).send(letter(text=f"Grüezi\n{link}\n"))
    assert link in _files(tmp_path)[0].read_text().split("\n")
