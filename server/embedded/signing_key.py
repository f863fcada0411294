"""The key that signs access tokens on the embedded default: made once, so that tokens survive a restart."""

import re
from pathlib import Path

from joserfc.jwk import ECKey

from domain.errors import InvalidInput, NotFound, Unavailable
from server.embedded.home import write_private

_NAME = "signing-key.pem"
_FIRST_BLOCK = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]*-----END \1-----\n?")


def signing_key(home: Path) -> str:
    """P-256 private keys as PEM, the one that signs first. Call it while the folder is held (`start_parts`)."""
    path = home / _NAME
    if not path.exists():
        write_private(path, _new_key())
    return path.read_text()


def rotate(home: Path) -> str:
    """Puts a new key before the newest one, drops the others, and returns the two, as the next start will read them.

    Raises NotFound `no_signing_key` where no start has made one yet, InvalidInput `bad_signing_key` where the file
    holds none, Unavailable `home_unusable` where it can't be read or written.
    """
    path = home / _NAME
    try:
        newest = _FIRST_BLOCK.search(path.read_text())
        if newest is None:
            raise InvalidInput(f"{path} holds no private key.", code="bad_signing_key", field="signing_key")
        both = _new_key() + newest.group()
        write_private(path, both)
    except FileNotFoundError as error:
        reason = f"{home} has no signing key yet: the first start makes one"
        raise NotFound(reason, code="no_signing_key") from error
    except OSError as error:
        raise Unavailable(f"{path} can't be replaced: {error.strerror}", code="home_unusable") from error
    return both


def _new_key() -> str:
    return ECKey.generate_key("P-256").as_pem(private=True).decode()
