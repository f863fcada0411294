"""Letters into a folder, where there is no mail server: to be read by whoever runs the product."""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from uuid import UUID

from server.mail.messages import message_of, sender_of
from server.mail.refusals import post_away
from services.gateways import Letter

log = logging.getLogger(__name__)

# No mail server will see it, but people and their grep: a link stays in one piece.
_READABLE = policy.SMTP.clone(linesep="\n")


class FolderPost:
    """`Post` into one `.eml` file a letter, named by the time it was first sent.

    The folder is made when first needed, for its owner alone: letters carry one-time tokens.
    """

    def __init__(self, folder: Path, sender: str) -> None:
        """Raises InvalidInput `bad_mail_sender`."""
        self._folder = folder
        self._sender = sender_of(sender)

    async def send(self, letter: Letter) -> None:
        message = message_of(letter, self._sender)
        message.set_content(letter.text, cte="8bit")
        content = message.as_bytes(policy=_READABLE)
        try:
            path = await asyncio.to_thread(self._put, letter.id, content)
        except OSError as error:
            raise post_away(f"its folder can't be written to ({type(error).__name__})") from error
        log.info("a letter is in %s", path)

    def _put(self, letter_id: UUID, content: bytes) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        with _alone_in(self._folder):
            earlier = next(self._folder.glob(f"*_{letter_id}.eml"), None)
            path = earlier or self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}_{letter_id}.eml"
            _replace(path, content)
        return path


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two processes that send the same letter at once must not both find that it isn't there."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    """Whoever reads finds the whole letter, the one before it, or none."""
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
