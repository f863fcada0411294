"""Entities and messages to be stored, with what a test doesn't care about filled in."""

from datetime import UTC, date, datetime

from pydantic import BaseModel

from domain.campaigns import Campaign, Flight
from domain.changes import Change
from domain.channels import Channel, PricingModel
from domain.fees import BudgetBasis, break_down
from domain.files import Contents, FileName, FilePurpose, StoredFile
from domain.ids import CampaignId, FileId, LineId, SessionId, TurnId, new_id
from domain.money import Money
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.lines import ExpectedDelivery, FlightWeek, PlanLine
from domain.plans.media_plans import Draft
from domain.pricing import Pricing
from domain.sessions import AgentSession, TurnStatus
from services.actor import Actor
from services.events import EventType, NewEvent
from services.ports import Recorded, Turn
from services.unit_of_work import Begin

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPRING = Flight(date(2026, 3, 2), date(2026, 5, 31))


class Answer(BaseModel):
    text: str = "done"


DONE = Answer()


def campaign(actor: Actor, name: str = "Spring", minor: int = 1_000_000) -> tuple[Campaign, Change]:
    return Campaign.create(
        actor.tenant_id,
        name,
        Objective.SALES,
        Money(minor, "EUR"),
        SPRING,
        by=actor.user_id,
        now=NOW,
        advertiser="Ångström & Söhne",
        markets=["DE", "日本"],
    )


def draft(actor: Actor, **minor: int) -> Draft:
    """Lines by channel: `draft(actor, search=40_000, ctv=60_000)`."""
    lines = [
        PlanLine(
            actor.tenant_id,
            LineId(new_id()),
            position,
            channel,
            Channel(channel),
            Pricing(PricingModel.CPM, None, "EUR"),
            Money(amount, "EUR"),
            break_down(Money(amount, "EUR"), BudgetBasis.CLIENT_COST),
            (FlightWeek(date(2026, 3, 2), amount - 1), FlightWeek(date(2026, 3, 9), 1)),
            ExpectedDelivery(1000, 10, 125),
            "illustrative default",
        )
        for position, (channel, amount) in enumerate(minor.items())
    ]
    return Draft(tuple(lines), FlightPattern(Flighting.FRONT_LOADED), "drafted", "because")


def said(session_id: SessionId, text: str = "hello", turn_id: TurnId | None = None) -> NewEvent:
    return NewEvent(session_id=session_id, turn_id=turn_id, type=EventType.MESSAGE, data={"text": text})


def message(session_id: SessionId, turn_id: TurnId | None, ordinal: int = 0, **values: object) -> Recorded:
    defaults: dict[str, object] = {
        "id": f"{turn_id}:{ordinal}",
        "role": "user",
        "agent": None,
        "content": {"type": "human", "data": {"content": "hello 🌍"}},
        "created_at": NOW,
    }
    return Recorded.model_validate(
        {**defaults, "session_id": session_id, "turn_id": turn_id, "ordinal": ordinal, **values}
    )


async def open_session(begin: Begin, actor: Actor) -> SessionId:
    async with begin(actor) as work:
        session, change = AgentSession.open(actor.tenant_id, actor.user_id, NOW)
        work.sessions.add(session)
        await work.commit(DONE, change)
    return session.id


async def accept_turn(begin: Begin, actor: Actor, session_id: SessionId, key: str | None = None) -> Turn:
    """Without a note in the outbox: no process of another test takes it up."""
    turn_id = TurnId(new_id())
    async with begin(actor) as work:
        (first,) = await work.transcript.record(message(session_id, turn_id), [said(session_id, "hello", turn_id)])
        turn = queued(actor, session_id, turn_id, first.seq, key)
        await work.turns.add(turn)
        await work.commit(DONE)
    return turn


def queued(actor: Actor, session_id: SessionId, turn_id: TurnId, seq: int, key: str | None = None) -> Turn:
    return Turn(
        id=turn_id,
        session_id=session_id,
        user_id=actor.user_id,
        message="hello",
        idempotency_key=key or str(turn_id),
        body_digest="digest",
        accepted_seq=seq,
        status=TurnStatus.QUEUED,
        created_at=NOW,
    )


def file(
    actor: Actor,
    name: str = "plan.csv",
    size: int = 3,
    campaign_id: CampaignId | None = None,
    expires_at: datetime | None = None,
    now: datetime = NOW,
) -> tuple[StoredFile, Change]:
    return StoredFile.keep(
        actor.tenant_id,
        FileId(new_id()),
        FileName.of(name),
        Contents(size, "0" * 64),
        FilePurpose.UPLOAD,
        by=actor.user_id,
        now=now,
        campaign_id=campaign_id,
        expires_at=expires_at,
    )
