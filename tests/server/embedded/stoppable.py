"""A program that is stopped by a signal: `plain` by us, `uvicorn` by the server inside it."""

import asyncio
import sys

import uvicorn

from server.embedded.signals import run_until_stopped


async def plain() -> None:
    print("runs", flush=True)
    await asyncio.Event().wait()


async def serve() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error"))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print("runs", flush=True)
    await serving


async def main(work: str) -> None:
    try:
        await {"plain": plain, "uvicorn": serve}[work]()
    finally:
        for _ in range(20):
            await asyncio.sleep(0.01)
        print("cleaned up", flush=True)


if __name__ == "__main__":
    print("stopped" if run_until_stopped(main(sys.argv[1])) else "ended", flush=True)
