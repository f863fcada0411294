"""The document of a plan: what it says adds up, and what it rests on is named."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.flights import Flight
from domain.money import Money
from domain.planning.curves.benchmarks import Benchmarks, benchmark
from domain.plans.lines import FlightWeek, LineSpec
from domain.plans.media_plans import VersionKind
from domain.plans.states import PlanState
from services.amounts import Amount
from tests.services.planned_samples import campaign, document, everything, planned


def test_totals_and_weeks_are_the_lines() -> None:
    of = document(everything())
    views = [line.view for line in of.lines]
    assert sum(view.budget.amount for view in views) == of.plan.total.amount
    assert sum(view.costs.client_cost.amount for view in views) == of.totals.client_cost.amount
    assert sum(fee.amount.amount for fee in of.totals.fees) == of.totals.fee_total.amount
    assert of.totals.gross.amount - of.totals.agency_discount.amount == of.totals.net_media.amount
    assert of.totals.net_media.amount + of.totals.fee_total.amount == of.totals.client_cost.amount
    for line in of.lines:
        assert len(line.weekly) == len(of.weeks)
        assert sum(line.weekly) == line.view.budget.amount


@settings(max_examples=30, deadline=None)
@given(first_weekday=st.integers(0, 6), day=st.dates(date(2026, 12, 1), date(2027, 3, 1)), days=st.integers(2, 120))
def test_every_week_has_its_column_wherever_weeks_begin(first_weekday: int, day: date, days: int) -> None:
    flight = Flight(day, date.fromordinal(day.toordinal() + days - 1))
    lines = [(LineSpec("search", Channel.SEARCH), Money(1_234_567, "USD"))]
    of = planned(campaign(Money(10**7, "USD"), flight=flight), lines)
    made = document(replace(of, brief=replace(of.brief, first_weekday=first_weekday)))
    assert all(week.weekday() == first_weekday for week in made.weeks)
    assert sum(made.lines[0].weekly) == Decimal("12345.67")


def test_what_a_plan_rests_on_is_named() -> None:
    of = document(everything())
    assert {note.source for note in of.benchmarks} == {"illustrative default"}
    assert [note.channel for note in of.benchmarks] == [Channel.SEARCH, Channel.SOCIAL, Channel.CTV]
    assert [(note.line, note.rate, note.source, str(note.on)) for note in of.rates] == [
        ("Print (Le Monde)", Decimal("1.08"), "ECB", "2026-12-01")
    ]
    assert {note.line: note.extrapolated for note in of.curves} == {
        "Search (Google)": False,
        "Social (@Meta)": True,
        "Social (TikTok)": True,
        "CTV": False,
    }
    subjects = {each.subject: each.text for each in of.assumptions}
    assert "client cost" in subjects["Budget"]
    assert "15 %" in subjects["Agency discount"]
    assert "no study" in subjects["Benchmarks"]


def test_prices_in_another_currency_name_their_level() -> None:
    lines = [(LineSpec("search", Channel.SEARCH), Money(10**6, "EUR"))]
    of = document(planned(campaign(Money(10**7, "EUR")), lines))
    assert "0.85" in next(each.text for each in of.assumptions if each.subject == "Price level")


def test_sources_that_changed_since_are_said() -> None:
    of = everything()
    assert "Changed since" not in {each.subject for each in document(of).assumptions}
    own = replace(benchmark(Channel.CTV, "USD"), source="2026 actuals")
    later = replace(of.brief, benchmarks=Benchmarks({(Channel.CTV, None, "USD"): own}))
    made = document(replace(of, brief=later))
    changed = next(each.text for each in made.assumptions if each.subject == "Changed since")
    assert "The figures of CTV are those of when" in changed


def test_names_follow_the_advertisers_pattern_alone() -> None:
    of = document(everything())
    assert of.lines[2].name == "northwind_spring_social_202703-2"
    assert of.lines[0].utm == "utm_source=google&utm_medium=cpc&utm_campaign=spring"
    plain = planned(campaign(Money(10**7, "USD")), [(LineSpec("search", Channel.SEARCH), Money(10**6, "USD"))])
    assert (document(plain).lines[0].name, document(plain).lines[0].utm) == ("Search", None)


@pytest.mark.parametrize(
    ("name", "stem"), [("Spring/Summer: 50% off?", "Spring-Summer- 50% off"), ("../..", "plan"), ("…", "…")]
)
def test_the_files_name_is_no_path(name: str, stem: str) -> None:
    assert document(everything(name=name)).file_stem == f"{stem} - plan v1"


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({}, "Not approved"),
        ({"state": PlanState.SUBMITTED}, "Waiting for approval"),
        ({"state": PlanState.APPROVED}, "Approved"),
        ({"state": PlanState.SUPERSEDED, "current_number": 3}, "Superseded by version 3"),
        ({"kind": VersionKind.SCENARIO}, "A scenario, not the plan"),
    ],
)
def test_where_a_version_stands_is_said(said: dict[str, object], standing: str) -> None:
    of = everything()
    assert document(replace(of, view=of.view.model_copy(update=said))).standing == standing


def test_a_document_keeps_the_budget_and_dates_its_version_was_made_for() -> None:
    of = everything()
    later = Flight(date(2027, 4, 1), date(2027, 6, 30))
    of.brief.campaign.change(today=date(2027, 1, 6), budget=Money.of(300_000, "USD"), flight=later)
    made = document(of)
    assert (made.budget, made.start, made.lines[0].start) == (
        *(Amount.of(Money.of(250_000, "USD")), date(2027, 3, 1), date(2027, 3, 1)),
    )


@pytest.mark.parametrize(("lines", "code"), [(0, "no_lines"), (10_000, "too_many_lines")])
def test_too_few_and_too_many_lines_are_refused(lines: int, code: str) -> None:
    of = everything()
    one = replace(of.version.lines[0], weeks=(FlightWeek(date(2027, 3, 1), of.version.lines[0].budget.minor),))
    with pytest.raises(InvalidInput) as refused:
        document(replace(of, version=replace(of.version, lines=[one] * lines)))
    assert (refused.value.code, refused.value.field) == (code, "lines")
