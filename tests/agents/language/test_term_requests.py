"""What people say of advertisers and benchmarks, and the calls it means."""

from typing import Any

import pytest

from agents.language.intents import understand
from agents.language.questions import question
from tests.agents.language.conversation import ACTIVE, after, asked

FEES = [
    {"kind": "ad_serving", "basis": "percent_of_net_media", "value": "2"},
    {"kind": "commission", "basis": "percent_of_net_media", "value": "10"},
]
SEARCH = {"channel": "search", "currency": "EUR"}
SAID: list[tuple[str, tuple[str, dict[str, Any]]]] = [
    (
        "Set our search CPM in Germany to 85 EUR, source: 2026 actuals",
        ("set_benchmark", {**SEARCH, "market": "DE", "cpm": "85", "source": "2026 actuals"}),
    ),
    (
        "change the CTR of CTV to 2.5%, source is the Q3 panel",
        ("set_benchmark", {"channel": "ctv", "currency": "USD", "ctr": "0.025", "source": "the Q3 panel"}),
    ),
    (
        "our search CPM in France is €70 (according to our 2026 invoices)",
        ("set_benchmark", {**SEARCH, "market": "FR", "cpm": "70", "source": "2026 invoices"}),
    ),
    (
        "Remove our search benchmark in Germany",
        ("remove_benchmark", {"channel": "search", "market": "DE", "currency": "USD"}),
    ),
    ("forget the CPM for search in EUR", ("remove_benchmark", SEARCH)),
    ("Show our benchmarks", ("list_benchmarks", {})),
    ("what's our CPM for search in Germany?", ("list_benchmarks", {"channel": "search", "market": "DE"})),
    ("Create an advertiser called Contoso", ("create_advertiser", {"name": "Contoso"})),
    (
        "add a new client Fabrikam with 2% ad serving and 10% commission",
        ("create_advertiser", {"name": "Fabrikam", "fees": FEES}),
    ),
    ("Northwind pays 2 % ad serving and 10 % commission", ("update_advertiser", {"client": "Northwind", "fees": FEES})),
    (
        "Northwind Traders pays an ad serving fee of 2% and a commission of 10%",
        ("update_advertiser", {"client": "Northwind Traders", "fees": FEES}),
    ),
    (
        "set Northwind's agency discount to 12%",
        ("update_advertiser", {"client": "Northwind", "agency_discount_percent": "12"}),
    ),
    ("Show our advertisers", ("list_advertisers", {})),
    ("list our clients", ("list_advertisers", {})),
    ("Show the advertiser Northwind", ("show_advertiser", {"client": "Northwind"})),
    ("which fees does Northwind pay?", ("show_advertiser", {"client": "Northwind"})),
]


@pytest.mark.parametrize(("said", "expected"), SAID, ids=lambda value: str(value)[:40])
def test_a_request_is_its_call(said: str, expected: tuple[str, dict[str, Any]]) -> None:
    (found,) = understand(said, ACTIVE)
    assert (found.tool, found.args, found.missing) == (*expected, ())


def test_a_source_is_asked_for() -> None:
    (found,) = understand("set our search CPM to 85 EUR", ACTIVE)
    assert (found.tool, found.missing) == ("set_benchmark", ("source",))
    assert question(found) == "Where does the figure come from (for example 2026 actuals)?"


@pytest.mark.parametrize("answer", ["2026 actuals", "from our 2026 actuals", "source: 2026 actuals"])
def test_the_answer_is_the_source(answer: str) -> None:
    before = asked("set our search CPM to 85 EUR", "Where does the figure come from (for example 2026 actuals)?")
    (found,) = understand(answer, ACTIVE, after(before))
    assert (found.tool, found.missing) == ("set_benchmark", ())
    assert found.args["source"].endswith("2026 actuals")


@pytest.mark.parametrize("said", ["set search to 85k", "put 20k on CTV", "remove search", "add radio with 20k"])
def test_amounts_of_lines_are_no_benchmarks(said: str) -> None:
    (found,) = understand(said, ACTIVE)
    assert found.tool == "revise_plan"
