"""The flowchart: every line over the weeks, its money in the cells, months above, totals of lines and weeks."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from math import ceil

from server.documents.cells import A3, Formula, Kind, Sheet, added, at
from server.documents.plan_sheet import PlanSheet
from services.plan_document import PlanDocument

NAME = "Flowchart"
MONTH_ROW, WEEK_ROW = 3, 4
FIRST_ROW = WEEK_ROW + 1
TOTAL_COLUMN = 4
FIRST_WEEK = TOTAL_COLUMN + 1
WEEKS_ON_A_PAGE = 18


def write_flowchart(sheet: Sheet, document: PlanDocument, plan: PlanSheet) -> None:
    sheet.text(0, 0, f"{document.campaign.name}: flowchart", sheet.styles.title)
    said = f"Amounts in {document.currency}, by calendar week from the day that is shown."
    sheet.text(1, 0, said, sheet.styles.subtitle)
    _write_heads(sheet, document.weeks)
    total_row = FIRST_ROW + len(document.lines)
    last_week = FIRST_WEEK + len(document.weeks) - 1
    for row, line in enumerate(document.lines, FIRST_ROW):
        sheet.put(row, 0, line.view.label, Kind.TEXT)
        sheet.put(row, 1, line.view.channel.label, Kind.TEXT)
        sheet.put(row, 2, line.start, Kind.DATE)
        sheet.put(row, 3, line.end, Kind.DATE)
        over_weeks = added((row, FIRST_WEEK), (row, last_week), line.view.budget.amount)
        sheet.put(row, TOTAL_COLUMN, over_weeks, Kind.AMOUNT)
        for column, amount in enumerate(line.weekly, FIRST_WEEK):
            sheet.put(row, column, amount or None, Kind.AMOUNT)
    _write_totals(sheet, document, plan, total_row)
    _shade(sheet, total_row, last_week)
    sheet.sheet.set_column(0, 0, 28)
    sheet.sheet.set_column(1, 1, 16)
    sheet.sheet.set_column(2, 3, 11)
    sheet.sheet.set_column(TOTAL_COLUMN, TOTAL_COLUMN, 14)
    sheet.sheet.set_column(FIRST_WEEK, last_week, 12)
    sheet.sheet.freeze_panes(FIRST_ROW, FIRST_WEEK)
    sheet.printed(A3, wide=ceil(len(document.weeks) / WEEKS_ON_A_PAGE))
    sheet.sheet.repeat_rows(MONTH_ROW, WEEK_ROW)
    sheet.sheet.repeat_columns(0, TOTAL_COLUMN)


def _write_heads(sheet: Sheet, weeks: Sequence[date]) -> None:
    for column, label in enumerate(["Line", "Channel", "Start", "End", "Total"]):
        sheet.sheet.merge_range(MONTH_ROW, column, WEEK_ROW, column, label, sheet.styles.head)
    for month, first, last in _months(weeks):
        label = month.strftime("%b %Y")
        if first == last:
            sheet.text(MONTH_ROW, first, label, sheet.styles.head)
        else:
            sheet.sheet.merge_range(MONTH_ROW, first, MONTH_ROW, last, label, sheet.styles.head)
    for column, week in enumerate(weeks, FIRST_WEEK):
        sheet.sheet.write_datetime(WEEK_ROW, column, week, sheet.styles.week)


def _months(weeks: Sequence[date]) -> Iterator[tuple[date, int, int]]:
    """Each month with the columns of the weeks that begin in it."""
    column = FIRST_WEEK
    for month, in_it in groupby(weeks, lambda week: week.replace(day=1)):
        first, column = column, column + len(list(in_it))
        yield month, first, column - 1


def _write_totals(sheet: Sheet, document: PlanDocument, plan: PlanSheet, row: int) -> None:
    total = document.plan.total.amount
    look = sheet.styles.total
    for column, label in enumerate(["Total", None, None, None]):
        sheet.put(row, column, label, Kind.TEXT, look)
    last = row - 1
    sheet.put(row, TOTAL_COLUMN, added((FIRST_ROW, TOTAL_COLUMN), (last, TOTAL_COLUMN), total), Kind.AMOUNT, look)
    for number in range(len(document.weeks)):
        column = FIRST_WEEK + number
        spent = sum((line.weekly[number] for line in document.lines), Decimal(0))
        sheet.put(row, column, added((FIRST_ROW, column), (last, column), spent), Kind.AMOUNT, look)
    off = f"{at(row, TOTAL_COLUMN)}-{plan.total('Budget', total).text}"
    sheet.put(row + 1, 0, "Difference to the lines of the plan", Kind.TEXT)
    sheet.put(row + 1, TOTAL_COLUMN, Formula(f"ROUND({off},6)", 0), Kind.AMOUNT)


def _shade(sheet: Sheet, total_row: int, last_week: int) -> None:
    """The more is spent in a week, the darker; empty cells stay white."""
    scale = {"type": "2_color_scale", "min_color": "#DCEBFA", "max_color": "#5B9BD5"}
    sheet.sheet.conditional_format(FIRST_ROW, FIRST_WEEK, total_row - 1, last_week, scale)
