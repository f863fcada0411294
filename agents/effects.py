"""What a tool does to the world. Approvals, read-only transactions and the rule for foreign text hang on it."""

from enum import StrEnum


class Effect(StrEnum):
    READ = "read"
    DRAFT = "draft"  # changes things inside the product, and can be undone
    COMMIT = "commit"
    SPEND = "spend"
    EGRESS = "egress"
    DELETE = "delete"


HARMLESS = frozenset({Effect.READ, Effect.DRAFT})
