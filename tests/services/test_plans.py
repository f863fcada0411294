import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.campaigns import CampaignStatus
from domain.channels import Channel, ChannelFamily
from domain.errors import Conflict, DomainError, InvalidInput, NotFound, StaleVersion
from domain.planning.flighting.weeks import Flighting
from domain.plans.media_plans import VersionKind
from domain.tenants import TenantSettings, Weekday
from services.campaigns import UpdateCampaign
from services.jobs import StartPlanning
from services.plan_commands import DraftPlan, Edit, LineDetails, LineEdit, OptimizePlan, RevisePlan, WhatIf
from services.plan_constraints import GroupLimit, LineLimit
from services.queries import PlanView
from tests.services.conftest import CHANNELS, InMemory, Product, keyed
from tests.services.samples import usd
from tests.services.workflow import finish, task_of

SEARCH, SOCIAL, DISPLAY = CHANNELS


def amounts(plan: PlanView) -> dict[Channel, Decimal]:
    return {line.channel: line.budget.amount for line in plan.lines}


def raise_by(channel: Channel, amount: int) -> RevisePlan:
    return RevisePlan(changes=[LineEdit(channel=channel, action=Edit.INCREASE, amount=usd(amount))])


def cut(channel: Channel, amount: int) -> RevisePlan:
    return RevisePlan(changes=[LineEdit(channel=channel, action=Edit.DECREASE, amount=usd(amount))])


async def test_a_draft_spends_the_budget_and_plans_the_campaign(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    assert plan.total == plan.campaign_budget == usd("100000.00")
    assert (plan.number, plan.current_number, plan.parent_number, plan.out_of_sync) == (1, 1, None, False)
    assert sum(line.share for line in plan.lines) == 100
    for line in plan.lines:
        assert sum(week.budget.amount for week in line.weeks) == line.budget.amount
    async with product.begin(actor) as work:
        campaign = await work.campaigns.get(plan.campaign_id)
        kept = await work.plans.of_campaign(plan.campaign_id)
    assert campaign.status is CampaignStatus.PLANNED
    assert {line.channel: line.budget.major for line in kept.current.lines} == amounts(plan)


async def test_weeks_start_when_the_tenants_week_does(memory: InMemory) -> None:
    actor = memory.owner(TenantSettings(week_start=Weekday.SUNDAY))
    plan = await memory.planned(actor)
    assert {week.starts.weekday() for week in plan.lines[0].weeks[1:]} == {Weekday.SUNDAY.number}


async def test_a_second_draft_is_a_second_version(memory: InMemory) -> None:
    actor = memory.owner()
    first = await memory.planned(actor)
    second = await memory.plans.draft(
        actor, first.campaign_id, DraftPlan(channels=[SEARCH], flighting=Flighting.FRONT_LOADED)
    )
    assert (second.id, second.number, second.parent_number, second.version) == (first.id, 2, 1, 2)
    assert amounts(second) == {SEARCH: Decimal("100000.00")}


async def test_a_revision_moves_one_line_and_the_others_stay(product: Product) -> None:
    actor = await product.new_actor()
    before = await product.planned(actor)
    after = await product.plans.revise(actor, before.campaign_id, cut(SEARCH, 1000), expected=1)
    assert amounts(after) == {**amounts(before), SEARCH: amounts(before)[SEARCH] - 1000}
    assert (after.unspent, after.reason, after.number) == (usd("1000.00"), "Search lowered", 2)


async def test_what_is_kept_stays_kept_until_it_is_named(memory: InMemory) -> None:
    actor = memory.owner()
    first = await memory.planned(actor)
    await memory.plans.revise(actor, first.campaign_id, cut(SOCIAL, 5000))
    second = await memory.plans.optimize(actor, first.campaign_id, OptimizePlan(keep=[SOCIAL]))
    third = await memory.plans.optimize(actor, first.campaign_id, OptimizePlan())
    assert amounts(second)[SOCIAL] == amounts(third)[SOCIAL] == amounts(first)[SOCIAL] - 5000
    assert [line.locked for line in third.lines] == [False, True, False]
    freed = await memory.plans.optimize(
        actor, first.campaign_id, OptimizePlan(maximums=[LineLimit(channel=SOCIAL, amount=usd(100_000))])
    )
    assert amounts(freed) == amounts(first)


async def test_limits_are_respected(memory: InMemory) -> None:
    actor = memory.owner()
    first = await memory.planned(actor)
    limited = await memory.plans.optimize(
        actor,
        first.campaign_id,
        OptimizePlan(
            minimums=[LineLimit(channel=DISPLAY, amount=usd(60_000))],
            maximums=[LineLimit(channel=SEARCH, amount=usd(100))],
            budget=usd(90_000),
        ),
    )
    assert limited.total == usd("90000.00")
    assert (amounts(limited)[DISPLAY] >= 60_000, amounts(limited)[SEARCH] <= 100) == (True, True)


async def test_an_optimization_says_what_it_did_and_why(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    video = GroupLimit(channels=[SEARCH, SOCIAL], maximum_percent=Decimal(60))
    found = (await memory.plans.optimize(actor, plan.campaign_id, OptimizePlan(groups=[video]))).optimization
    assert found
    assert sum(line.after.amount for line in found.lines) == found.budget.amount
    assert [(bound.label, bound.held) for bound in found.binding] == [("Search, Social", "group_maximum")]
    assert found.outcome_after < found.outcome_before
    assert sum(line.outcome_after for line in found.lines) == pytest.approx(found.outcome_after, abs=Decimal("0.05"))
    assert "illustrative" in found.assumptions[0]


async def test_a_limit_of_a_channel_with_several_lines_is_for_all_of_them(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    second = LineEdit(
        channel=SEARCH, action=Edit.ADD, amount=usd(0), details=LineDetails(vehicle="Bing"), line="search-bing"
    )
    await memory.plans.revise(actor, plan.campaign_id, RevisePlan(changes=[second]))
    wish = OptimizePlan(maximums=[LineLimit(channel=SEARCH, percent=Decimal(10))])
    limited = await memory.plans.optimize(actor, plan.campaign_id, wish)
    searches = [line.budget.amount for line in limited.lines if line.channel is SEARCH]
    assert (len(searches), sum(searches)) == (2, 10_000)
    assert "Search at its maximum together" in limited.explanation


async def test_a_vendor_is_a_group(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    meta = LineEdit(channel=SOCIAL, action=Edit.AMEND, details=LineDetails(vehicle="Meta"))
    await memory.plans.revise(actor, plan.campaign_id, RevisePlan(changes=[meta]))
    wish = OptimizePlan(groups=[GroupLimit(vehicle="meta", maximum=usd(5_000))])
    limited = await memory.plans.optimize(actor, plan.campaign_id, wish)
    assert amounts(limited)[SOCIAL] == 5_000


async def test_what_if_changes_nothing(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    before = memory.written()
    tried = await memory.plans.what_if(
        keyed(actor), plan.campaign_id, WhatIf(budget_percent=Decimal("-12.5"), keep=[SEARCH])
    )
    assert memory.written() == before
    assert (tried.now.spend, tried.then.spend) == (usd("100000.00"), usd("87500.00"))
    kept = next(line for line in tried.lines if line.channel is SEARCH)
    assert kept.now == kept.then


REFUSED: list[tuple[str, Any, str]] = [
    ("draft", DraftPlan(channels=[SEARCH, SEARCH]), "duplicate_line"),
    (
        "draft",
        DraftPlan(channels=[SEARCH], minimums=[LineLimit(channel=DISPLAY, amount=usd(1))]),
        "channel_not_in_plan",
    ),
    (
        "draft",
        DraftPlan(channels=[SEARCH], minimums=[LineLimit(channel=SEARCH, amount=usd(1, "EUR"))]),
        "currency_mismatch",
    ),
    (
        "draft",
        DraftPlan(channels=[SEARCH], minimums=[LineLimit(channel=SEARCH, amount=usd(200_000))]),
        "minimums_exceed_budget",
    ),
    ("revise", RevisePlan(), "nothing_to_change"),
    ("revise", raise_by(SEARCH, 1), "over_budget"),
    ("revise", cut(SEARCH, 10**6), "line_below_zero"),
    ("revise", cut(Channel.RADIO, 1), "channel_not_in_plan"),
    ("revise", RevisePlan(changes=[LineEdit(channel=SEARCH, action=Edit.SET)]), "amount_required"),
    (
        "revise",
        RevisePlan(changes=[LineEdit(channel=SEARCH, action=Edit.SET, amount=usd(1, "EUR"))]),
        "currency_mismatch",
    ),
    (
        "revise",
        RevisePlan(changes=[LineEdit(channel=c, action=Edit.REMOVE) for c in CHANNELS]),
        "no_lines",
    ),
    ("optimize", OptimizePlan(budget=usd(100_001)), "over_budget"),
    ("optimize", OptimizePlan(budget=usd(10, "EUR")), "currency_mismatch"),
    ("optimize", OptimizePlan(keep=[Channel.RADIO]), "channel_not_in_plan"),
    ("optimize", OptimizePlan(minimums=[LineLimit(channel=SEARCH)]), "amount_required"),
    ("optimize", OptimizePlan(minimums=[LineLimit(amount=usd(1))]), "line_required"),
    ("optimize", OptimizePlan(maximums=[LineLimit(channel=SEARCH, percent=Decimal(101))]), "share_over_100_percent"),
    ("optimize", OptimizePlan(groups=[GroupLimit(family=ChannelFamily.AUDIO, maximum=usd(1))]), "empty_group"),
    ("optimize", OptimizePlan(groups=[GroupLimit(family=ChannelFamily.DIGITAL)]), "limit_required"),
    ("what_if", WhatIf(budget=usd(10, "EUR")), "currency_mismatch"),
    ("what_if", WhatIf(budget=usd(10), budget_percent=Decimal(10)), "two_budgets"),
]


@pytest.mark.parametrize(("method", "command", "code"), REFUSED)
async def test_what_cannot_be_is_refused_and_leaves_nothing(
    memory: InMemory, method: str, command: Any, code: str
) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    before = memory.written()
    with pytest.raises(InvalidInput) as refused:
        await getattr(memory.plans, method)(actor, plan.campaign_id, command)
    assert (refused.value.code, memory.written()) == (code, before)


async def test_without_a_plan_there_is_nothing_to_work_on(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    for refused in (
        memory.plans.revise(actor, campaign.id, cut(SEARCH, 1)),
        memory.plans.optimize(actor, campaign.id, OptimizePlan()),
        memory.plans.what_if(actor, campaign.id, WhatIf()),
        memory.plans.compare(actor, campaign.id),
    ):
        with pytest.raises(NotFound) as missing:
            await refused
        assert missing.value.code == "no_plan"


async def test_a_closed_campaign_takes_no_plan(memory: InMemory) -> None:
    actor = memory.owner()
    campaign = await memory.campaign(actor)
    await memory.campaigns.archive(actor, campaign.id)
    with pytest.raises(Conflict) as closed:
        await memory.plans.draft(actor, campaign.id, DraftPlan(channels=[SEARCH]))
    assert closed.value.code == "campaign_closed"


async def test_one_key_saves_one_version(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)
    one = keyed(actor)
    answers = await asyncio.gather(
        *(product.plans.revise(one, plan.campaign_id, cut(SEARCH, 1000), expected=1) for _ in range(4))
    )
    assert all(answer == answers[0] for answer in answers)
    assert await product.latest_number(actor, plan.campaign_id) == 2


async def test_of_two_revisions_at_once_one_is_refused(product: Product) -> None:
    actor = await product.new_actor()
    plan = await product.planned(actor)

    async def revise(amount: int) -> PlanView | None:
        try:
            return await product.plans.revise(actor, plan.campaign_id, cut(SEARCH, amount), expected=1)
        except StaleVersion:
            return None

    saved = [answer for answer in await asyncio.gather(revise(1), revise(2)) if answer]
    assert len(saved) == 1
    assert await product.latest_number(actor, plan.campaign_id) == 2


async def test_comparing_names_the_current_version_and_the_one_it_came_from(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    with pytest.raises(Conflict) as alone:
        await memory.plans.compare(actor, plan.campaign_id)
    assert alone.value.code == "single_version"
    await memory.plans.revise(
        actor,
        plan.campaign_id,
        RevisePlan(
            changes=[
                LineEdit(channel=SEARCH, action=Edit.REMOVE),
                LineEdit(channel=Channel.OLV, action=Edit.ADD, amount=usd(10)),
            ]
        ),
    )
    compared = await memory.plans.compare(actor, plan.campaign_id)
    assert (compared.first, compared.second) == (1, 2)
    changes = {line.channel: line.change.amount for line in compared.lines}
    assert changes == {SOCIAL: 0, DISPLAY: 0, Channel.OLV: 10, SEARCH: -amounts(plan)[SEARCH]}
    assert compared.after.spend.amount - compared.before.spend.amount == sum(changes.values())
    with pytest.raises(NotFound) as missing:
        await memory.plans.compare(actor, plan.campaign_id, 1, 9)
    assert missing.value.code == "plan_version_not_found"


async def test_a_scenario_is_not_what_the_next_version_came_from(product: Product) -> None:
    actor = await product.new_actor()
    first = await product.planned(actor)
    job = await product.jobs.start_planning(actor, first.campaign_id, StartPlanning(), session_id=None)
    await product.plans.revise(actor, first.campaign_id, cut(SEARCH, 1))
    done = await finish(product, actor, task_of(job, base=1))
    assert done.result is not None
    assert (done.result["number"], done.result["kind"]) == (3, VersionKind.SCENARIO)
    fourth = await product.plans.revise(actor, first.campaign_id, cut(SEARCH, 1))
    compared = await product.plans.compare(actor, first.campaign_id)
    assert (fourth.number, fourth.parent_number) == (4, 2)
    assert (compared.first, compared.second) == (2, 4)
    assert (await product.plans.compare(actor, first.campaign_id, 1, 3)).second == 3


async def test_a_budget_below_the_plan_is_shown_not_repaired(memory: InMemory) -> None:
    actor = memory.owner()
    plan = await memory.planned(actor)
    await memory.campaigns.update(actor, plan.campaign_id, UpdateCampaign(budget=usd(90_000)))
    with pytest.raises(DomainError) as refused:
        await memory.plans.revise(actor, plan.campaign_id, cut(SEARCH, 1))
    assert refused.value.code == "over_budget"
    async with memory.begin(actor) as work:
        campaign = await work.campaigns.get(plan.campaign_id)
        kept = (await work.plans.of_campaign(plan.campaign_id)).current
    assert (kept.number, str(kept.total), kept.drift_from(campaign).out_of_sync) == (1, "100,000.00 USD", True)
