"""Rows for the questions to be asked about, written as the product's own role would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import BudgetBasis, CampaignStatus
from domain.channels import Channel, PricingModel
from domain.fees import break_down
from domain.ids import CampaignId, JobId, PlanId, PlanVersionId, SessionId, TenantId, TurnId, UserId, new_id
from domain.jobs import JobKind, JobStatus
from domain.money import Money
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.lines import FlightWeek, Placement
from domain.plans.media_plans import VersionKind
from domain.pricing import Pricing
from domain.sessions import SessionType, TurnStatus
from domain.tenants import Role, TenantStatus, Weekday
from server.postgres import plan_tables, tables
from services.actor import Actor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARCH = (date(2026, 3, 4), date(2026, 4, 14))


@dataclass(frozen=True, slots=True)
class Rows:
    """Writes into one tenant as one of its members."""

    engine: AsyncEngine
    tenant_id: TenantId
    user_id: UserId

    @classmethod
    async def of_new_tenant(cls, engine: AsyncEngine, name: str = "Acme", role: Role = Role.OWNER) -> "Rows":
        rows = cls(engine, TenantId(new_id()), UserId(new_id()))
        await rows.insert(
            tables.tenants, id=rows.tenant_id, name=name, status=TenantStatus.ACTIVE, created_at=NOW, version=1
        )
        await rows.insert(
            tables.tenant_profiles,
            tenant_id=rows.tenant_id,
            locale="de-DE",
            timezone="Europe/Berlin",
            default_currency="EUR",
            week_start=Weekday.MONDAY,
            fiscal_year_start=4,
            version=3,
        )
        await rows.user(rows.user_id, "Ada")
        await rows.member(rows.user_id, role)
        return rows

    @property
    def actor(self) -> Actor:
        return Actor(self.tenant_id, self.user_id, Role.VIEWER.permissions)

    def as_user(self, user_id: UserId) -> "Rows":
        return Rows(self.engine, self.tenant_id, user_id)

    async def insert(self, table: Table, **values: Any) -> None:
        await self._execute(insert(table).values(values))

    async def change(self, table: Table, id: object, **values: Any) -> None:
        await self._execute(update(table).where(table.c.id == id).values(values))

    async def _execute(self, *statements: Any) -> None:
        async with self.engine.begin() as connection:
            setting = text("SELECT set_config('app.tenant_id', :tenant_id, true)")
            await connection.execute(setting, {"tenant_id": str(self.tenant_id)})
            for statement in statements:
                await connection.execute(statement)

    async def user(self, user_id: UserId, name: str, email: str | None = None) -> UserId:
        await self.insert(
            tables.users,
            id=user_id,
            email=email or f"{user_id}@example.com",
            name=name,
            password_hash=f"hash of {name}",
            created_at=NOW,
            version=1,
        )
        return user_id

    async def member(self, user_id: UserId, role: Role) -> None:
        await self.insert(
            tables.memberships, tenant_id=self.tenant_id, user_id=user_id, role=role, created_at=NOW, version=1
        )

    async def campaign(
        self,
        name: str,
        *,
        minor: int = 100_000,
        currency: str = "USD",
        flight: tuple[date, date] = MARCH,
        hours: int = 0,
        **values: Any,
    ) -> CampaignId:
        campaign_id = CampaignId(new_id())
        defaults: dict[str, Any] = {
            "advertiser": None,
            "audiences": [],
            "markets": [],
            "objective": Objective.TRAFFIC,
            "status": CampaignStatus.DRAFT,
            "archived": False,
        }
        await self.insert(
            tables.campaigns,
            tenant_id=self.tenant_id,
            id=campaign_id,
            name=name,
            budget_minor=minor,
            currency=currency,
            budget_basis=BudgetBasis.CLIENT_COST,
            starts=flight[0],
            ends=flight[1],
            created_by=self.user_id,
            created_at=NOW + timedelta(hours=hours),
            version=1,
            **{**defaults, **values},
        )
        return campaign_id

    async def plan(
        self,
        campaign_id: CampaignId,
        *versions: Mapping[Channel, Sequence[FlightWeek]],
        current: int | None = None,
        currency: str = "USD",
        flight: tuple[date, date] = MARCH,
        budget: int = 100_000,
    ) -> PlanId:
        """A plan whose versions have the given weeks by channel; the last one is current unless said otherwise."""
        plan_id = PlanId(new_id())
        ids = [PlanVersionId(new_id()) for _ in versions]
        plan = insert(plan_tables.media_plans).values(
            tenant_id=self.tenant_id,
            id=plan_id,
            campaign_id=campaign_id,
            currency=currency,
            current_version_id=ids[(current or len(ids)) - 1],
            latest_number=len(ids),
            scenarios=(),
            created_at=NOW,
            version=len(ids),
        )
        statements: list[Any] = [plan]
        for place, (version_id, lines) in enumerate(zip(ids, versions, strict=True)):
            totals = {channel: sum(week.budget_minor for week in weeks) for channel, weeks in lines.items()}
            statements.append(
                insert(plan_tables.plan_versions).values(
                    tenant_id=self.tenant_id,
                    id=version_id,
                    plan_id=plan_id,
                    number=place + 1,
                    parent_number=place or None,
                    kind=VersionKind.VERSION,
                    flighting=FlightPattern(Flighting.EVEN),
                    reason=f"reason {place + 1}",
                    explanation="because",
                    total_minor=sum(totals.values()),
                    budget_minor=budget,
                    currency=currency,
                    basis=BudgetBasis.CLIENT_COST,
                    starts=flight[0],
                    ends=flight[1],
                    created_by=self.user_id,
                    created_at=NOW + timedelta(days=place),
                    extension={},
                )
            )
            statements += [
                insert(plan_tables.plan_lines).values(
                    tenant_id=self.tenant_id,
                    id=new_id(),
                    version_id=version_id,
                    position=position,
                    code=channel.value,
                    channel=channel,
                    placement=Placement(),
                    pricing=Pricing(PricingModel.CPM, None, currency),
                    priced_by_hand=False,
                    costs=break_down(Money(totals[channel], currency), BudgetBasis.CLIENT_COST),
                    fees=(),
                    completed_views=0,
                    extension={},
                    budget_minor=totals[channel],
                    currency=currency,
                    weeks=tuple(weeks),
                    impressions=1000,
                    clicks=10,
                    conversions_hundredths=125,
                    source="illustrative default",
                    locked=False,
                )
                for position, (channel, weeks) in enumerate(lines.items())
            ]
        await self._execute(*statements)
        return plan_id

    async def session(self, title: str = "Talk", *, hours: int = 0, **values: Any) -> SessionId:
        session_id = SessionId(new_id())
        await self.insert(
            tables.sessions,
            tenant_id=self.tenant_id,
            id=session_id,
            user_id=self.user_id,
            title=title,
            type=SessionType.CHAT,
            created_at=NOW,
            updated_at=NOW + timedelta(hours=hours),
            version=1,
            **values,
        )
        return session_id

    async def turn(self, session_id: SessionId, message: str = "hello") -> TurnId:
        turn_id = TurnId(new_id())
        await self.insert(
            tables.turns,
            tenant_id=self.tenant_id,
            id=turn_id,
            session_id=session_id,
            user_id=self.user_id,
            message=message,
            idempotency_key=str(turn_id),
            body_digest="digest",
            accepted_seq=1,
            status=TurnStatus.COMPLETED,
            created_at=NOW,
            attempt=1,
        )
        return turn_id

    async def message(
        self, session_id: SessionId, seq: int, role: str, content: Mapping[str, Any], **values: Any
    ) -> str:
        message_id = f"message:{seq}"
        await self.insert(
            tables.messages,
            tenant_id=self.tenant_id,
            session_id=session_id,
            id=message_id,
            ordinal=seq,
            role=role,
            content=dict(content),
            seq=seq,
            created_at=NOW + timedelta(seconds=seq),
            **values,
        )
        return message_id

    async def event(self, session_id: SessionId, seq: int, type: Any, data: Mapping[str, Any]) -> None:
        await self.insert(
            tables.events,
            tenant_id=self.tenant_id,
            session_id=session_id,
            seq=seq,
            type=type,
            data=dict(data),
            ts=NOW,
        )

    async def job(self, campaign_id: CampaignId, *, hours: int = 0, **values: Any) -> JobId:
        job_id = JobId(new_id())
        await self.insert(
            tables.jobs,
            tenant_id=self.tenant_id,
            id=job_id,
            kind=JobKind.MEDIA_PLANNING,
            campaign_id=campaign_id,
            requested_by=self.user_id,
            arguments={},
            status=JobStatus.QUEUED,
            percent=0,
            created_at=NOW + timedelta(hours=hours),
            version=1,
            **values,
        )
        return job_id


def weeks(*budgets: int, first: date = date(2026, 3, 2)) -> tuple[FlightWeek, ...]:
    return tuple(FlightWeek(first + timedelta(weeks=place), minor) for place, minor in enumerate(budgets))
