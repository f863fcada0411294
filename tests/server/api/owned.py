"""A tenant that has one of everything that an id can name; and a picture of its rows."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import CampaignId, SessionId, new_id
from domain.sign_ins import SignIn
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.bootstrap import System
from server.postgres.account_work import PostgresAccounts
from server.postgres.founding import enrol
from server.postgres.metadata import metadata
from services.jobs import StartPlanning
from tests.fakes.clock import FakeClock
from tests.server.api.conftest import Person
from tests.server.api.matrix import BODIES, filled

# The sealing sweep writes on its own account; outbox notes come and go.
_UNSTEADY = {"wakeups", "audit_seals"}


@dataclass(frozen=True, slots=True)
class Owned:
    person: Person
    ids: dict[str, str]


async def owned(engine: AsyncEngine, system: System, owner: Person) -> Owned:
    """`user_id` is a colleague's: an admin who asked for the approval."""
    work = await _work(system, owner)
    colleague = await _colleague(engine, owner)
    access = await _access(owner, str(colleague.id), work["campaign_id"])
    token = system.tokens.issue(colleague.id, new_id())
    invite = {"action": "member.invite", "email": f"{new_id()}@example.com", "role": "viewer"}
    asked = await owner.http.post("approvals", json=invite, headers={"Authorization": f"Bearer {token}"})
    ids = {
        **work,
        **await _terms(owner, work),
        **await _thread(owner),
        **access,
        "tenant_id": str(owner.actor.tenant_id),
        "user_id": str(colleague.id),
        "approval_id": asked.json()["id"],
        "sign_in_id": await _sign_in(engine, owner),
    }
    return Owned(owner, ids)


async def _work(system: System, owner: Person) -> dict[str, str]:
    campaign = str((await owner.campaign())["id"])
    plan = await owner.http.post(f"campaigns/{campaign}/plans", json={"channels": ["search", "ctv"]})
    scenario = await owner.http.post(f"plans/{plan.json()['id']}/scenarios", json={"name": "Kept"})
    session = await owner.session()
    turn = await owner.http.post(f"sessions/{session}/turns", json={"message": "hello"})
    job = await system.application.jobs.start_planning(
        owner.actor, CampaignId(UUID(campaign)), StartPlanning(), session_id=SessionId(UUID(session))
    )
    await ended(owner, session, turn.json()["id"])
    lines = {"file": ("lines.csv", b"channel,budget,spend,outcome\nsearch,100,0,0\nctv,50,10,5\n", "text/csv")}
    file = await owner.http.post("files", files=lines, params={"campaign_id": campaign})
    made = {"campaign_id": campaign, "file_id": file.json()["id"], "plan_id": plan.json()["id"], "session_id": session}
    made["number"] = str(scenario.json()["number"])
    return {**made, "turn_id": turn.json()["id"], "job_id": str(job.id)}


async def _terms(owner: Person, work: dict[str, str]) -> dict[str, str]:
    advertiser = await owner.http.post("advertisers", json={"name": "Northwind"})
    (of_search,) = BODIES["set_benchmark"]
    benchmark = await owner.http.put("benchmarks", json=of_search)
    ids = {"advertiser_id": advertiser.json()["id"], "benchmark_id": benchmark.json()["id"]}
    (of_points,) = BODIES["add_response_curve"]
    curve = await owner.http.post("response-curves", json=filled(of_points, {**work, **ids}))
    assert curve.status_code == 201, curve.text
    return {**ids, "curve_id": curve.json()["id"]}


async def _thread(owner: Person) -> dict[str, str]:
    """A conversation as a stock client began it, under a name of its own."""
    await owner.http.post("langgraph/threads", json={"thread_id": (named := f"thread-{new_id()}")})
    run = {"assistant_id": "media_planner", "input": {"messages": "hello"}}
    begun = await owner.http.post(f"langgraph/threads/{named}/runs", json=run)
    assert begun.status_code == 200, begun.text
    await owner.http.get(f"langgraph{begun.headers['Location']}/join")
    facts = begun.json()
    return {
        "thread_id": named,
        "run_id": facts["run_id"],
        "checkpoint_id": facts["run_id"],
        "assistant_id": facts["assistant_id"],
    }


async def ended(owner: Person, session: str, turn: str) -> None:
    while (await owner.http.get(f"sessions/{session}/turns/{turn}")).json()["status"] in ("queued", "running"):
        await asyncio.sleep(0.02)


async def _access(owner: Person, colleague: str, campaign: str) -> dict[str, str]:
    """The grant is the owner's own, so that others may be given and taken."""
    grant = {"user_id": str(owner.actor.user_id), "campaign_id": campaign, "role": "planner"}
    made = {}
    for name, path, body in (
        ("grant_id", "grants", grant),
        ("invitation_id", "invitations", {"email": f"{new_id()}@example.com", "role": "viewer"}),
        ("token_id", "service-tokens", BODIES["create_service_token"][0]),
    ):
        answer = await owner.http.post(path, json=body)
        assert answer.status_code == 201, (path, answer.text)
        made[name] = str(answer.json()["id"])
    given = await owner.http.put(f"delegations/{colleague}", json=BODIES["give_delegation"][0])
    assert given.status_code == 200, given.text
    return made


async def _colleague(engine: AsyncEngine, owner: Person) -> User:
    now = datetime.now(UTC)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Ben", None, now)
    await enrol(engine, Tenant(owner.actor.tenant_id, "Acme", now), user, Role.ADMIN, now)
    return user


async def _sign_in(engine: AsyncEngine, owner: Person) -> str:
    stay = SignIn.begin(owner.actor.user_id, "a browser", datetime.now(UTC))
    async with PostgresAccounts(engine, FakeClock())() as work:
        work.sign_ins.add(stay)
        await work.commit()
    return str(stay.id)


async def rows(engine: AsyncEngine, tenant_id: object) -> dict[str, list[Any]]:
    """Every row of the tenant, in every table that has tenants, and its people's sign-ins."""
    found = {}
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant_id)})
        for table in metadata.sorted_tables:
            if "tenant_id" in table.c and table.name not in _UNSTEADY:
                query = text(f"SELECT * FROM {table.name} WHERE tenant_id = :id ORDER BY 1, 2, 3")
                found[table.name] = list((await connection.execute(query, {"id": tenant_id})).all())
        members = "SELECT s.* FROM sign_ins s JOIN memberships m ON m.user_id = s.user_id ORDER BY s.id"
        found["sign_ins"] = list((await connection.execute(text(members))).all())
    return found
