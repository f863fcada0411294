"""The keys in the home folder: made once, closed to others, and a new signing key beside the last."""

import stat
from pathlib import Path

import pytest

from domain.errors import InvalidInput, NotFound, Unavailable
from server.embedded.server_secret import server_secret
from server.embedded.signing_key import rotate, signing_key
from server.identity.derived import DerivedSecrets
from server.identity.keyring import Keyring


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_servers_secret_is_made_once_and_closed(tmp_path: Path) -> None:
    secret = server_secret(tmp_path)
    assert len(bytes.fromhex(secret)) == 32
    assert server_secret(tmp_path) == secret
    assert [_mode(path) for path in tmp_path.iterdir()] == [0o600]
    (other := tmp_path / "other").mkdir()
    assert server_secret(other) != secret
    assert DerivedSecrets(bytes.fromhex(secret)).token("a")


def test_a_new_key_comes_first_and_the_last_one_second(tmp_path: Path) -> None:
    [first] = Keyring(signing_key(tmp_path)).ids
    both = rotate(tmp_path)
    assert signing_key(tmp_path) == both
    second, last = Keyring(both).ids
    assert last == first != second
    third, last = Keyring(rotate(tmp_path)).ids
    assert last == second
    assert third not in (first, second)
    assert [_mode(path) for path in tmp_path.iterdir()] == [0o600]


def test_a_folder_without_a_key_gets_none(tmp_path: Path) -> None:
    """A folder with nothing but a key would look to the first start like one that holds other files."""
    for home in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotFound) as refused:
            rotate(home)
        assert refused.value.code == "no_signing_key"
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_cannot_be_read_stays_as_it_is(tmp_path: Path) -> None:
    key = tmp_path / "signing-key.pem"
    key.write_text("nonsense")
    with pytest.raises(InvalidInput) as refused:
        rotate(tmp_path)
    assert refused.value.code == "bad_signing_key"
    assert key.read_text() == "nonsense"
    key.unlink()
    key.mkdir()
    with pytest.raises(Unavailable) as away:
        rotate(tmp_path)
    assert away.value.code == "home_unusable"
