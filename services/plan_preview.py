"""A prepared import as it is shown."""

from domain.money import Money
from domain.plans.imports.lines import ProposedLine
from domain.plans.imports.proposal import ImportProblem, Severity, error
from domain.plans.imports.table import Layout
from services.amounts import Amount
from services.plan_import_views import (
    SHOWN_LINES,
    SHOWN_PROBLEMS,
    ImportColumn,
    ImportedCampaign,
    ImportLine,
    ImportPreview,
    ImportRemark,
)
from services.plan_prepared import Prepared

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_EXAMPLES = 3


def preview_of(found: Prepared) -> ImportPreview:
    campaign, file, layout = found.brief.campaign, found.incoming.file, found.layout
    problems = sorted([*found.problems, *_over_budget(found)], key=lambda problem: _ORDER[problem.severity])
    return ImportPreview(
        file_id=file.id,
        file_name=file.name,
        campaign_id=None if found.is_new else campaign.id,
        campaign_name=campaign.name,
        new_campaign=_campaign(found) if found.is_new else None,
        sheet=layout.table.name if layout else None,
        header_row=layout.header if layout else None,
        columns=_columns(layout) if layout else [],
        lines=[_line(found, line) for line in found.lines[:SHOWN_LINES]],
        line_count=len(found.lines),
        total=Amount.of(found.total),
        stated_totals=_stated_totals(found.lines),
        budget=Amount.of(campaign.budget),
        over_budget=Amount.of(found.over) if found.over else None,
        problems=[_remark(problem) for problem in problems[:SHOWN_PROBLEMS]],
        problem_count=len(problems),
        importable=not found.errors,
        digest=found.digest,
    )


def _over_budget(found: Prepared) -> list[ImportProblem]:
    if found.over is None:
        return []
    text = f"The lines add up to {found.total}, which is {found.over} over the budget of {found.brief.campaign.budget}."
    return [error("over_budget", text, field="budget")]


def _campaign(found: Prepared) -> ImportedCampaign:
    campaign = found.brief.campaign
    return ImportedCampaign(
        name=campaign.name,
        objective=campaign.objective,
        budget=Amount.of(campaign.budget),
        start=campaign.flight.start,
        end=campaign.flight.end,
        advertiser=campaign.advertiser,
    )


def _columns(layout: Layout) -> list[ImportColumn]:
    return [
        ImportColumn(
            letter=column.letter,
            header=column.header,
            field=column.field,
            confidence=column.confidence,
            week=column.week,
            examples=_examples(layout, column.number),
        )
        for column in layout.columns
    ]


def _examples(layout: Layout, number: int) -> list[str]:
    cells = (row[number - 1] for _, row in layout.rows if len(row) >= number)
    return [str(cell)[:60] for cell in cells if cell is not None][:_EXAMPLES]


def _line(found: Prepared, line: ProposedLine) -> ImportLine:
    spec = line.spec
    flight = spec.flight or found.brief.campaign.flight
    return ImportLine(
        row=line.row,
        code=spec.code,
        channel=spec.channel,
        label=spec.label,
        vehicle=spec.placement.vehicle,
        market=spec.placement.market,
        pricing_model=spec.pricing.model if spec.pricing else None,
        rate=spec.pricing.rate if spec.pricing else None,
        stated=Amount.of(line.stated),
        amount=Amount.of(line.amount),
        start=flight.start,
        end=flight.end,
        weeks=sum(1 for weight in spec.flighting.weights if weight) if spec.flighting else 0,
    )


def _stated_totals(lines: tuple[ProposedLine, ...]) -> list[Amount]:
    currencies = dict.fromkeys(line.stated.currency for line in lines)
    stated = [line.stated for line in lines]
    return [Amount.of(Money.sum((one for one in stated if one.currency == code), code)) for code in currencies]


def _remark(problem: ImportProblem) -> ImportRemark:
    return ImportRemark(
        severity=problem.severity,
        code=problem.code,
        message=problem.message,
        row=problem.row,
        field=problem.field,
    )
