"""Secrets that are derived: the same from the same, and nothing alike from anything else."""

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.ids import new_id
from server.identity.derived import DerivedSecrets
from services.gateways import Secrets

KEY = bytes(range(32))

# Few letters, so that two rows of parts often read the same when they are put together; lengths and separators too.
rows = st.lists(st.text("ab\0:1\ud800", max_size=4), max_size=4)


@given(rows, rows)
def test_two_rows_of_parts_have_one_token_only_if_they_are_one(one: list[str], other: list[str]) -> None:
    secrets = DerivedSecrets(KEY)
    assert (secrets.token("p", *one) == secrets.token("p", *other)) == (one == other)


@given(
    st.lists(st.text("ab", min_size=1, max_size=3), min_size=2, max_size=4),
    st.sampled_from(["", "\0", "\n", " ", ",", ":", "/", "1:"]),
    st.data(),
)
def test_the_same_letters_cut_elsewhere_are_another_token(parts: list[str], between: str, data: st.DataObject) -> None:
    """The rows above rarely have the same letters; these always do, with or without a separator."""
    secrets = DerivedSecrets(KEY)
    letters = between.join(parts)
    cut = data.draw(st.integers(0, len(letters)))
    other = [letters[:cut], letters[cut:]]
    assert (secrets.token("p", *parts) == secrets.token("p", *other)) == (parts == other)
    assert secrets.token("p", letters) not in (secrets.token("p", *parts), secrets.token("p", *other))
    assert secrets.token("p", letters + between) != secrets.token("p", *parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("p", "a", "bc"), ("p", "ab", "c")),
        (("p", "a"), ("pa",)),
        (("p", ""), ("p",)),
        (("p", "a"), ("p", "a", "")),
        (("p", "a", "b"), ("p", "b", "a")),
        (("a", "b"), ("b", "a")),
    ],
    ids=["cut", "purpose", "empty", "empty at the end", "order", "purpose for part"],
)
def test_parts_never_run_together(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    secrets = DerivedSecrets(KEY)
    assert secrets.token(*one) != secrets.token(*other)


def test_a_token_is_the_same_in_every_process_that_has_the_key() -> None:
    sign_in = new_id()
    token = DerivedSecrets(KEY).token("refresh", sign_in, 7)
    assert token == DerivedSecrets(KEY).token("refresh", str(sign_in), "7")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert token != DerivedSecrets(KEY[::-1]).token("refresh", sign_in, 7)
    assert token != DerivedSecrets(KEY).token("refresh", sign_in, 8)


def test_what_was_derived_once_stays_what_it_is() -> None:
    """Tokens are out there for weeks: another encoding would end every one of them."""
    assert DerivedSecrets(KEY).token("refresh", "a", 1) == "TPio3gUNvFBBVqk15jXcRIJ6jQa4opsOn6fkTyhGZK4"


def test_a_digest_is_plain_sha_256() -> None:
    token = DerivedSecrets(KEY).token("invitation", 1)
    assert DerivedSecrets(KEY).digest(token) == hashlib.sha256(token.encode()).hexdigest()


@given(st.text())
def test_a_digest_can_be_asked_for_any_text_that_somebody_sends(sent: str) -> None:
    assert len(DerivedSecrets(KEY).digest(sent)) == 64


def test_a_subkey_is_hkdf_as_the_rfc_has_it() -> None:
    secrets = DerivedSecrets(KEY)
    extracted = hmac.digest(bytes(32), KEY, "sha256")
    assert secrets.subkey("audit") == hmac.digest(extracted, b"audit\x01", "sha256")
    assert len({secrets.subkey(label) for label in ("audit", "oidc", "")} | {KEY}) == 4


@pytest.mark.parametrize("key", [b"", b"short", bytes(31)], ids=len)
def test_a_short_key(key: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        DerivedSecrets(key)
    assert (refused.value.code, refused.value.field) == ("bad_server_secret", "server_secret")


def test_it_is_what_the_services_ask_for() -> None:
    secrets: Secrets = DerivedSecrets(KEY)
    assert secrets.token("a") != secrets.token("b")
