"""Rows that were in the audit before there were seals get theirs as any other."""

from psycopg import AsyncConnection

from domain.ids import TenantId, new_id
from server.postgres.audit import PostgresAudit
from server.postgres.engine import open_engine
from server.postgres.migrate import downgrade, migrate, upgrade
from tests.server.postgres.databases import empty_database, in_database

_TENANT = "INSERT INTO tenants (id, name, status, created_at, version) VALUES (%s, 'Acme', 'active', now(), 1)"
_ROW = """
    INSERT INTO audit_log (tenant_id, id, at, user_id, action, object_id, version, before, after)
    VALUES (%(tenant)s, %(id)s, now(), %(id)s, 'campaign.created', %(id)s, 1, '{}', '{}')
"""


async def test_every_tenants_rows_are_announced(admin_url: str, app_url: str) -> None:
    rows = {TenantId(new_id()): {new_id(), new_id()} for _ in range(2)}
    async with empty_database(admin_url) as name:
        admin, app = in_database(admin_url, name), in_database(app_url, name)
        await migrate(admin, app)
        await downgrade(admin, "0005")
        async with await AsyncConnection.connect(admin) as connection:
            for tenant, ids in rows.items():
                await connection.execute(_TENANT, [tenant])
                for id in ids:
                    await connection.execute(_ROW, {"tenant": tenant, "id": id})
        await upgrade(admin, "head")
        engine = open_engine(app, pool_size=1, statement_timeout_ms=20_000)
        store = PostgresAudit(engine)
        assert set(await store.tenants_to_seal()) == rows.keys()
        for tenant, ids in rows.items():
            async with store.sealing(tenant) as sealing:
                assert {row.id for row in await sealing.unsealed(10)} == ids
        await engine.dispose()
        await downgrade(admin, "0005")
        await upgrade(admin, "head")
