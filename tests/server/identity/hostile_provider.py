"""A provider that does what it should until a test has it do something else. It has a real HTTP server of its own."""

import hashlib
import json
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from services.ports import Clock
from tests.security.forger import b64

Claims = dict[str, Any]
Answer = tuple[int, object]  # status; bytes as they are, anything else as JSON


@dataclass(frozen=True)
class _Granted:
    nonce: str
    redirect_uri: str
    challenge: str | None


class HostileProvider:
    """Strict about PKCE, codes and redirect URIs. `mint` makes the ID token of the claims that it should have."""

    def __init__(self, clock: Clock) -> None:
        self.issuer = ""
        self.key: ECKey | RSAKey = ECKey.generate_key("P-256", {"kid": "first"})
        self.published: list[object] = [public(self.key)]
        self.discovery: Claims = {}  # in place of, or beside, what it should say
        self.answers: dict[str, Answer] = {}  # by path, in place of what it should answer
        self.mint: Callable[[Claims], object] = self.signed
        self.visits: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []  # that came for tokens
        self._clock = clock
        self._granted: dict[str, _Granted] = {}

    def consent(self, url: str) -> tuple[str, str]:
        """What the browser brings back: the state and a code."""
        asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked.get("code_challenge_method", "S256") == "S256"
        code = token_urlsafe(16)
        self._granted[code] = _Granted(asked["nonce"], asked["redirect_uri"], asked.get("code_challenge"))
        return asked["state"], code

    def signed(self, claims: Claims) -> str:
        return self.sealed(self.header(), claims)

    def header(self, **changes: Any) -> Claims:
        alg = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return {"typ": "JWT", "alg": alg, "kid": self.key.kid, **changes}

    def sealed(self, header: object, claims: object, key: ECKey | RSAKey | None = None, alg: str | None = None) -> str:
        """As no library would: nothing minds what it says."""
        text = f"{b64(header)}.{b64(claims)}"
        signature = JWSRegistry.algorithms[alg or self.header()["alg"]].sign(text.encode(), key or self.key)
        return f"{text}.{b64(signature)}"

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        self.visits[path] += 1
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, self._says()
        if path == "/keys":
            return 200, {"keys": self.published}
        return self._token(form) if path == "/token" else (404, {})

    def _says(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?for=people",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.discovery,
        }

    def _token(self, form: dict[str, str]) -> Answer:
        self.forms.append(form)
        granted = self._granted.get(form.get("code", ""))
        if form.get("client_secret") != "secret" or form.get("client_id") != "planner":
            return 401, {"error": "invalid_client"}
        if granted is None or form.get("redirect_uri") != granted.redirect_uri:
            return 400, {"error": "invalid_grant"}
        if granted.challenge != _challenge(form.get("code_verifier")):
            return 400, {"error": "invalid_grant", "error_description": "code_verifier"}
        del self._granted[form["code"]]
        now = int(self._clock.now().timestamp())
        claims = {"iss": self.issuer, "aud": "planner", "sub": "ada", "iat": now, "exp": now + 300}
        token = self.mint({**claims, "nonce": granted.nonce, "email": "ada@example.com", "email_verified": True})
        return 200, {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token}


def public(key: ECKey | RSAKey, **changes: str) -> Claims:
    """As it is published."""
    return {**key.as_dict(private=False), "use": "sig", **changes}


@contextmanager
def hostile_provider(clock: Clock) -> Iterator[HostileProvider]:
    provider = HostileProvider(clock)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode())))

        def _answer(self, form: dict[str, str]) -> None:
            status, content = provider.answer(urlsplit(self.path).path, form)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("location", f"{provider.issuer}/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # many may come at once

    with Server(("127.0.0.1", 0), Answers) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def _challenge(verifier: str | None) -> str | None:
    if not verifier:
        return None
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
