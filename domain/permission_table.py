"""Roles and rights as a table for people, made from the one in tenants.py."""

from domain.grants import OF_A_CAMPAIGN
from domain.tenants import Permission, Role

_HEAD = """\
# Who may do what

Made from `domain/tenants.py` by `mediaplanner permissions`; a test fails when the two differ.

A member has one role in the tenant. A grant gives a role in one campaign beside it: only the rights marked
“campaign” count there. Whoever approves also needs a delegation whose cap covers the amount.

Files of a campaign are read by whoever may read its plan (`plan:read`), others by whoever brought them. `file:upload`
brings files and removes one’s own, `plan:write` removes others’ from a campaign, `export:create` has the product write
one. `tenant:manage` reads and removes all, as it takes the whole tenant along.

Advertisers and their terms are looked after with `campaign:write` and read with `campaign:read`; own benchmarks and
response curves with `plan:write` and `plan:read`. They are everybody’s, so the rights of one campaign are not enough;
a curve that is kept for one campaign alone is that campaign’s.
"""


def markdown() -> str:
    """One row for each right, one column for each role."""
    heads = ["right", *(role.value for role in Role), "campaign"]
    rows = [
        [
            f"`{permission}`",
            *("yes" if permission in role.permissions else "" for role in Role),
            "yes" if permission in OF_A_CAMPAIGN else "",
        ]
        for permission in Permission
    ]
    lines = [heads, ["---"] * len(heads), *rows]
    return _HEAD + "\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
