"""Who is in, who may do what, and what waits for approval: the part of the facts about people and rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit import Decision
from domain.money import Money
from server.postgres.access_tables import campaign_grants, invitations
from server.postgres.approval_tables import approvals, delegations
from server.postgres.audit_tables import audit_log
from server.postgres.tables import campaigns, memberships, users

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Access:
    """Members and delegations by name, grants as "name: campaign", invitations by address, requests by what they ask.

    `denials` are the codes of the audit's refusals, in order.
    """

    members: Entries = field(default_factory=dict)
    delegations: Entries = field(default_factory=dict)
    grants: Entries = field(default_factory=dict)
    invitations: Entries = field(default_factory=dict)
    approvals: Entries = field(default_factory=dict)
    denials: Sequence[str] = ()


async def read_access(database: AsyncSession) -> Access:
    """In a transaction that has entered its tenant."""
    people = {row["id"]: row["name"] for row in await _rows(database, select(users.c.id, users.c.name))}
    names = people | {row["id"]: row["name"] for row in await _rows(database, select(campaigns.c.id, campaigns.c.name))}
    asked = await _rows(database, select(approvals).order_by(approvals.c.created_at, approvals.c.id))
    refused = select(audit_log.c.code).where(audit_log.c.decision == Decision.DENIED).order_by(audit_log.c.at)
    return Access(
        members={names[row["user_id"]]: {"role": row["role"]} for row in await _rows(database, select(memberships))},
        delegations={names[row["user_id"]]: _delegation(row) for row in await _rows(database, select(delegations))},
        grants={
            f"{names[row['user_id']]}: {names[row['campaign_id']]}": {"role": row["role"]}
            for row in await _rows(database, select(campaign_grants))
        },
        invitations={
            row["email"]: {"role": row["role"], "state": _state(row)}
            for row in await _rows(database, select(invitations).order_by(invitations.c.created_at))
        },
        approvals={_asked_for(row, names): _approval(row, names) for row in asked},
        denials=[row["code"] for row in await _rows(database, refused)],
    )


async def _rows(database: AsyncSession, query: Select[Any]) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await database.execute(query)).mappings().all()
    return found


def _delegation(row: RowMapping) -> Mapping[str, Any]:
    ends = row["expires_at"].date() if row["expires_at"] else None
    return {"kind": row["kind"], "cap": _money(row, "cap_minor"), "markets": list(row["markets"]), "ends": ends}


def _state(row: RowMapping) -> str:
    return "accepted" if row["accepted_at"] else "revoked" if row["revoked_at"] else "open"


def _approval(row: RowMapping, names: Mapping[UUID, str]) -> Mapping[str, Any]:
    return {
        "status": row["status"],
        "amount": _money(row, "amount_minor"),
        "by": names[row["requested_by"]],
        "decided_by": names[row["decided_by"]] if row["decided_by"] else None,
        "reason": row["reason"],
        "conditions": {one["field"]: one["required"] for one in row["conditions"]},
    }


def _asked_for(row: RowMapping, names: Mapping[UUID, str]) -> str:
    """In few words: "launch Hazel", "member.invite sam@example.com"."""
    said = row["arguments"]
    about = [names[UUID(said[key])] for key in ("user_id", "campaign_id") if key in said]
    verb = said.get("move") or row["action"]
    return " ".join([verb, *about, *([said["email"]] if "email" in said else [])])


def _money(row: RowMapping, column: str) -> Money | None:
    return None if row[column] is None else Money(row[column], row["currency"])
