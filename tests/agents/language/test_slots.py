"""Money, dates, channels and names out of words, in several locales."""

from dataclasses import replace
from datetime import date

import pytest

from agents.language.context import ActiveCampaign, Context
from agents.language.money import as_json
from agents.language.objectives import kpi, objective
from agents.language.ranges import flight
from agents.language.tagging import tagged
from agents.language.utterance import Amount, Name, Percent, Period, Version
from domain.channels import Channel
from domain.objectives import Objective
from tests.agents.language.conversation import NEW, TODAY

US = NEW
GERMANY = Context(today=TODAY, locale="de-DE", default_currency="EUR")
BRITAIN = Context(today=TODAY, locale="en-GB", default_currency="GBP")
CANADA = Context(today=TODAY, locale="en-CA", default_currency="CAD")
ABROAD = Context(today=TODAY, locale="en-CA", default_currency="EUR")

AMOUNTS = [
    ("€1.2m", US, "1200000.00 EUR"),
    ("250k USD", US, "250000.00 USD"),
    ("$250k", US, "250000.00 USD"),
    ("$250k", CANADA, "250000.00 CAD"),
    ("$250k", ABROAD, "250000.00 CAD"),
    ("$250k", GERMANY, "250000.00 USD"),
    ("US$ 5,000", CANADA, "5000.00 USD"),
    ("a quarter million", US, "250000.00 USD"),
    ("half a million", GERMANY, "500000.00 EUR"),
    ("one and a half million pounds", US, "1500000.00 GBP"),
    ("a million and a half", US, "1500000.00 USD"),
    ("three quarters of a million", US, "750000.00 USD"),
    ("two hundred and fifty thousand dollars", US, "250000.00 USD"),
    ("1.234.567,89", GERMANY, "1234567.89 EUR"),
    ("1,234,567.89", US, "1234567.89 USD"),
    ("250.000", GERMANY, "250000.00 EUR"),
    ("250 000", US, "250000.00 USD"),
    ("CHF 20'000", US, "20000.00 CHF"),
    ("¥5m", US, "5000000 JPY"),
    ("300 kr", Context(today=TODAY, locale="nb-NO", default_currency="NOK"), "300.00 NOK"),
    ("-5000", US, "-5000.00 USD"),
    ("$0", US, "0.00 USD"),
    ("budget of 500", US, "500.00 USD"),
    ("1e308", US, "1E+308 USD"),
    ("50k XYZ", US, "50000.00 XYZ"),
    ("EUR 75.000", US, "75000.00 EUR"),
    ("1.250m", US, "1250000.00 USD"),
    ("50 thousand dollars", US, "50000.00 USD"),
    ("budget of zero", US, "0.00 USD"),
    ("set search to 500", US, "500.00 USD"),
    ("10.12345 USD", US, "10.12345 USD"),
]
NO_AMOUNTS = ["in 2027", "3 campaigns", "10 million impressions", "v2", "20%", "at 10:30", "6 weeks", "search 4"]

FLIGHTS = [
    ("1 March to 30 April", "2027-03-01", "2027-04-30"),
    ("March to April", "2027-03-01", "2027-04-30"),
    ("march–april", "2027-03-01", "2027-04-30"),
    ("between 1 and 15 May", "2027-05-01", "2027-05-15"),
    ("May 1-15", "2027-05-01", "2027-05-15"),
    ("from 1 March 2028 until 5 May", "2028-03-01", "2028-05-05"),
    ("1 March to 30 April 2029", "2029-03-01", "2029-04-30"),
    ("25 December to 5 January", "2026-12-25", "2027-01-05"),
    ("Nov to Jan", "2026-11-01", "2027-01-31"),
    ("mid-March to end of April", "2027-03-15", "2027-04-30"),
    ("Q3", "2027-07-01", "2027-09-30"),
    ("Q1 2028", "2028-01-01", "2028-03-31"),
    ("first half of 2027", "2027-01-01", "2027-06-30"),
    ("next month", "2026-12-01", "2026-12-31"),
    ("next quarter", "2027-01-01", "2027-03-31"),
    ("next week", "2026-11-30", "2026-12-06"),
    ("6 weeks from Monday", "2026-11-30", "2027-01-10"),
    ("from 1 March for two months", "2027-03-01", "2027-04-30"),
    ("6 weeks, starting 1 March", "2027-03-01", "2027-04-11"),
    ("the next 6 weeks", "2026-11-23", "2027-01-03"),
    ("starting 1 March and ending 30 April", "2027-03-01", "2027-04-30"),
    ("from next Monday to Friday", "2026-11-30", "2026-12-04"),
    ("2027-03-01 to 2027-04-30", "2027-03-01", "2027-04-30"),
    ("2027-05-10 to 2027-05-01", "2027-05-10", "2027-05-01"),
    ("this spring", "2027-03-01", "2027-05-31"),
    ("tomorrow until in two weeks", "2026-11-24", "2026-12-07"),
    ("start on 1 March", "2027-03-01", None),
    ("until 15 May", None, "2027-05-15"),
    ("a spring campaign", None, None),
    ("31 April", "2027-04-01", "2027-04-30"),
    ("we may do it", None, None),
]


@pytest.mark.parametrize(("said", "context", "expected"), AMOUNTS)
def test_amounts(said: str, context: Context, expected: str) -> None:
    utterance = tagged(said, context)
    [amount] = utterance.values(utterance.text, Amount)
    assert " ".join(as_json(amount, context.currency).values()) == expected


@pytest.mark.parametrize("said", NO_AMOUNTS)
def test_numbers_that_are_no_amounts(said: str) -> None:
    utterance = tagged(said, US)
    assert utterance.values(utterance.text, Amount) == []


def test_an_amount_without_currency_is_in_the_campaigns() -> None:
    context = replace(US, active_campaign=ActiveCampaign("c", "C", "EUR"))
    assert as_json(
        Amount(tagged("50k", context).values(tagged("50k", context).text, Amount)[0].value), context.currency
    ) == {
        "amount": "50000.00",
        "currency": "EUR",
    }


def flight_of(said: str, context: Context) -> tuple[str | None, str | None]:
    utterance = tagged(said, context)
    found = flight(utterance.values(utterance.text, Period))
    return (found.start.isoformat() if found.start else None, found.end.isoformat() if found.end else None)


@pytest.mark.parametrize(("said", "start", "end"), FLIGHTS)
def test_flights(said: str, start: str | None, end: str | None) -> None:
    assert flight_of(said, US) == (start, end)


@pytest.mark.parametrize(
    ("said", "context", "start"),
    [
        ("from 03/04", US, "2027-03-04"),
        ("from 03/04", BRITAIN, "2027-04-03"),
        ("from 3.4.2027", GERMANY, "2027-04-03"),
        ("from 04/05/28", BRITAIN, "2028-05-04"),
        ("from 2027-03-04", BRITAIN, "2027-03-04"),
    ],
)
def test_numeric_dates_are_read_by_the_locale(said: str, context: Context, start: str) -> None:
    assert flight_of(said, context)[0] == start


def test_the_current_month_is_this_years_and_the_past_ones_are_next_years() -> None:
    march = Context(today=date(2026, 3, 10))
    assert flight_of("March to April", march) == ("2026-03-01", "2026-04-30")
    assert flight_of("February to April", march) == ("2027-02-01", "2027-04-30")
    assert flight_of("1 March to 30 April", march) == ("2027-03-01", "2027-04-30")


def test_quarters_follow_the_fiscal_year() -> None:
    april = replace(US, fiscal_year_start=4)
    assert flight_of("Q1", april) == ("2027-04-01", "2027-06-30")
    assert flight_of("Q4", april) == ("2027-01-01", "2027-03-31")
    assert flight_of("Q1 2028", april) == ("2027-04-01", "2027-06-30")
    assert flight_of("this quarter", april) == ("2026-10-01", "2026-12-31")


def test_seasons_and_weeks_are_the_tenants() -> None:
    assert flight_of("this summer", replace(US, locale="en-AU")) == ("2026-12-01", "2027-02-28")
    assert flight_of("next week", replace(US, week_start="sunday")) == ("2026-11-29", "2026-12-05")


@pytest.mark.parametrize(
    ("said", "channels"),
    [
        ("TV, connected TV and OTT", [Channel.LINEAR_TV, Channel.CTV, Channel.CTV]),
        ("paid social, Facebook, Instagram", [Channel.SOCIAL] * 3),
        ("PPC, SEM, Google search", [Channel.SEARCH] * 3),
        ("banners and YouTube", [Channel.DISPLAY, Channel.OLV]),
        ("online video, billboards, Spotify", [Channel.OLV, Channel.OOH, Channel.STREAMING_AUDIO]),
        ("digital billboards, podcasts, newsletters", [Channel.DOOH, Channel.PODCAST, Channel.EMAIL]),
        ("serach and dispaly and socail", [Channel.SEARCH, Channel.DISPLAY, Channel.SOCIAL]),
        ("search for campaigns, display the plan", []),
        ("50k on search for Acme", [Channel.SEARCH]),
        ("research, antisocial", []),
    ],
)
def test_channels(said: str, channels: list[Channel]) -> None:
    utterance = tagged(said, US)
    assert utterance.values(utterance.text, Channel) == channels


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.OTHER])
def test_every_channel_is_known_by_its_value_and_its_label(channel: Channel) -> None:
    for said in (channel.value, channel.label):
        utterance = tagged(f"on {said}", US)
        assert utterance.values(utterance.text, Channel) == [channel]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ('a campaign "Cancel all"', ["Cancel all"]),
        ("a campaign 'Joe's Pizza' please", ["Joe's Pizza"]),
        ("a campaign “Été 2027” please", ["Été 2027"]),
        ("called Delete everything and cancel all, budget 10k", ["Delete everything and cancel all"]),
        ('called "and this never closes; cancel it', ["and this never closes; cancel it"]),
        ('called "حملة الربيع"', ["حملة الربيع"]),
        ("don't and won't", []),
    ],
)
def test_what_is_named_is_only_a_name(said: str, names: list[str]) -> None:
    utterance = tagged(said, US)
    assert [name.text for name in utterance.values(utterance.text, Name)] == names


def test_percentages_and_versions() -> None:
    utterance = tagged("10% or ten percent or 12.5 per cent, v2, version three, the first version", US)
    assert [str(p.value) for p in utterance.values(utterance.text, Percent)] == ["10", "10", "12.5"]
    assert [v.number for v in utterance.values(utterance.text, Version)] == [2, 3, 1]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("brand awareness", Objective.AWARENESS),
        ("goal: reach", Objective.AWARENESS),
        ("lead gen", Objective.LEADS),
        ("more website traffic", Objective.TRAFFIC),
        ("the objective is sales, KPI conversions", Objective.SALES),
        ("KPI leads", None),
        ("reach the client", None),
    ],
)
def test_objectives(said: str, expected: Objective | None) -> None:
    assert objective(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"), [("KPI is roas", "ROAS"), ("measured by brand lift", "brand lift"), ("x", None)]
)
def test_kpis(said: str, expected: str | None) -> None:
    assert kpi(said) == expected


def test_what_was_said_can_be_read_back() -> None:
    said = 'move 20k from search to "CTV" from 1 March to 30 April by 10% in v2'
    assert tagged(said, US).reveal(tagged(said, US).text) == said
