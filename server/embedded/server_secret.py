"""The key that one-time tokens are derived from on the embedded default: made once, so that they survive a restart."""

import secrets
from pathlib import Path

from server.embedded.home import write_private


def server_secret(home: Path) -> str:
    """32 random bytes, hexadecimal. Call it while the folder is held (`start_parts`)."""
    path = home / "server-secret"
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text()
