"""Digests and seals: nothing about a row, its place or its tenant changes without them changing."""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from domain.audit import GENESIS, Decision, row_digest, seal

KEY = b"a key that the database never sees"
TENANT = UUID("0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77")
ROW = {
    "id": UUID(int=1),
    "at": datetime(2027, 1, 5, tzinfo=UTC),
    "action": "campaign.created",
    "decision": Decision.ALLOWED,
    "after": {"name": "Größe 🌷", "budget": None},
}


def test_the_digest_is_of_canonical_json() -> None:
    text = (
        '{"action":"campaign.created","after":{"budget":null,"name":"Größe 🌷"},"at":"2027-01-05 00:00:00+00:00",'
        '"decision":"allowed","id":"00000000-0000-0000-0000-000000000001"}'
    )
    assert row_digest(ROW) == sha256(text.encode()).hexdigest()


def test_the_order_of_the_columns_does_not_matter() -> None:
    assert row_digest(dict(reversed(ROW.items()))) == row_digest(ROW)


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "campaign.create"},
        {"decision": Decision.DENIED},
        {"id": UUID(int=2)},
        {"at": datetime(2027, 1, 5, 0, 0, 0, 1, tzinfo=UTC)},
        {"after": {"name": "Größe 🌷", "budget": 0}},
        {"after": {"name": "Größe 🌷"}},
        {"before": {}},
    ],
    ids=["action", "decision", "id", "at", "value", "less", "more"],
)
def test_any_change_of_a_row_is_another_digest(changed: dict[str, object]) -> None:
    assert row_digest({**ROW, **changed}) != row_digest(ROW)


def test_a_seal_covers_the_tenant_the_place_the_past_and_the_row() -> None:
    digest = row_digest(ROW)
    one = seal(KEY, TENANT, 1, GENESIS, digest)
    others = {
        seal(KEY + b"!", TENANT, 1, GENESIS, digest),
        seal(KEY, UUID(int=5), 1, GENESIS, digest),
        seal(KEY, TENANT, 2, GENESIS, digest),
        seal(KEY, TENANT, 1, one, digest),
        seal(KEY, TENANT, 1, GENESIS, row_digest({})),
    }
    assert one not in others
    assert len(others) == 5
    assert one == seal(KEY, str(TENANT), 1, GENESIS, digest)


def test_what_follows_a_changed_row_is_another_chain() -> None:
    def chain(rows: list[dict[str, object]]) -> list[str]:
        seals = [GENESIS]
        for place, row in enumerate(rows, start=1):
            seals.append(seal(KEY, TENANT, place, seals[-1], row_digest(row)))
        return seals

    rows = [{**ROW, "id": UUID(int=place)} for place in range(5)]
    changed = [*rows[:2], {**rows[2], "action": "x"}, *rows[3:]]
    same = [one == other for one, other in zip(chain(rows), chain(changed), strict=True)]
    assert same == [True, True, True, False, False, False]
    assert len(GENESIS) == 64
