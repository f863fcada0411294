"""Plans that come in: what a table is taken for, what is asked, and that saving is what was shown or nothing."""

import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from domain.channels import Channel, PricingModel
from domain.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from domain.ids import CampaignId, FileId, new_id
from domain.plans.imports.document import STANDARD
from domain.plans.imports.proposal import ImportField, Severity
from domain.plans.media_plans import PlanVersion
from domain.tenants import Permission, Role
from services.actor import Actor
from services.campaigns import UpdateCampaign
from services.plan_import_views import ImportPreview
from tests.services.conftest import InMemory, keyed, without
from tests.services.importing import PLANS, Counter
from tests.services.importing import counter as counter
from tests.services.samples import create, usd

GERMAN = """Mediaplan Frühjahr;;;;;;;
;;;;;;;
Kanal;Anbieter;Markt;Netto (EUR);Start;Ende;Bemerkung;Sonderfeld
Suche;Google;DE;1.234,56;01.03.2027;30.04.2027;=HYPERLINK("http://x");x
Social;Meta;DE;50.000,00;15.03.2027;30.04.2027;;y
Videos;YouTube;DE;20.000,5;;;;
Summe;;;71.235,06;;;;
"""
WEEKLY = """Channel,Vendor,Country,Budget,w/c 1 Mar,w/c 8 Mar,w/c 15 Mar,Impressions,Buy type
Paid Search,Google,US,"$3,000",1000,1000,1000,,CPC
Social,Meta,US,"$1,500",,500,1000,"150,000",CPM
Zeppelin,Goodyear,US,"$2,000.00",,,2000,,
Total,,,"$6,500",1000,1500,4000,,
"""
ECB = {"currency": "EUR", "rate": "1.1", "source": "ECB", "on": "2027-01-02"}


@pytest.fixture
def actor(memory: InMemory) -> Actor:
    return memory.owner()


async def spring(counter: Counter, actor: Actor, budget: int = 300_000) -> CampaignId:
    return (await counter.memory.campaigns.create(actor, create(budget=usd(budget)))).id


async def current(counter: Counter, actor: Actor, campaign_id: CampaignId) -> PlanVersion:
    async with counter.memory.begin(actor) as work:
        return (await work.plans.of_campaign(campaign_id)).current


def codes(shown: ImportPreview, severity: Severity | None = None) -> list[tuple[str, int | None]]:
    return [(one.code, one.row) for one in shown.problems if severity in (None, one.severity)]


def columns(shown: ImportPreview) -> dict[str, ImportField | None]:
    return {column.header: column.field for column in shown.columns}


async def test_a_german_table_is_read_by_its_own_marks_and_says_what_it_lacks(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    shown = await counter.preview(actor, campaign, GERMAN)
    assert codes(shown, Severity.ERROR) == [("rate_required", 4), ("rate_required", 5), ("rate_required", 6)]
    assert not shown.importable
    told = await counter.look(actor, campaign, shown.file_id, exchange=[ECB])
    assert told.importable
    assert [(line.row, line.channel, str(line.stated), str(line.amount)) for line in told.lines] == [
        (4, Channel.SEARCH, "1,234.56 EUR", "1,358.02 USD"),
        (5, Channel.SOCIAL, "50,000.00 EUR", "55,000.00 USD"),
        (6, Channel.OLV, "20,000.50 EUR", "22,000.55 USD"),
    ]
    assert (told.lines[1].start, told.lines[1].end) == (date(2027, 3, 15), date(2027, 4, 30))
    assert (told.header_row, columns(told)["Netto (EUR)"], columns(told)["Sonderfeld"]) == (3, "net_media", None)
    noted = {code for code, _ in codes(told)}
    assert noted == {"channel_guessed", "above_the_table", "column_unmapped", "total"}


async def test_what_is_saved_is_what_was_shown_with_rates_words_and_inert_formulas(
    counter: Counter, actor: Actor
) -> None:
    campaign = await spring(counter, actor)
    shown = await counter.preview(actor, campaign, GERMAN, exchange=[ECB])
    plan = await counter.commit(actor, shown, exchange=[ECB])
    assert (str(plan.total), plan.reason) == ("78,358.57 USD", "imported from plan.csv")
    search, _, video = (await current(counter, actor, campaign)).lines
    assert search.placement.notes == '=HYPERLINK("http://x")'
    assert search.extension == {"columns": {"Sonderfeld": "x"}}
    assert video.extension == {"channel": "Videos"}
    assert search.foreign
    assert str(search.foreign.rate) == "1 EUR = 1.1 USD (ECB, 2027-01-02)"
    assert counter.memory.actions(actor.tenant_id)[-3:] == ["plan.version_saved", "campaign.plan", "plan.imported"]


async def test_weeks_become_the_lines_own_and_add_up(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    shown = await counter.preview(actor, campaign, WEEKLY)
    assert (shown.importable, [line.weeks for line in shown.lines]) == (True, [3, 2, 1])
    await counter.commit(actor, shown)
    search, social, other = (await current(counter, actor, campaign)).lines
    assert [week.budget_minor for week in search.weeks[:4]] == [100_000, 100_000, 100_000, 0]
    assert [week.budget_minor for week in social.weeks[:4]] == [0, 50_000, 100_000, 0]
    assert (social.pricing.model, social.pricing.rate) == (PricingModel.CPM, Decimal(10))
    assert (other.channel, other.extension["channel"], other.pricing.model) == (
        Channel.OTHER,
        "Zeppelin",
        PricingModel.FLAT_RATE,
    )


async def test_a_person_settles_what_the_table_leaves_open(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    table = "Kanal,Wo,Cost,Start,Ort\nDigital,Acme,100,03/04/2027,DE\nSearch,Google,abc,,FR\nSearch,Bing,50,,FR\n"
    shown = await counter.preview(actor, campaign, table)
    assert codes(shown, Severity.ERROR) == [("ambiguous_day_month", 2), ("not_a_number", 3), ("cost_required", 3)]
    said: dict[str, Any] = {
        "day_order": "day_first",
        "skip_rows": [3],
        "columns": [{"column": "B", "field": "vehicle"}, {"column": "ort", "field": "market"}],
        "channels": [{"word": "digital", "channel": "display"}],
    }
    settled = await counter.look(actor, campaign, shown.file_id, **said)
    assert settled.importable
    assert [(line.channel, line.vehicle, line.market, line.start) for line in settled.lines] == [
        (Channel.DISPLAY, "Acme", "DE", date(2027, 4, 3)),
        (Channel.SEARCH, "Bing", "FR", date(2027, 3, 1)),
    ]
    with pytest.raises(Conflict) as outdated:
        await counter.commit(actor, shown, **said)
    assert outdated.value.code == "preview_outdated"
    assert (await counter.commit(actor, settled, **said)).total == usd("150.00")


async def test_a_preview_leaves_no_trace_and_errors_save_nothing(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    file = await counter.upload(actor, GERMAN)
    before = counter.memory.written()
    shown = await counter.look(actor, campaign, file.id)
    with pytest.raises(InvalidInput) as refused:
        await counter.commit(actor, shown)
    assert refused.value.code == "import_has_problems"
    assert counter.memory.written() == before


async def test_a_total_that_the_lines_do_not_come_to_is_said(counter: Counter, actor: Actor) -> None:
    table = "Channel,Cost\nSearch,100\nSocial,200\nSubtotal,300\nCTV,50\nTotal,400\n"
    shown = await counter.preview(actor, await spring(counter, actor), table)
    assert codes(shown) == [("total_does_not_match", 6), ("total", 4)]
    assert (shown.line_count, shown.total) == (3, usd("350.00"))


async def test_the_known_document_is_over_its_budget_until_somebody_says_so(counter: Counter, actor: Actor) -> None:
    data = (PLANS / "example_mediaplan_v3.0.json").read_bytes()
    shown = await counter.preview(actor, None, data, "plan.json")
    assert (shown.total, shown.over_budget) == (usd("962800.00"), usd("12800.00"))
    assert [str(one) for one in shown.stated_totals] == ["790,000.00 USD", "160,000.00 EUR"]
    assert ("over_budget", None) in codes(shown, Severity.ERROR)
    assert shown.new_campaign
    with pytest.raises(InvalidInput) as over:
        await counter.commit(actor, shown)
    assert (over.value.code, over.value.details["over"]) == ("over_budget", "12800.00")
    plan = await counter.commit(actor, shown, budget="as_imported")
    assert (plan.campaign_budget, plan.unspent, plan.out_of_sync) == (usd("962800.00"), usd("0.00"), False)
    assert [line.channel for line in plan.lines] == [Channel.SOCIAL, Channel.SEARCH, Channel.OLV, Channel.DISPLAY]
    assert str(plan.lines[2].foreign.amount if plan.lines[2].foreign else None) == "160,000.00 EUR"
    version = await current(counter, actor, plan.campaign_id)
    kept = version.extension[STANDARD]
    assert isinstance(kept, dict)
    assert kept["meta"]["custom_properties"]["planning_metadata"]["planning_tool"] == "Planmatic v2.5"


async def test_one_command_saves_once_and_whoever_may_not_saves_nothing(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    shown = await counter.preview(actor, campaign, WEEKLY)
    first = await counter.commit(keyed(actor, "import"), shown)
    assert await counter.commit(keyed(actor, "import"), shown) == first
    assert await counter.memory.latest_number(actor, campaign) == 1
    for missing in (Permission.PLAN_WRITE, Permission.CAMPAIGN_WRITE):
        with pytest.raises(Forbidden):
            await counter.commit(without(actor, missing), without_campaign(shown))
    with pytest.raises(NotFound) as unknown:
        await counter.look(actor, campaign, FileId(new_id()))
    assert unknown.value.code == "file_not_found"
    with pytest.raises(NotFound):
        await counter.look(counter.memory.owner(), None, shown.file_id)


def without_campaign(shown: ImportPreview) -> ImportPreview:
    """As if no campaign had been named."""
    return shown.model_copy(update={"campaign_id": None})


async def test_a_preview_holds_for_the_campaign_it_showed(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor, 5_000)
    shown = await counter.preview(actor, campaign, WEEKLY)
    assert shown.over_budget == usd("1500.00")
    plan = await counter.commit(actor, shown, budget="as_imported")
    assert plan.campaign_budget == usd("6500.00")
    await counter.memory.campaigns.update(actor, campaign, UpdateCampaign(budget=usd(7_000)))
    with pytest.raises(Conflict) as outdated:  # the campaign is another one than the preview showed
        await counter.commit(actor, shown)
    assert outdated.value.code == "preview_outdated"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("a,b\n1,2\n", "no_header_row"),
        ("Channel,Cost\n", "no_lines"),
        ("Channel,Cost\n" + "Search,1\n" * 501, "too_many_lines"),
        ("Channel,Cost\n" + "Search,1\n" * 10_000, "too_many_lines"),
        ("Channel,Cost\nSearch," + "9" * 2_001 + "\n", "cell_too_long"),
        ("Channel,Cost\nSearch,1\nSocial,\"1.234,56\"\nCTV,\"1,234.56\"\n", "mixed_number_formats"),
        ("Channel,Cost,Start,End\nSearch,1,13/03/2027,03/14/2027\n", "mixed_date_orders"),
    ],
)  # fmt: skip
async def test_a_table_that_is_no_plan_is_refused_as_a_whole(
    counter: Counter, actor: Actor, table: str, code: str
) -> None:
    campaign = await spring(counter, actor)
    with pytest.raises(InvalidInput) as refused:
        await counter.preview(actor, campaign, table)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("-5", "negative_line"),
        ("1e999", "not_a_number"),
        ("12 apples", "not_a_number"),
        ("99999999999999999999999999", "not_an_amount"),
    ],
)
async def test_what_is_no_amount_is_a_problem_of_its_row(counter: Counter, actor: Actor, cell: str, code: str) -> None:
    shown = await counter.preview(actor, await spring(counter, actor), f"Channel,Cost\nSearch,10\nSocial,{cell}\n")
    assert (code, 3) in codes(shown, Severity.ERROR)
    assert not shown.importable


async def test_a_line_that_says_its_cost_in_two_ways_is_asked_about(counter: Counter, actor: Actor) -> None:
    table = (
        "Channel,Net,Agency fee,Client cost,CPM,Impressions\n"
        "Display,850,150,1000,5,170000\n"
        "Social,850,150,1100,5,100000\n"
    )
    shown = await counter.preview(actor, await spring(counter, actor), table)
    assert shown.importable
    assert codes(shown, Severity.WARNING) == [
        ("costs_differ", 3),
        ("rate_times_quantity_differs", 3),
    ]
    await counter.commit(actor, shown)
    async with counter.memory.begin(actor) as work:
        assert shown.campaign_id
        line = (await work.plans.of_campaign(shown.campaign_id)).current.lines[0]
    assert (line.costs.net_media.major, line.costs.client_cost.major) == (Decimal(850), Decimal(1000))
    assert (line.pricing.model, line.pricing.rate) == (PricingModel.CPM, Decimal(5))


async def test_documents_that_are_none_say_why(counter: Counter, actor: Actor) -> None:
    known = json.loads((PLANS / "example_mediaplan_v3.0.json").read_text())
    broken = {
        "not_json": b'{"meta": NaN}',
        "schema_version": json.dumps({**known, "meta": {**known["meta"], "schema_version": "2.0"}}).encode(),
        "not_mediaplanschema": json.dumps({**known, "campaign": {"id": "x"}}).encode(),
        "too_many_lines": json.dumps({**known, "lineitems": known["lineitems"] * 126}).encode(),
        "objective_required": (PLANS / "mediaplan_v3_full.json").read_bytes(),
    }
    refused = {}
    for code, data in broken.items():
        try:
            await counter.preview(actor, None, data, "plan.json")
        except DomainError as error:
            refused[code] = error.code
    assert refused == {code: code for code in broken}


async def test_who_may_read_may_look_but_not_save(counter: Counter, actor: Actor) -> None:
    campaign = await spring(counter, actor)
    planner = counter.memory.colleague(actor, Role.PLANNER)
    shown = await counter.preview(planner, campaign, WEEKLY)
    with pytest.raises(Forbidden):
        await counter.commit(without(planner, Permission.PLAN_WRITE), shown)
    assert (await counter.commit(planner, shown)).number == 1


async def test_the_standards_own_workbook_is_read_where_its_lines_are(counter: Counter, actor: Actor) -> None:
    book = load_workbook(PLANS / "mediaplanpy_default_template.xlsx")
    book["Line Items"].append(["LI-1", "Search brand", date(2027, 3, 1), date(2027, 3, 31), 5_000.25])
    book["Line Items"].append(["li_2", "Newsletter", date(2027, 4, 1), date(2027, 4, 30), 1_000])
    book["Line Items"]["E3"].number_format = "[$€-407] #,##0.00"
    file = io.BytesIO()
    book.save(file)
    shown = await counter.preview(actor, await spring(counter, actor), file.getvalue(), "plan.xlsx", exchange=[ECB])
    assert (shown.sheet, shown.header_row) == ("Line Items", 1)
    assert [(line.code, line.channel, str(line.stated)) for line in shown.lines] == [
        ("search", Channel.SEARCH, "5,000.25 USD"),
        ("li_2", Channel.EMAIL, "1,000.00 EUR"),
    ]


async def test_a_share_is_no_amount(counter: Counter, actor: Actor) -> None:
    shown = await counter.preview(actor, await spring(counter, actor), "Channel,Cost\nSearch,50%\nSocial,10\n")
    assert ("not_a_number", 2) in codes(shown, Severity.ERROR)


async def test_what_a_line_refuses_is_a_problem_of_its_row_and_the_others_are_shown(
    counter: Counter, actor: Actor
) -> None:
    table = "Channel,Cost,Production fee,Rate,Buy type\nSearch,100,,,\nSocial,100,500,,\nCTV,100,,0.0000001,CPM\n"
    shown = await counter.preview(actor, await spring(counter, actor), table)
    assert codes(shown, Severity.ERROR) == [("fees_exceed_budget", 3), ("rate_is_zero", 4)]
    assert [line.code for line in shown.lines] == ["search"]
