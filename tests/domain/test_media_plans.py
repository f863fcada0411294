from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.campaigns import CampaignStatus, Flight
from domain.channels import Channel
from domain.errors import IllegalMove, InvalidInput, StaleVersion
from domain.money import Money
from domain.plans.changes import compare
from domain.plans.lines import ExpectedDelivery, FlightWeek
from domain.plans.media_plans import MediaPlan, PlanVersion, VersionKind
from tests.domain.plan_samples import ADA, NOW, PLANNABLE, amounts, campaign, drafted, started

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV


@settings(max_examples=40, deadline=None)
@given(amounts(10_000_000))
def test_lines_add_up_to_the_versions_total(wanted: dict[Channel, int]) -> None:
    current = started(campaign(), wanted).current
    assert current.total.minor == sum(line.budget.minor for line in current.lines) == sum(wanted.values())
    assert [line.position for line in current.lines] == list(range(len(wanted)))


class VersionChain(RuleBasedStateMachine):
    """However versions are saved, the chain holds."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = campaign(1000)
        self.plan = started(self.campaign, {SEARCH: 1})
        self.versions = [self.plan.current]
        self.saves = 1

    @rule(minor=st.integers(0, 1000))
    def save(self, minor: int) -> None:
        parent = self.plan.current.number
        change = self.plan.save(self.campaign, drafted(self.campaign, {SEARCH: minor}), by=ADA, now=NOW)
        self.versions.append(self.plan.current)
        assert (self.plan.current.parent_number, self.plan.current.kind) == (parent, VersionKind.VERSION)
        assert (change.action, change.version) == ("plan.version_saved", self.plan.version)

    @rule(base=st.one_of(st.none(), st.integers(0, 12)), minor=st.integers(0, 1000))
    def save_based_on(self, base: int | None, minor: int) -> None:
        before = self.plan.current
        draft = drafted(self.campaign, {SEARCH: minor})
        version, change = self.plan.save_based_on(base, self.campaign, draft, by=ADA, now=NOW)
        self.versions.append(version)
        assert version.parent_number == before.number
        if base == before.number:
            assert (self.plan.current, version.kind) == (version, VersionKind.VERSION)
        else:
            assert (self.plan.current, version.kind) == (before, VersionKind.SCENARIO)
            assert change.action == "plan.scenario_saved"

    @rule(minor=st.integers(1001, 2000))
    def refused(self, minor: int) -> None:
        before = vars(self.plan).copy()
        draft = drafted(self.campaign, {SEARCH: minor})
        with pytest.raises(InvalidInput):
            self.plan.save(self.campaign, draft, by=ADA, now=NOW)
        with pytest.raises(InvalidInput):
            self.plan.save_based_on(None, self.campaign, draft, by=ADA, now=NOW)
        assert vars(self.plan) == before

    @invariant()
    def numbers_are_unique_and_complete(self) -> None:
        assert [version.number for version in self.versions] == list(range(1, self.plan.latest_number + 1))
        assert self.plan.version == self.plan.latest_number

    @invariant()
    def parents_come_before_and_are_no_scenarios(self) -> None:
        by_number = {version.number: version for version in self.versions}
        for version in self.versions[1:]:
            assert version.parent_number is not None
            assert version.parent_number < version.number
            assert by_number[version.parent_number].kind is VersionKind.VERSION

    @invariant()
    def exactly_one_is_current(self) -> None:
        assert [v for v in self.versions if v is self.plan.current] == [self.plan.current]
        assert self.plan.current.kind is VersionKind.VERSION
        assert self.plan.current.number == max(v.number for v in self.versions if v.kind is VersionKind.VERSION)


VersionChain.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestVersionChain = VersionChain.TestCase


def test_a_plan_starts_at_its_first_version() -> None:
    one = campaign()
    plan, change = MediaPlan.start(one, drafted(one, {SEARCH: 5}), by=ADA, now=NOW)
    assert (plan.current.number, plan.current.parent_number, plan.latest_number, plan.version) == (1, None, 1, 1)
    assert (change.action, change.after["total"]) == ("plan.version_saved", "0.05 USD")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [({}, "no_lines"), ({SEARCH: 10_000_001}, "over_budget"), ({SEARCH: 6_000_000, CTV: 4_000_001}, "over_budget")],
)
def test_a_version_that_does_not_fit_is_refused(wanted: dict[Channel, int], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        started(campaign(), wanted)
    assert refused.value.code == code


def test_over_budget_names_by_how_much() -> None:
    with pytest.raises(InvalidInput, match=r"100,000\.01 USD, which is 0\.01 USD over"):
        started(campaign(), {SEARCH: 10_000_001})


def test_a_channel_is_in_a_version_once() -> None:
    one = campaign()
    draft = drafted(one, {SEARCH: 5})
    with pytest.raises(InvalidInput) as refused:
        MediaPlan.start(one, replace(draft, lines=draft.lines * 2), by=ADA, now=NOW)
    assert refused.value.code == "duplicate_line"


def test_lines_in_another_currency_are_refused() -> None:
    euros = drafted(campaign(currency="EUR"), {SEARCH: 5})
    with pytest.raises(InvalidInput) as refused:
        MediaPlan.start(campaign(), euros, by=ADA, now=NOW)
    assert refused.value.code == "currency_mismatch"


def test_weeks_that_do_not_add_up_are_no_line() -> None:
    (line,) = drafted(campaign(), {SEARCH: 5}).lines
    with pytest.raises(InvalidInput) as refused:
        replace(line, weeks=(FlightWeek(date(2027, 3, 1), 4),))
    assert refused.value.code == "weeks_do_not_add_up"


@pytest.mark.parametrize("status", [CampaignStatus.COMPLETED, CampaignStatus.CANCELLED])
def test_a_finished_campaign_takes_no_version(status: CampaignStatus) -> None:
    one = campaign()
    plan = started(one, {SEARCH: 5})
    one.status = status
    for save in (plan.save, MediaPlan.start):
        with pytest.raises(IllegalMove):
            save(one, drafted(one, {SEARCH: 6}), by=ADA, now=NOW)
    assert plan.latest_number == 1


def test_who_saw_an_older_plan_is_told() -> None:
    plan = started(campaign(), {SEARCH: 5})
    plan.must_be_at_version(1)
    with pytest.raises(StaleVersion) as stale:
        plan.must_be_at_version(2)
    assert stale.value.details == {"current": 1}


@pytest.mark.parametrize(
    ("budget", "flight", "more", "out_of_sync"),
    [
        (100, None, 0, False),
        (150, None, 50, True),
        (99, None, -1, True),
        (100, Flight(date(2027, 3, 2), date(2027, 4, 30)), 0, True),
    ],
)
def test_drift_is_what_the_campaign_has_moved(budget: int, flight: Flight | None, more: int, out_of_sync: bool) -> None:
    one = campaign(100)
    version = started(one, {SEARCH: 100}).current
    one.change(today=NOW.date(), budget=Money(budget, "USD"), flight=flight)
    drift = version.drift_from(one)
    assert (drift.budget, drift.start_days, drift.end_days) == (Money(more, "USD"), 1 if flight else 0, 0)
    assert drift.out_of_sync is out_of_sync


def version_of(wanted: dict[Channel, int]) -> PlanVersion:
    return started(campaign(), wanted).current


@settings(max_examples=40, deadline=None)
@given(amounts(10_000_000), amounts(10_000_000))
def test_comparing_accounts_for_every_cent(before: dict[Channel, int], after: dict[Channel, int]) -> None:
    first, second = version_of(before), version_of(after)
    differences = compare(first, second)
    assert [one.line.channel for one in differences] == [
        *after,
        *(channel for channel in before if channel not in after),
    ]
    assert {one.line.channel: one.money_before.minor for one in differences if one.before} == before
    assert {one.line.channel: one.money_after.minor for one in differences if one.after} == after
    change = Money.sum((one.change for one in differences), "USD")
    assert first.total + change == second.total
    back = {one.line.code: one.change for one in compare(second, first)}
    assert back == {one.line.code: -one.change for one in differences}


def test_a_version_against_itself_differs_in_nothing() -> None:
    version = version_of(dict.fromkeys(PLANNABLE, 7))
    assert all(one.change == Money.zero("USD") for one in compare(version, version))


def test_deliveries_add_up() -> None:
    total = sum([ExpectedDelivery(1, 2, 30), ExpectedDelivery(10, 20, 5)], ExpectedDelivery())
    assert (total, total.conversions) == (ExpectedDelivery(11, 22, 35), 0.35)


def test_a_line_is_found_by_its_channel() -> None:
    version = version_of({SEARCH: 1, SOCIAL: 2})
    assert version.line_of(SOCIAL) is version.line("social")
    with pytest.raises(InvalidInput) as refused:
        version.line_of(CTV)
    assert refused.value.code == "channel_not_in_plan"
