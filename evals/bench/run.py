"""`python -m evals.bench.run`: the product beside a bare server, on parts of its own, with the same chat model."""

import argparse
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import asyncpg
from joserfc.jwk import ECKey
from pydantic import SecretStr

from domain.errors import DomainError
from evals.bench.contenders import Floor, Product
from evals.bench.measuring import QUICK, USUAL, Bench, Plan
from evals.bench.people import Crowd
from evals.bench.report import lines
from server.bootstrap import application_of
from server.clock import SystemClock
from server.embedded.parts import Parts, start_parts
from server.embedded.signals import run_until_stopped
from server.identity.tokens import AccessTokens
from server.postgres.engine import open_engine
from server.postgres.migrate import migrate
from server.settings import Settings

_FLOOR_DATABASE = "floor"
_INTERRUPTED = 130


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Both servers' databases, and people to talk to the product, in an empty folder."""
    async with start_parts(folder / "home", temporal="off", announce=_say) as parts:
        await migrate(parts.database_admin_url, parts.database_url)
        settings = _settings(folder, parts)
        assert settings.database_url, "that of a part"
        assert settings.signing_key, "made for this bench"
        engine = open_engine(settings.database_url, pool_size=2, statement_timeout_ms=settings.statement_timeout_ms)
        tokens = AccessTokens(settings.signing_key.get_secret_value(), SystemClock())
        async with application_of(settings) as application:
            product = Product(settings, parts.database_admin_url, Crowd(application, engine, tokens))
            floor = Floor(await _second_database(parts.database_admin_url))
            try:
                yield Bench(floor, product, parts.redis_url, folder, _say)
            finally:
                await engine.dispose()


def _settings(folder: Path, parts: Parts) -> Settings:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    return Settings.model_construct(
        home=folder / "product",
        database_url=parts.database_url,
        redis_url=parts.redis_url,
        signing_key=SecretStr(key),
        server_secret=SecretStr(token_hex(32)),
    )


async def _second_database(admin_url: str) -> str:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'CREATE DATABASE "{_FLOOR_DATABASE}"')
    finally:
        await connection.close()
    address, _, options = admin_url.partition("?")
    return f"{address.rpartition('/')[0]}/{_FLOOR_DATABASE}?{options}"


async def measure(plan: Plan, folder: Path) -> None:
    async with bench(folder) as running:
        await running.measure(plan)
    for line in lines(running.floor, running.product):
        print(line)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the product beside a bare FastAPI and LangGraph server.")
    parser.add_argument("--quick", action="store_true", help="a few turns: does it work at all?")
    parser.add_argument("--rounds", type=int, help="how often each server is measured")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else USUAL
    try:
        with tempfile.TemporaryDirectory(prefix="mp-bench-", dir="/tmp") as name:
            Path(name).chmod(0o711)  # for the account that runs Postgres
            stopped = run_until_stopped(measure(replace(plan, rounds=asked.rounds or plan.rounds), Path(name)))
    except (DomainError, OSError) as error:
        print("\n".join([f"the bench was given up: {error!r}", *getattr(error, "__notes__", [])]), file=sys.stderr)
        return 1
    return _INTERRUPTED if stopped else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
