from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.campaigns import BudgetBasis, Flight
from domain.channels import Channel, PricingModel
from domain.money import Money
from domain.plans.changes import campaign_changes, compare
from domain.plans.lines import FlightWeek, Placement
from domain.plans.versions import Standing
from domain.pricing import Pricing
from tests.domain.plan_samples import SPRING, campaign, started

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV


def test_what_changed_of_a_line_is_named_fact_by_fact() -> None:
    version = started(campaign(100_000), {SEARCH: 40_000, SOCIAL: 30_000}).current
    search, social = version.lines
    weeks = search.weeks
    shifted = (
        FlightWeek(weeks[0].starts, weeks[0].budget_minor - 1000),
        FlightWeek(weeks[1].starts, weeks[1].budget_minor + 1000),
        *weeks[2:],
    )
    changed = replace(
        search,
        placement=Placement(vehicle="Google", notes="Brand only"),
        pricing=Pricing(PricingModel.CPC, Decimal("1.50"), "USD"),
        flight=Flight(SPRING.start, date(2027, 4, 20)),
        locked=True,
        weeks=shifted,
    )
    later = replace(version, number=2, lines=[changed])
    first, second = compare(version, later)
    assert (first.kind, first.change.minor, second.kind, second.change.minor) == ("changed", 0, "removed", -30_000)
    assert [(change.field, change.before, change.after) for change in first.fields] == [
        ("vehicle", None, "Google"),
        ("notes", None, "Brand only"),
        ("rate", None, "1.5 USD per click"),
        ("dates", None, "2027-03-01 to 2027-04-20"),
        ("locked", None, "locked"),
    ]
    assert [(week.starts, (week.after - week.before).minor) for week in first.weeks] == [
        (weeks[0].starts, -1000),
        (weeks[1].starts, 1000),
    ]
    assert second.line is social


def test_a_line_in_proportion_has_no_weeks_that_changed() -> None:
    of = campaign(100_000)
    before, after = (started(of, {SEARCH: minor}).current for minor in (33_333, 77_777))
    [difference] = compare(before, after)
    assert (difference.kind, difference.weeks, difference.fields) == ("changed", (), ())
    assert compare(before, before)[0].kind == "same"


def test_a_new_line_is_added() -> None:
    of = campaign(100_000)
    before, after = started(of, {SEARCH: 1}).current, started(of, {SEARCH: 1, CTV: 5}).current
    assert [difference.kind for difference in compare(before, after)] == ["same", "added"]


def test_what_changed_of_the_campaign() -> None:
    first = Standing(Money(1000, "USD"), BudgetBasis.CLIENT_COST, SPRING)
    second = Standing(Money(900, "USD"), BudgetBasis.GROSS, SPRING)
    assert [(change.field, change.after) for change in campaign_changes(first, second)] == [
        ("budget", "9.00 USD"),
        ("basis", "gross"),
    ]
