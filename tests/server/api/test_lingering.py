"""On a real connection: whoever is refused while they send gets to read why."""

from collections.abc import AsyncIterator

import httpx
import pytest

from server.settings import Settings
from tests.server.api.conftest import Person

BEGIN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


@pytest.mark.parametrize("announced", [True, False])
async def test_the_answer_arrives_though_the_body_has_not(
    ada: Person, port: int, settings: Settings, announced: bool
) -> None:
    size = 2 * settings.file_limit_bytes
    pieces = [BEGIN, *[b"a" * 1_000_000] * (size // 1_000_000)]

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": "multipart/form-data; boundary=x"}
    if announced:
        headers["Content-Length"] = str(sum(map(len, pieces)))
    url = f"http://127.0.0.1:{port}/api/v1/tenants/{ada.actor.tenant_id}/files"
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(url, content=body(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.headers["Connection"] == "close"
        assert (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
