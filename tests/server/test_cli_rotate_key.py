"""`mediaplanner rotate-key`: on the embedded default it acts, elsewhere it says what to do; it never shows a key."""

from pathlib import Path

from joserfc.jwk import ECKey

from server.embedded.signing_key import signing_key
from server.identity.keyring import ROTATION, Keyring
from tests.server.commands import mediaplanner

ROOT = Path(__file__).parents[2]


async def test_the_embedded_key_is_rotated(tmp_path: Path) -> None:
    [before] = Keyring(signing_key(tmp_path)).ids
    ended = await mediaplanner("rotate-key", settings={"MP_HOME": str(tmp_path)})
    assert (ended.status, ended.errors) == (0, "")
    new, last = Keyring(signing_key(tmp_path)).ids
    assert last == before
    lines = ended.output.splitlines()
    assert lines[0].startswith(f"new key {new}: signs from the next start on")
    assert lines[1].startswith(f"last key {before}: ")
    assert "10 minutes" in lines[1]
    assert "PRIVATE" not in ended.output


async def test_a_home_without_a_key_is_one_line(tmp_path: Path) -> None:
    ended = await mediaplanner("rotate-key", settings={"MP_HOME": str(tmp_path / "nowhere")})
    assert (ended.status, ended.output) == (1, "")
    assert ended.errors == f"{tmp_path / 'nowhere'} has no signing key yet: the first start makes one\n"


async def test_a_key_that_is_set_is_rotated_where_it_is_set(tmp_path: Path) -> None:
    kept = signing_key(tmp_path)
    set_key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    for elsewhere in ({"MP_SIGNING_KEY": set_key}, {"MP_DATABASE_URL": "postgresql://app_rw:word@127.0.0.1:1/none"}):
        ended = await mediaplanner("rotate-key", settings={"MP_HOME": str(tmp_path), **elsewhere})
        assert (ended.status, ended.output, ended.errors) == (0, f"{ROTATION}\n", "")
    assert signing_key(tmp_path) == kept


def test_the_documentation_says_the_same() -> None:
    assert ROTATION in (ROOT / "docs" / "keys.md").read_text()
