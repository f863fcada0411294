"""The table of rights that people read is the one that the product checks."""

from pathlib import Path

from domain.permission_table import markdown
from domain.tenants import Permission, Role

DOCS = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_documented_table_is_the_real_one() -> None:
    assert DOCS.read_text("utf-8") == markdown(), "run: mediaplanner permissions > docs/permissions.md"


def test_every_right_is_somebodys_and_every_role_has_those_below_it() -> None:
    assert Role.OWNER.permissions == frozenset(Permission)
    for lower, higher in zip(list(Role)[:-1], list(Role)[1:], strict=True):
        assert lower.permissions < higher.permissions
