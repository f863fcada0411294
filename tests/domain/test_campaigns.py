from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.campaigns import ARCHIVABLE, FINISHED, STATUS_TABLE, Campaign, CampaignStatus, Flight, Move
from domain.errors import IllegalMove, InvalidInput
from domain.ids import TenantId, UserId, new_id
from domain.money import Money
from domain.objectives import Objective

NOW = datetime(2027, 1, 5, tzinfo=UTC)
TODAY = NOW.date()
SPRING = Flight(date(2027, 3, 1), date(2027, 4, 30))


def campaign(status: CampaignStatus = CampaignStatus.DRAFT, **other: Any) -> Campaign:
    made, _ = Campaign.create(
        TenantId(new_id()),
        other.pop("name", "Northwind Spring"),
        Objective.CONVERSIONS,
        other.pop("budget", Money.of(250_000, "USD")),
        SPRING,
        by=UserId(new_id()),
        now=NOW,
        **other,
    )
    made.status = status
    return made


def test_creating_tells_what_was_created() -> None:
    made, change = Campaign.create(
        TenantId(new_id()),
        "  Ünïcode 🌷 حملة  ",
        Objective.LEADS,
        Money.of(1, "JPY"),
        SPRING,
        by=UserId(new_id()),
        now=NOW,
        markets=["DE", "AT"],
    )
    assert made.name == "Ünïcode 🌷 حملة"
    assert (change.action, change.version, change.after["markets"]) == ("campaign.created", 1, ["DE", "AT"])
    assert change.after["budget"] == "1 JPY"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"budget": Money.zero("USD")}, "budget_not_positive"),
        ({"budget": Money.of(-5, "USD")}, "budget_not_positive"),
        ({"name": "   "}, "empty"),
        ({"name": "x" * 201}, "too_long"),
        ({"name": "a\nb"}, "control_characters"),
        ({"name": "a\u202eb"}, "control_characters"),
        ({"advertiser": "a\x00"}, "control_characters"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        campaign(**wrong)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (date(2027, 4, 30), date(2027, 3, 1), "flight_end_before_start"),
        (date(2027, 3, 1), date(2027, 3, 1), "flight_end_before_start"),
        (date(2027, 3, 1), date(2033, 3, 1), "flight_too_long"),
    ],
)
def test_a_flight_has_a_sane_length(start: date, end: date, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Flight(start, end)
    assert refused.value.code == code


@pytest.mark.parametrize("status", CampaignStatus)
@pytest.mark.parametrize("move", Move)
def test_the_status_table_is_the_only_way(status: CampaignStatus, move: Move) -> None:
    one = campaign(status)
    if to := STATUS_TABLE.get((status, move)):
        change = one.move(move, reason="the client left")
        assert (one.status, one.version, change.after["status"]) == (to, 2, to)
    else:
        with pytest.raises(IllegalMove):
            one.move(move, reason="the client left")
        assert (one.status, one.version) == (status, 1)


def test_cancelling_needs_a_reason() -> None:
    with pytest.raises(InvalidInput, match="reason"):
        campaign().move(Move.CANCEL)


@pytest.mark.parametrize("move", [Move.PLAN, Move.APPROVE, Move.REOPEN])
def test_planning_and_approval_are_not_asked_for_by_hand(move: Move) -> None:
    with pytest.raises(IllegalMove):
        campaign(CampaignStatus.DRAFT).move_by_hand(move)


def test_launching_without_approval_says_what_is_missing() -> None:
    with pytest.raises(IllegalMove, match="approved plan"):
        campaign(CampaignStatus.PLANNED).move(Move.LAUNCH)


@pytest.mark.parametrize("status", CampaignStatus)
def test_archiving_is_for_what_does_not_run(status: CampaignStatus) -> None:
    one = campaign(status)
    if status in ARCHIVABLE:
        one.archive()
        assert one.facts()["archived"] is True
        with pytest.raises(IllegalMove):
            one.archive()
        one.restore()
        assert one.facts()["archived"] is False
        assert one.version == 3
    else:
        with pytest.raises(IllegalMove):
            one.archive()


def test_an_archived_campaign_neither_changes_nor_moves() -> None:
    one = campaign()
    one.archive()
    with pytest.raises(IllegalMove):
        one.change(today=TODAY, name="X")
    with pytest.raises(IllegalMove):
        one.move(Move.CANCEL, reason="x")


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_campaign_does_not_change(status: CampaignStatus) -> None:
    with pytest.raises(IllegalMove) as refused:
        campaign(status).change(today=TODAY, budget=Money.of(1, "USD"))
    assert refused.value.code == "campaign_closed"


def test_a_change_names_only_what_changed() -> None:
    one = campaign()
    change = one.change(today=TODAY, budget=Money.of(300_000, "USD"), name=None)
    assert (change.before, change.after) == ({"budget": "250,000.00 USD"}, {"budget": "300,000.00 USD"})
    assert one.version == 2


def test_approval_does_not_carry_over_to_another_budget() -> None:
    one = campaign(CampaignStatus.APPROVED)
    one.change(today=TODAY, budget=Money.of(300_000, "USD"))
    assert one.status is CampaignStatus.PLANNED
    other = campaign(CampaignStatus.APPROVED)
    other.change(today=TODAY, kpi="CPA below 40")
    assert other.status is CampaignStatus.APPROVED


def test_the_start_of_a_running_campaign_is_fixed_and_its_end_is_not_past() -> None:
    one = campaign(CampaignStatus.LIVE)
    with pytest.raises(IllegalMove) as moved:
        one.change(today=date(2027, 3, 15), flight=Flight(date(2027, 3, 2), SPRING.end))
    assert moved.value.code == "start_is_fixed"
    with pytest.raises(InvalidInput) as ended:
        one.change(today=date(2027, 3, 15), flight=Flight(SPRING.start, date(2027, 3, 14)))
    assert ended.value.code == "end_in_the_past"
    one.change(today=date(2027, 3, 15), flight=Flight(SPRING.start, date(2027, 3, 15)))


def test_the_currency_stays_once_there_is_a_plan() -> None:
    with pytest.raises(InvalidInput) as refused:
        campaign(CampaignStatus.PLANNED).change(today=TODAY, budget=Money.of(1, "EUR"))
    assert refused.value.code == "currency_mismatch"


def test_saving_a_plan_moves_a_draft_and_reopens_an_approved_campaign() -> None:
    draft, approved, live = (
        campaign(status) for status in (CampaignStatus.DRAFT, CampaignStatus.APPROVED, CampaignStatus.LIVE)
    )
    draft.plan_saved()
    approved.plan_saved()
    assert live.plan_saved() is None
    assert [draft.status, approved.status, live.status] == ["planned", "planned", "live"]
