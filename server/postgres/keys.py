"""What the tables have in common: keys that lead with the tenant and can't leave it."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    Uuid,
)


def tenant_id() -> Column[object]:
    return Column("tenant_id", Uuid, nullable=False)


def of_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def key(*names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("tenant_id", *names)


def unique(*names: str) -> UniqueConstraint:
    return UniqueConstraint("tenant_id", *names)


def belongs(
    column: str, table: str, *, ondelete: str | None = None, deferred: bool = False, cyclic: bool = False
) -> ForeignKeyConstraint:
    """A foreign key that can't leave the tenant. `deferred` to the end of the transaction."""
    return ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{table}.tenant_id", f"{table}.id"],
        ondelete=ondelete,
        deferrable=True if deferred else None,
        initially="DEFERRED" if deferred else None,
        use_alter=cyclic,
    )


def version() -> Column[int]:
    return Column("version", Integer, nullable=False)
