"""The first sheet: the campaign, where the version stands, what it costs by step, and how it divides by channel."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count

from domain.channels import Channel
from domain.fees import FeeBasis
from server.documents.cells import Content, Formula, Kind, Sheet, added, at
from server.documents.plan_sheet import PlanSheet
from services.plan_assumptions import BASES
from services.plan_document import FeeTotal, PlanDocument

NAME = "Summary"
_WIDTHS = (44, 22, 12, 16, 14, 14)


def write_summary(sheet: Sheet, document: PlanDocument, plan: PlanSheet) -> None:
    sheet.text(0, 0, document.campaign.name, sheet.styles.title)
    sheet.text(1, 0, f"Media plan, version {document.plan.number}. {document.standing}.", sheet.styles.subtitle)
    row = 3
    if document.plan.out_of_sync:
        told = "The campaign's budget or dates changed after this version was saved."
        sheet.text(2, 0, told, sheet.styles.warning)
    for label, content, kind in _facts(document):
        sheet.put(row, 0, label, Kind.TEXT)
        sheet.put(row, 1, content, kind, sheet.styles.fact)
        row += 1
    row = _write_costs(sheet, document, plan, row + 1)
    _write_channels(sheet, document, plan, row + 1)
    for column, width in enumerate(_WIDTHS):
        sheet.sheet.set_column(column, column, width)
    sheet.printed()


def _facts(document: PlanDocument) -> list[tuple[str, Content, Kind]]:
    campaign, plan = document.campaign, document.plan
    facts: list[tuple[str, Content, Kind]] = [
        ("Advertiser", campaign.advertiser, Kind.TEXT),
        ("Product", campaign.product, Kind.TEXT),
        ("Objective", campaign.objective.value.capitalize(), Kind.TEXT),
        ("KPI", campaign.kpi, Kind.TEXT),
        ("KPI target", campaign.kpi_target, Kind.NUMBER),
        ("First day", document.start, Kind.DATE),
        ("Last day", document.end, Kind.DATE),
        ("Markets", ", ".join(campaign.markets) or None, Kind.TEXT),
        ("Audiences", ", ".join(campaign.audiences) or None, Kind.TEXT),
        ("Budget", document.budget.amount, Kind.MONEY),
        ("Budget means", BASES[document.basis], Kind.TEXT),
        ("Planned", plan.total.amount, Kind.MONEY),
        ("Not planned", document.budget.amount - plan.total.amount, Kind.MONEY),
        ("Why this version", plan.reason, Kind.TEXT),
        ("Made by", document.made_by, Kind.TEXT),
        ("Made on", plan.created_at.date(), Kind.DATE),
        ("Exported", f"{document.exported_at:%Y-%m-%d %H:%M} UTC by {document.workspace}", Kind.TEXT),
    ]
    return [fact for fact in facts if fact[1] is not None]


def _write_costs(sheet: Sheet, document: PlanDocument, plan: PlanSheet, row: int) -> int:
    """Each step of the cost follows from the ones above it. Returns the row after the last."""
    totals = document.totals
    _section(sheet, row, "Costs")
    rows = count(row + 1)
    gross, discount, net = next(rows), next(rows), next(rows)
    _money(sheet, gross, "Gross", plan.total("Gross", totals.gross.amount))
    _money(sheet, discount, "Agency discount", plan.total("Agency discount", totals.agency_discount.amount))
    media = Formula(f"{at(gross, 1)}-{at(discount, 1)}", totals.net_media.amount)
    _money(sheet, net, "Net media", media, total=True)
    charged = [(next(rows), fee) for fee in totals.fees]
    for place, fee in charged:
        _money(sheet, place, _fee_label(fee, document.currency), fee.amount.amount)
    fees, client = next(rows), next(rows)
    spent: Content = Decimal(0)
    if charged:
        spent = added((charged[0][0], 1), (charged[-1][0], 1), totals.fee_total.amount)
    _money(sheet, fees, "Fees", spent, total=True)
    cost = Formula(f"{at(net, 1)}+{at(fees, 1)}", totals.client_cost.amount)
    _money(sheet, client, "Client cost", cost, total=True)
    return client + 1


def _write_channels(sheet: Sheet, document: PlanDocument, plan: PlanSheet, row: int) -> None:
    _section(sheet, row, "By channel")
    sheet.heads(row + 1, ["Channel", "Budget", "Share", "Impressions", "Clicks", "Conversions"])
    total = document.plan.total.amount
    first = row + 2
    channels = list(dict.fromkeys(line.view.channel for line in document.lines))
    last = first + len(channels)
    for place, channel in enumerate(channels, first):
        sums = _of_channel(document, channel)
        spent = sums["Budget"]
        sheet.put(place, 0, channel.label, Kind.TEXT)
        key = at(place, 0)
        budget, *rest = [plan.total_where("Channel", label, key, comes_to) for label, comes_to in sums.items()]
        sheet.put(place, 1, budget, Kind.MONEY)
        share = spent / total if total else Decimal(0)
        whole = at(last, 1, fixed=True)
        sheet.put(place, 2, Formula(f"IF({whole}=0,0,{at(place, 1)}/{whole})", share), Kind.SHARE)
        for column, formula, kind in zip((3, 4, 5), rest, (Kind.COUNT, Kind.COUNT, Kind.NUMBER), strict=True):
            sheet.put(place, column, formula, kind)
    _write_channel_totals(sheet, document, first, last)


def _write_channel_totals(sheet: Sheet, document: PlanDocument, first: int, row: int) -> None:
    plan = document.plan
    sums: Sequence[tuple[int, Decimal | int, Kind]] = (
        (1, plan.total.amount, Kind.MONEY),
        (2, 1 if plan.total.amount else 0, Kind.SHARE),
        (3, plan.impressions, Kind.COUNT),
        (4, plan.clicks, Kind.COUNT),
        (5, plan.conversions, Kind.NUMBER),
    )
    sheet.put(row, 0, "Total", Kind.TEXT, sheet.styles.total)
    for column, comes_to, kind in sums:
        sheet.put(row, column, added((first, column), (row - 1, column), comes_to), kind, sheet.styles.total)


def _of_channel(document: PlanDocument, channel: Channel) -> dict[str, Decimal]:
    """What the channel's lines come to, by the column of the lines' sheet."""
    views = [line.view for line in document.lines if line.view.channel is channel]
    return {
        "Budget": sum((view.budget.amount for view in views), Decimal(0)),
        "Impressions": Decimal(sum(view.impressions for view in views)),
        "Clicks": Decimal(sum(view.clicks for view in views)),
        "Conversions": sum((view.conversions for view in views), Decimal(0)),
    }


def _section(sheet: Sheet, row: int, label: str) -> None:
    sheet.text(row, 0, label, sheet.styles.section)


def _money(sheet: Sheet, row: int, label: str, content: Content, *, total: bool = False) -> None:
    look = sheet.styles.total if total else None
    sheet.put(row, 0, label, Kind.TEXT, look)
    sheet.put(row, 1, content, Kind.MONEY, look)


def _fee_label(fee: FeeTotal, currency: str) -> str:
    value = f"{fee.value.normalize():f}"
    match fee.basis:
        case FeeBasis.PERCENT_OF_NET_MEDIA:
            return f"{fee.name}, {value} % of net media"
        case FeeBasis.PERCENT_OF_GROSS:
            return f"{fee.name}, {value} % of gross"
        case FeeBasis.CPM:
            return f"{fee.name}, {value} {currency} per thousand impressions"
        case FeeBasis.FLAT:
            return f"{fee.name}, {value} {currency} flat for each line"
