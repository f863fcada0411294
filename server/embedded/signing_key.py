"""The key that signs access tokens on the embedded default: made once, so that tokens survive a restart."""

from pathlib import Path

from joserfc.jwk import ECKey

from server.embedded.home import write_private


def signing_key(home: Path) -> str:
    """A P-256 private key as PEM. Call it while the folder is held (`start_parts`)."""
    path = home / "signing-key.pem"
    if not path.exists():
        write_private(path, ECKey.generate_key("P-256").as_pem(private=True).decode())
    return path.read_text()
