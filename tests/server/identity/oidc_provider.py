"""A real OpenID Connect provider, `oidc_provider_mock`, in a process of its own, and a browser to visit it.

Importing that package warns, so nothing here does but the process: `python -m tests.server.identity.oidc_provider`
is `python -m oidc_provider_mock`, except that it ends with its standard input.
"""

import asyncio
import os
import re
import runpy
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx

_RUNNING = re.compile(r"running on (http://\S+)")


@dataclass(frozen=True)
class OidcProvider:
    """Takes any client with any secret and any redirect URI; knows nothing of PKCE."""

    issuer: str
    browser: httpx.AsyncClient

    async def knows(self, subject: str, **claims: object) -> None:
        """The claims go into every ID token for that person, also in place of the provider's own."""
        answer = await self.browser.put(f"{self.issuer}/users/{subject}", json=claims)
        answer.raise_for_status()

    async def consent(self, url: str, subject: str) -> tuple[str, str]:
        """What the browser brings back once that person has agreed: the state and a code."""
        found = await self._answered(url, {"sub": subject})
        return found["state"][0], found["code"][0]

    async def deny(self, url: str) -> dict[str, list[str]]:
        return await self._answered(url, {"action": "deny"})

    async def _answered(self, url: str, form: dict[str, str]) -> dict[str, list[str]]:
        page = await self.browser.get(url)
        assert '<form method="post"' in page.raise_for_status().text
        answer = await self.browser.post(url, data=form)
        assert answer.status_code == httpx.codes.FOUND
        return parse_qs(urlsplit(answer.headers["location"]).query)


@asynccontextmanager
async def oidc_provider() -> AsyncIterator[OidcProvider]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.identity.oidc_provider", "--port", "0"),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stderr
    try:
        issuer = await _address(process.stderr)
        draining = asyncio.create_task(process.stderr.read())
        async with httpx.AsyncClient(timeout=30) as browser:
            yield OidcProvider(issuer, browser)
    finally:
        process.stdin.close()
        await process.wait()
    await draining


async def _address(log: asyncio.StreamReader) -> str:
    said = ""
    while line := (await log.readline()).decode():
        if found := _RUNNING.search(line):
            return found[1]
        said += line
    raise AssertionError(f"the provider did not start:\n{said}")


def _end_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    runpy.run_module("oidc_provider_mock", run_name="__main__", alter_sys=True)
