"""Webhooks: the receiver can tell that a letter is ours and whole, and its answer says what becomes of it."""

import base64
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.errors import InvalidInput, Unavailable
from server.mail.webhook import WebhookPost
from services.gateways import Letter
from tests.server.absent import silence
from tests.server.mail.letters import letter
from tests.server.mail.servers import Receiver, receiver

SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(1, 25))).decode()


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as service:
        yield service


@pytest.fixture
async def post(service: Receiver) -> AsyncIterator[WebhookPost]:
    post = WebhookPost(service.url, SECRET)
    yield post
    await post.aclose()


async def test_the_signature_fits_with_the_library(service: Receiver, post: WebhookPost) -> None:
    sent = letter(text="Grüezi 🌷")
    await post.send(sent)
    ((headers, body),) = service.requests
    assert Letter.model_validate(Webhook(SECRET).verify(body, headers)) == sent
    assert headers["webhook-id"] == str(sent.id)
    assert headers["content-type"] == "application/json"


async def test_it_does_not_fit_with_anything_else(service: Receiver, post: WebhookPost) -> None:
    await post.send(letter())
    ((headers, body),) = service.requests
    tampered = json.dumps(json.loads(body) | {"to": "eve@example.com"})
    for secret, text, stamped in [
        (SECRET, tampered, headers),
        (SECRET, body, headers | {"webhook-id": "another"}),
        (OTHER_SECRET, body, headers),
    ]:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(text, stamped)


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_2xx_is_done(service: Receiver, post: WebhookPost, status: int) -> None:
    service.status = status
    await post.send(letter())
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_some_answers_pass(service: Receiver, post: WebhookPost, status: int) -> None:
    service.status = status
    with pytest.raises(Unavailable) as refusal:
        await post.send(letter())
    assert refusal.value.code == "post_away"


@pytest.mark.parametrize("status", [302, 307, 400, 401, 404, 410, 422])
async def test_others_are_final_and_redirects_go_nowhere(service: Receiver, post: WebhookPost, status: int) -> None:
    service.status = status
    with pytest.raises(InvalidInput) as refusal:
        await post.send(letter())
    assert refusal.value.code == "undeliverable"
    assert len(service.requests) == 1


async def test_a_silent_receiver_is_away() -> None:
    async with silence() as silent:
        post = WebhookPost(f"http://{silent.address}", SECRET, timeout_seconds=0.1)
        with pytest.raises(Unavailable) as refusal:
            await post.send(letter())
        assert refusal.value.code == "post_away"
        await post.aclose()


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "correct horse battery staple and some more word"], ids=range(4)
)
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        WebhookPost("https://example.com/letters", secret)
    assert (refusal.value.code, refusal.value.field) == ("bad_mail_webhook_secret", "mail_webhook_secret")
