"""A DomainError on its way through Temporal: refused for good, or worth another attempt."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.exceptions import TimeoutError as OutOfTime

from domain.errors import DomainError, StaleVersion, Unavailable

_RETRYABLE: Mapping[type, bool] = {
    DomainError: False,
    StaleVersion: True,
    Unavailable: True,
}


@contextmanager
def refusals() -> Iterator[None]:
    """A DomainError in the block becomes an ApplicationError whose type is the error's code."""
    try:
        yield
    except DomainError as error:
        raise application_error(error) from error


def application_error(error: DomainError) -> ApplicationError:
    retryable = next(_RETRYABLE[kind] for kind in type(error).__mro__ if kind in _RETRYABLE)
    return ApplicationError(
        error.message,
        {"field": error.field, **error.details},
        type=error.code,
        non_retryable=not retryable,
        category=ApplicationErrorCategory.UNSPECIFIED if retryable else ApplicationErrorCategory.BENIGN,
    )


def sentence(cause: BaseException | None) -> str:
    """Why a step failed, for a person. What is not a DomainError is for the log: its text may be anything."""
    match cause:
        case ApplicationError(details=[_, *_]):
            return cause.message
        case OutOfTime():
            return "One of its steps took too long."
        case _:
            return "One of its steps failed unexpectedly."
