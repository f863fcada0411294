"""Tickets: only what this server has sealed, for this client of this issuer, and not long ago."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwe, jwt
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey
from joserfc.util import urlsafe_b64encode

from domain.errors import Unauthenticated
from server.identity.tickets import Journey, Tickets
from tests.fakes.clock import FakeClock
from tests.security.forger import GONE, b64

ISSUER, CLIENT = "https://accounts.example", "planner"
KEY = bytes(range(32))
JOURNEY = Journey("state", "nonce", "verifier", "https://planner.example/arrival")
HEADER = {"typ": "JWT", "alg": "dir", "enc": "A256GCM"}
CLOCK = FakeClock()
ANY = JWERegistry(algorithms=["dir", "A256GCM", "A128CBC-HS256", "A256KW", "DEF"])


def _tickets(key: bytes = KEY, issuer: str = ISSUER, client: str = CLIENT) -> Tickets:
    return Tickets(key, issuer, client, CLOCK)


def _good() -> str:
    return _tickets().seal(JOURNEY)


def _sealed(header: dict[str, str] = HEADER, **changes: Any) -> str:
    """Under our key, with claims as ours but for the changes."""
    ours = {"state": "state", "nonce": "nonce", "code_verifier": "verifier", "redirect_uri": "https://planner.example"}
    claims = {**ours, "iss": ISSUER, "aud": CLIENT, "exp": CLOCK.now().timestamp() + 600, **changes}
    claims = {name: value for name, value in claims.items() if value is not GONE}
    return jwt.encode(header, claims, OctKey.import_key(KEY), registry=ANY, default_type=None)


def _swapped(place: int) -> str:
    """With another character in one place."""
    ticket = _good()
    return ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place:][1:]


HOSTILE: dict[str, Callable[[], str]] = {
    "another key": lambda: _tickets(bytes(32)).seal(JOURNEY),
    "another issuer": lambda: _tickets(issuer=f"{ISSUER}/").seal(JOURNEY),
    "another client": lambda: _tickets(client="another").seal(JOURNEY),
    "for others": lambda: _sealed(aud=["another"]),
    "expired": lambda: _sealed(exp=CLOCK.now().timestamp()),
    "no expiry": lambda: _sealed(exp=GONE),
    "no issuer": lambda: _sealed(iss=GONE),
    "no client": lambda: _sealed(aud=GONE),
    "another header": lambda: _sealed({"alg": "dir", "enc": "A256GCM"}),
    "another encryption": lambda: _sealed({**HEADER, "enc": "A128CBC-HS256"}),
    "a wrapped key": lambda: _sealed({**HEADER, "alg": "A256KW"}),
    "compressed": lambda: _sealed({**HEADER, "zip": "DEF"}),
    "not JSON": lambda: jwe.encrypt_compact(HEADER, b"journey", OctKey.import_key(KEY), registry=ANY),
    "too long": lambda: _sealed(more="m" * 4_096),
    "another header segment": lambda: ".".join([b64(dict(reversed(HEADER.items()))), *_good().split(".")[1:]]),
    "header as a list": lambda: ".".join([b64(["alg", "enc"]), *_good().split(".")[1:]]),
    "an encrypted key": lambda: _good().replace("..", ".AAAA."),
    "a short tag": lambda: f"{_good().rpartition('.')[0]}.{urlsafe_b64encode(bytes(4)).decode()}",
    "another header character": lambda: _swapped(3),
    "another nonce": lambda: _swapped(_good().index("..") + 2),
    "another content": lambda: _swapped(len(_good()) // 2),
    "another tag": lambda: _swapped(-22),
    "bits that stand for nothing": lambda: f"{_good()[:-1]}B",
    "a line more": lambda: f"{_good()}\n",
    "a part more": lambda: f"{_good()}.",
    "a signed token": lambda: jwt.encode({"alg": "HS256"}, {"iss": ISSUER, "aud": CLIENT}, OctKey.import_key(KEY)),
    "half a surrogate pair": lambda: f"{_good()[:-1]}\ud800",
    "dots": lambda: "....",
}


def test_a_ticket_opens_where_it_was_sealed() -> None:
    assert _tickets().open(_good()) == JOURNEY
    assert _tickets().open(_sealed()).state == "state"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_other_ticket_opens(name: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        _tickets().open(HOSTILE[name]())
    assert refusal.value.code == "sign_in_refused"


def test_the_same_journey_never_looks_the_same() -> None:
    assert _good() != _good()
