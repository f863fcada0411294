"""How a plan that comes in reads before it is saved: what was understood, what it adds up to, what is to be settled."""

from agents.blocks import Table, table
from domain.plans.imports.proposal import Severity
from services.plan_import_views import ImportColumn, ImportLine, ImportPreview, ImportRemark

SAID_LINES = 8
SAID_PROBLEMS = 12


def preview_text(shown: ImportPreview) -> str:
    parts = [_what(shown), _money(shown), _columns(shown), _lines(shown), _problems(shown), _next(shown)]
    return " ".join(part for part in parts if part)


def preview_block(shown: ImportPreview) -> Table:
    return table(
        f"{shown.file_name}, as it would be imported",
        [
            ("row", "Row", "right"),
            ("line", "Line", "left"),
            ("channel", "Channel", "left"),
            ("stated", "In the document", "right"),
            ("amount", "In the plan", "right"),
            ("flight", "Flight", "left"),
        ],
        [
            {
                "row": str(line.row),
                "line": line.label,
                "channel": line.channel.label,
                "stated": str(line.stated),
                "amount": str(line.amount),
                "flight": f"{line.start} to {line.end}",
            }
            for line in shown.lines
        ],
    )


def _what(shown: ImportPreview) -> str:
    sheet = f", sheet “{shown.sheet}”, headers in row {shown.header_row}" if shown.sheet else ""
    where = f"a new campaign “{shown.campaign_name}”" if shown.new_campaign else f"“{shown.campaign_name}”"
    lines = "1 line" if shown.line_count == 1 else f"{shown.line_count} lines"
    return f"“{shown.file_name}”{sheet}: {lines} for {where}. Nothing is saved yet."


def _money(shown: ImportPreview) -> str:
    stated = " and ".join(map(str, shown.stated_totals))
    of_it = f" ({stated} as stated)" if len(shown.stated_totals) > 1 or stated != str(shown.total) else ""
    over = f", which is {shown.over_budget} over" if shown.over_budget else ""
    return f"Total {shown.total}{of_it}, budget {shown.budget}{over}."


def _columns(shown: ImportPreview) -> str:
    if not shown.columns:
        return ""
    weeks = [column for column in shown.columns if column.week]
    named = [_column(column) for column in shown.columns if not column.week]
    if weeks:
        named.append(f"{weeks[0].letter} to {weeks[-1].letter} {len(weeks)} weeks from {weeks[0].week}")
    return f"Columns: {'; '.join(named)}."


def _column(column: ImportColumn) -> str:
    taken = column.field.value.replace("_", " ") if column.field else "nothing of a plan"
    sure = "" if column.confidence == 1 else f" ({column.confidence:.0%} sure)"
    return f"{column.letter} “{column.header}” is {taken}{sure}"


def _lines(shown: ImportPreview) -> str:
    said = [_line(line) for line in shown.lines[:SAID_LINES]]
    rest = shown.line_count - len(said)
    more = f"; {rest} more" if rest > 0 else ""
    return f"Lines: {'; '.join(said)}{more}." if said else ""


def _line(line: ImportLine) -> str:
    stated = f" ({line.stated})" if line.stated.currency != line.amount.currency else ""
    name = line.label if line.label.startswith(line.channel.label) else f"{line.label}, {line.channel.label},"
    return f"{name} {line.amount}{stated}"


def _problems(shown: ImportPreview) -> str:
    told = [one for one in shown.problems if one.severity is not Severity.NOTE] or shown.problems
    said = [_remark(one) for one in told[:SAID_PROBLEMS]]
    rest = shown.problem_count - len(said)
    more = f" And {rest} more remarks." if rest > 0 else ""
    return f"{' '.join(said)}{more}" if said else ""


def _remark(one: ImportRemark) -> str:
    where = f"Row {one.row}: " if one.row else ""
    word = "To be settled: " if one.severity is Severity.ERROR else ""
    return f"{word}{where}{one.message}"


def _next(shown: ImportPreview) -> str:
    if not shown.importable:
        return "Settle what is named, or leave those rows out, and look again."
    if shown.over_budget:
        return (
            f"To save it with a budget of {shown.total}: go ahead and raise the budget (digest {shown.digest}). Else "
            "leave lines out."
        )
    return f"To save it as shown: go ahead (digest {shown.digest})."
