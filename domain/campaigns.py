"""Campaign: what is advertised, for how much, when, to which end, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.changes import Change
from domain.errors import IllegalMove, InvalidInput
from domain.fees import BudgetBasis as BudgetBasis
from domain.flights import Flight as Flight
from domain.ids import AdvertiserId, CampaignId, TenantId, UserId, new_id
from domain.money import Money
from domain.objectives import Objective
from domain.text import clean_line


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    PLANNED = "planned"
    APPROVED = "approved"
    LIVE = "live"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    PLAN = "plan"  # the first plan version is saved
    APPROVE = "approve"  # an approval of the current version is applied
    REOPEN = "reopen"  # plan, budget or dates changed after approval
    LAUNCH = "launch"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"


_S, _M = CampaignStatus, Move
STATUS_TABLE: Mapping[tuple[CampaignStatus, Move], CampaignStatus] = {
    (_S.DRAFT, _M.PLAN): _S.PLANNED,
    (_S.PLANNED, _M.APPROVE): _S.APPROVED,
    (_S.APPROVED, _M.REOPEN): _S.PLANNED,
    (_S.APPROVED, _M.LAUNCH): _S.LIVE,
    (_S.LIVE, _M.PAUSE): _S.PAUSED,
    (_S.PAUSED, _M.RESUME): _S.LIVE,
    (_S.LIVE, _M.COMPLETE): _S.COMPLETED,
    (_S.PAUSED, _M.COMPLETE): _S.COMPLETED,
    **{(s, _M.CANCEL): _S.CANCELLED for s in (_S.DRAFT, _S.PLANNED, _S.APPROVED, _S.LIVE, _S.PAUSED)},
}
RUNNING = frozenset({_S.LIVE, _S.PAUSED})
FINISHED = frozenset({_S.COMPLETED, _S.CANCELLED})
ARCHIVABLE = frozenset({_S.DRAFT, _S.COMPLETED, _S.CANCELLED})


@dataclass(eq=False)
class Campaign:
    tenant_id: TenantId
    id: CampaignId
    name: str
    objective: Objective
    budget: Money
    flight: Flight
    created_by: UserId
    created_at: datetime
    advertiser: str | None = None
    product: str | None = None
    kpi: str | None = None
    kpi_target: Decimal | None = None
    value_per_conversion: Money | None = None  # what one conversion is worth; needed to count value
    audiences: list[str] = field(default_factory=list)
    markets: list[str] = field(default_factory=list)
    budget_basis: BudgetBasis = BudgetBasis.CLIENT_COST
    status: CampaignStatus = CampaignStatus.DRAFT
    status_reason: str | None = None
    archived: bool = False
    advertiser_id: AdvertiserId | None = None  # whom it belongs to; `advertiser` is what people called them
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def create(
        cls,
        tenant_id: TenantId,
        name: str,
        objective: Objective,
        budget: Money,
        flight: Flight,
        *,
        by: UserId,
        now: datetime,
        advertiser: str | None = None,
        product: str | None = None,
        kpi: str | None = None,
        kpi_target: Decimal | None = None,
        value_per_conversion: Money | None = None,
        audiences: list[str] | None = None,
        markets: list[str] | None = None,
        budget_basis: BudgetBasis = BudgetBasis.CLIENT_COST,
        advertiser_id: AdvertiserId | None = None,
    ) -> tuple[Self, Change]:
        campaign = cls(
            tenant_id,
            CampaignId(new_id()),
            clean_line(name, field="name"),
            objective,
            positive(budget),
            flight,
            by,
            now,
            advertiser=optional_line(advertiser, "advertiser"),
            product=optional_line(product, "product"),
            kpi=optional_line(kpi, "kpi"),
            kpi_target=_target(kpi_target) if kpi_target is not None else None,
            value_per_conversion=_worth(value_per_conversion) if value_per_conversion else None,
            audiences=_names(audiences or [], "audiences"),
            markets=_names(markets or [], "markets"),
            budget_basis=budget_basis,
            advertiser_id=advertiser_id,
        )
        _must_share_currency(budget, value_per_conversion)
        return campaign, Change("campaign.created", campaign.id, campaign.version, after=campaign.facts())

    def change(self, *, today: date, **wanted: object) -> Change:
        """Set any field that a person may set. None leaves a field as it is; another advertiser's name is no longer
        that of the one it belonged to, unless `advertiser_id` says whose it is.

        A new budget, basis or flight of an approved campaign takes it back to planned: approval never carries over.
        """
        self._must_be_open()
        before = self.facts()
        for name, value in wanted.items():
            if value is not None:
                self._set(name, value, today)
        _must_share_currency(self.budget, self.value_per_conversion)
        after = self.facts()
        changed = {name for name in after if after[name] != before[name]}
        if changed & {"budget", "budget_basis", "flight"} and self.status is CampaignStatus.APPROVED:
            self.status = STATUS_TABLE[self.status, Move.REOPEN]
        self.version += 1
        return self._changed("campaign.updated", before)

    def move(self, move: Move, *, reason: str | None = None) -> Change:
        """Along one arrow of the status table. Raises IllegalMove where there is none."""
        to = STATUS_TABLE.get((self.status, move))
        if to is None or self.archived:
            raise IllegalMove(self._why_not(move), status=self.status, move=move)
        if move is Move.CANCEL and not reason:
            raise InvalidInput("Cancelling needs a reason.", code="reason_required", field="reason")
        before = self.facts()
        self.status, self.status_reason = to, optional_line(reason, "reason")
        self.version += 1
        return self._changed(f"campaign.{move}", before)

    def move_by_hand(self, move: Move, *, reason: str | None = None) -> Change:
        """As `move`, but planning and approval are never moves that somebody just asks for."""
        if move in _BY_SYSTEM:
            raise IllegalMove(
                f"A campaign is never asked to {move}: saving a plan and applying an approval do it.",
                status=self.status,
                move=move,
            )
        return self.move(move, reason=reason)

    def plan_saved(self) -> Change | None:
        """The plan got a new version: a draft becomes planned, an approved campaign needs approval again."""
        move = {CampaignStatus.DRAFT: Move.PLAN, CampaignStatus.APPROVED: Move.REOPEN}.get(self.status)
        return self.move(move) if move else None

    def plan_approved(self, *, known: bool) -> Change | None:
        """An approval of the current version is applied. A running campaign stays as it is.

        `known`: the version was approved before. Raises IllegalMove where nothing is left to approve.
        """
        return None if self.status in RUNNING and not known else self.move(Move.APPROVE)

    def would_spend_more(self, budget: Money | None) -> bool:
        """Would this budget commit money beyond what was approved? Before the launch it commits nothing."""
        running = self.status in (CampaignStatus.LIVE, CampaignStatus.PAUSED)
        return running and budget is not None and budget != self.budget and not self._is_less(budget)

    def archive(self) -> Change:
        if self.status not in ARCHIVABLE:
            raise IllegalMove(
                f"A {self.status} campaign can't be archived; complete or cancel it first.",
                status=self.status,
                move="archive",
            )
        return self._set_archived(True)

    def restore(self) -> Change:
        return self._set_archived(False)

    def _is_less(self, budget: Money) -> bool:
        return budget.currency == self.budget.currency and budget.minor < self.budget.minor

    def must_accept_plans(self) -> None:
        self._must_be_open()

    def facts(self) -> dict[str, object]:
        return {
            "name": self.name,
            "objective": self.objective,
            "budget": str(self.budget),
            "flight": str(self.flight),
            "advertiser": self.advertiser,
            "product": self.product,
            "kpi": self.kpi,
            "kpi_target": str(self.kpi_target) if self.kpi_target is not None else None,
            "value_per_conversion": str(self.value_per_conversion) if self.value_per_conversion else None,
            "audiences": list(self.audiences),
            "markets": list(self.markets),
            "budget_basis": self.budget_basis,
            "status": self.status,
            "archived": self.archived,
        }

    def _set(self, name: str, value: object, today: date) -> None:
        match name, value:
            case "budget", Money():
                self.budget = self._next_budget(value)
            case "flight", Flight():
                self.flight = self._next_flight(value, today)
            case ("objective", Objective()) | ("budget_basis", BudgetBasis()) | ("advertiser_id", UUID()):
                setattr(self, name, value)
            case "kpi_target", Decimal():
                self.kpi_target = _target(value)
            case "value_per_conversion", Money():
                self.value_per_conversion = _worth(value)
            case (("markets" | "audiences"), list()):
                setattr(self, name, _names([str(each) for each in value], name))
            case "advertiser", str():
                self.advertiser, self.advertiser_id = clean_line(value, field=name), None
            case (("name" | "product" | "kpi"), str()):
                setattr(self, name, clean_line(value, field=name))
            case _:
                raise TypeError(f"a campaign has no {name} of {type(value).__name__}")

    def _next_budget(self, budget: Money) -> Money:
        if budget.currency != self.budget.currency and self.status is not CampaignStatus.DRAFT:
            raise InvalidInput(
                f"The campaign is planned in {self.budget.currency}; the currency can't change any more.",
                code="currency_mismatch",
                field="budget",
            )
        return positive(budget)

    def _next_flight(self, flight: Flight, today: date) -> Flight:
        if self.status in RUNNING and flight.start != self.flight.start:
            raise IllegalMove("The campaign has started; its start is fixed.", code="start_is_fixed", field="start")
        if self.status in RUNNING and flight.end < today:
            raise InvalidInput("A running campaign can't end before today.", code="end_in_the_past", field="end")
        return flight

    def _set_archived(self, archived: bool) -> Change:
        if self.archived is archived:
            state = "archived already" if archived else "not archived"
            raise IllegalMove(f"{self.name} is {state}.", status=self.status)
        before = self.facts()
        self.archived = archived
        self.version += 1
        return self._changed("campaign.archived" if archived else "campaign.restored", before)

    def _must_be_open(self) -> None:
        if self.archived or self.status in FINISHED:
            state = "archived" if self.archived else self.status
            raise IllegalMove(f"{self.name} is {state} and can't change.", code="campaign_closed", status=self.status)

    def _why_not(self, move: Move) -> str:
        allowed = [str(m) for (status, m) in STATUS_TABLE if status is self.status and m not in _BY_SYSTEM]
        possible = f"possible now: {', '.join(allowed)}" if allowed and not self.archived else "nothing moves it"
        state = "archived" if self.archived else self.status
        hint = " It needs an approved plan first." if move is Move.LAUNCH and self.status in _BEFORE_APPROVAL else ""
        return f"A campaign that is {state} can't {move}; {possible}.{hint}"

    def _changed(self, action: str, before: Mapping[str, object]) -> Change:
        after = self.facts()
        names = [name for name in after if after[name] != before[name]]
        return Change(action, self.id, self.version, {n: before[n] for n in names}, {n: after[n] for n in names})


_BY_SYSTEM = frozenset({Move.PLAN, Move.APPROVE, Move.REOPEN})
_BEFORE_APPROVAL = frozenset({CampaignStatus.DRAFT, CampaignStatus.PLANNED})


def positive(budget: Money) -> Money:
    if budget.minor <= 0:
        raise InvalidInput("The budget must be above zero.", code="budget_not_positive", field="budget")
    return budget


def _worth(value: Money) -> Money:
    if value.minor <= 0:
        raise InvalidInput(
            "A conversion must be worth more than nothing.",
            code="value_per_conversion_required",
            field="value_per_conversion",
        )
    return value


def _must_share_currency(budget: Money, value_per_conversion: Money | None) -> None:
    if value_per_conversion and value_per_conversion.currency != budget.currency:
        raise InvalidInput(
            f"The budget is in {budget.currency}, so a conversion can't be worth {value_per_conversion}.",
            code="currency_mismatch",
            field="value_per_conversion",
        )


def _target(target: Decimal) -> Decimal:
    if not target.is_finite() or target <= 0:
        raise InvalidInput(f"A target is a number above zero, not {target}.", code="bad_target", field="kpi_target")
    return target


def _names(names: list[str], name: str) -> list[str]:
    return [clean_line(each, field=name, longest=80) for each in names]


def optional_line(text: str | None, name: str) -> str | None:
    return clean_line(text, field=name) if text else None
