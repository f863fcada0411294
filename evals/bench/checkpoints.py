"""How many bytes of checkpoints one turn writes, when its conversation is 10, 100 and 500 turns old.

Asked of the database: the size (`pg_column_size`, as stored, after compression) of the rows of the three checkpoint
tables that the turn's own transactions have written.
"""

from collections.abc import Collection, Mapping

import asyncpg
from redis.asyncio import Redis

from evals.bench.contenders import Place
from evals.bench.servers import Server
from evals.bench.wire import connect

_TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
_WRITTEN = " + ".join(
    # A row's version knows its transaction; old ones may be gone, so that growth would say too little.
    f"(SELECT coalesce(sum(pg_column_size({table}.*)), 0) FROM {table} "  # noqa: S608 - names of our own
    "WHERE thread_id = $1 AND xmin::text::bigint >= $2)"
    for table in _TABLES
)
_ANSWERS_IN_ONE_MINUTE = 25


async def bytes_written(server: Server, ages: Collection[int], redis_url: str) -> Mapping[int, int]:
    """By the age of the conversation in turns."""
    (place,) = await server.contender.places(1)
    wire = await connect(server.port)
    found: dict[int, int] = {}
    connection = await asyncpg.connect(server.contender.database_url)
    try:
        for age in range(1, max(ages) + 1):
            if age % _ANSWERS_IN_ONE_MINUTE == 0:
                await _forget_asking(redis_url)
            since = await connection.fetchval("SELECT txid_current()")
            server.contender.check(await wire.ask(place.ask(age)))
            if age in ages:
                found[age] = await _written(connection, place, since)
    finally:
        await connection.close()
        wire.close()
    return found


async def _written(connection: asyncpg.Connection, place: Place, since: int) -> int:
    return int(await connection.fetchval(f"SELECT {_WRITTEN}", place.thread, since))


async def _forget_asking(redis_url: str) -> None:
    """No time is measured here: nobody has to wait the quarter of an hour in which one person may ask 500 times."""
    client = Redis.from_url(redis_url)
    try:
        async for key in client.scan_iter(match="mp:rate:turn-*"):
            await client.delete(key)
    finally:
        await client.aclose()
