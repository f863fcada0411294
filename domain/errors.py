"""Everything the product refuses, as one tree.

    DomainError
    ├── InvalidInput        a value breaks a rule: end before start, a budget of zero
    │   ├── KeyReused       an Idempotency-Key that stands for another message
    │   └── Unsupported     a protocol has it, this product does not: refused, never ignored
    ├── NotFound            no such thing for this tenant; another tenant's thing looks the same
    ├── Unauthenticated     nobody we know
    ├── Forbidden           somebody we know who may not do this
    │   └── ApprovalNeeded  may do it, once somebody has approved
    ├── Conflict            true once, not any more
    │   ├── StaleVersion    somebody else changed it first
    │   ├── IllegalMove     the status table has no such arrow
    │   ├── Duplicate       one of that name exists
    │   └── Busy            the session is answering another message
    ├── BudgetSpent         the turn used up what it was allowed
    ├── LimitExceeded       larger or more often than we accept
    │   └── TooLarge        has more bytes than we accept
    └── Unavailable         a dependency is away; trying again later helps

Every error has a stable `code`, a sentence for a person, and the `field` it is about where there is one. `details` are
plain JSON values. Renderers (HTTP, tool answer, Temporal) look the class up over its MRO; nothing else maps errors.
"""

from typing import ClassVar


class DomainError(Exception):
    default_code: ClassVar[str] = "domain_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.details = details


class InvalidInput(DomainError):
    default_code = "invalid_input"


class KeyReused(InvalidInput):
    default_code = "key_reused"


class Unsupported(InvalidInput):
    default_code = "unsupported"


class NotFound(DomainError):
    default_code = "not_found"


class Unauthenticated(DomainError):
    default_code = "unauthenticated"


class Forbidden(DomainError):
    default_code = "forbidden"


class ApprovalNeeded(Forbidden):
    default_code = "approval_needed"


class Conflict(DomainError):
    default_code = "conflict"


class StaleVersion(Conflict):
    default_code = "stale_version"


class IllegalMove(Conflict):
    default_code = "illegal_move"


class Duplicate(Conflict):
    default_code = "duplicate"


class Busy(Conflict):
    default_code = "session_busy"


class BudgetSpent(DomainError):
    default_code = "budget_spent"


class LimitExceeded(DomainError):
    default_code = "limit_exceeded"


class TooLarge(LimitExceeded):
    default_code = "too_large"


class Unavailable(DomainError):
    default_code = "unavailable"
