"""What the driver raises, as the domain says it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from domain.errors import Conflict, DomainError, Duplicate, Forbidden, InvalidInput, NotFound, StaleVersion, Unavailable

STALE = "Somebody else changed it in the meantime."

_UNIQUE: dict[str, Callable[[], DomainError]] = {
    "uq_campaigns_tenant_id_name": lambda: Duplicate(
        "There is a campaign of that name.", code="duplicate_campaign_name", field="name"
    ),
    "uq_advertisers_tenant_id_name": lambda: Duplicate(
        "There is an advertiser of that name.", code="duplicate_advertiser_name", field="name"
    ),
    "uq_benchmark_overrides_place": lambda: StaleVersion(STALE),  # both set the first one
    "uq_users_email": lambda: Duplicate("That address has an account.", code="duplicate_email", field="email"),
    "pk_memberships": lambda: Conflict(
        "Whoever has that address is a member already.", code="already_member", field="email"
    ),
    "uq_media_plans_tenant_id_campaign_id": lambda: StaleVersion(STALE),  # both saved the first plan
    "uq_plan_versions_tenant_id_plan_id_number": lambda: StaleVersion(STALE),
    "pk_delegations": lambda: StaleVersion(STALE),  # both gave the first one
    "uq_turns_tenant_id_session_id_idempotency_key": lambda: Duplicate(
        "That key was used before.", code="duplicate_turn"
    ),
    "pk_effects": lambda: Unavailable("The same command is being carried out.", code="effect_in_progress"),
}


_OF_THE_DATABASE = (
    DBAPIError,
    AsyncAdapt_asyncpg_dbapi.Error,  # where a connection can't be opened
    StaleDataError,
    PoolTimeout,
    asyncpg.PostgresError,
    asyncpg.InternalClientError,
    OSError,
)


@contextmanager
def domain_errors() -> Iterator[None]:
    """Around whatever talks to the database: raises the DomainError for the driver's, and lets the rest pass."""
    try:
        yield
    except _OF_THE_DATABASE as error:
        if told := domain_error(error):
            raise told from error
        raise


def told_of(error: BaseException | None) -> DomainError | None:
    """In the place of one that the database, or the way to it, has raised."""
    return domain_error(error) if isinstance(error, _OF_THE_DATABASE) else None


def translate(context: ExceptionContext) -> DomainError | None:
    """The engine's `handle_error` listener: statements raise DomainErrors, wherever they are caught."""
    error = context.original_exception
    if not isinstance(error, Exception):  # a cancelled task stays one
        return None
    return unavailable() if context.is_disconnect else domain_error(error)


def domain_error(error: Exception) -> DomainError | None:
    """None for what is our own mistake: a missing table, a check that the domain should have made."""
    if isinstance(error, StaleDataError):
        return StaleVersion(STALE)
    if isinstance(error, OSError | PoolTimeout):
        return unavailable()
    return _by_state(_driver_error(error))


def _driver_error(error: BaseException) -> BaseException | None:
    """SQLAlchemy wraps the driver's exception twice."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, asyncpg.PostgresError | asyncpg.InternalClientError):
        seen = seen.__cause__
    return seen


def _by_state(error: BaseException | None) -> DomainError | None:
    """By SQLSTATE (PostgreSQL documentation, appendix A)."""
    match error:
        case asyncpg.UniqueViolationError():
            known = _UNIQUE.get(error.constraint_name or "")
            return known() if known else Duplicate("It exists already.", constraint=error.constraint_name)
        case asyncpg.ForeignKeyViolationError():
            return NotFound("What this refers to does not exist.", constraint=error.constraint_name)
        case asyncpg.QueryCanceledError():
            return Unavailable("The database took too long to answer.", code="database_slow")
        case asyncpg.DeadlockDetectedError() | asyncpg.SerializationError():
            return Unavailable("It was being changed at the same moment; try again.", code="write_conflict")
        case asyncpg.ReadOnlySQLTransactionError():
            return Forbidden("This transaction may only read.", code="read_only")
        case asyncpg.UntranslatableCharacterError() | asyncpg.CharacterNotInRepertoireError():
            return InvalidInput("The text contains a character that can't be stored.", code="control_characters")
        case (
            asyncpg.PostgresConnectionError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.InsufficientResourcesError()
            | asyncpg.InvalidAuthorizationSpecificationError()
            | asyncpg.InternalClientError()  # the connection broke off in the middle of a message
        ):
            return unavailable()
    return None


def lease_lost() -> Conflict:
    return Conflict("Another process has taken this turn over.", code="lease_lost")


def unavailable() -> Unavailable:
    return Unavailable("The database can't be reached.", code="database_unavailable")
