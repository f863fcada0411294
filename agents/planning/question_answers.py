"""How answers to questions about a plan read."""

from decimal import Decimal

from agents.blocks import Table, table
from agents.planning.answers import signed, unit_of
from services.question_views import CheapestView, MoreView, ReturnsView, ReturnView
from services.reach_views import FrequencyView, LineReach, ReachView

_SHOWN = (1, 2, 3, 5, 10)  # of R(1+) … R(10+), in a sentence


def more_text(view: MoreView) -> str:
    unit = unit_of(view.counts, view.now.currency)
    moves = "; ".join(f"{line.label} {signed(line.change)}" for line in view.lines if line.change.amount)
    parts = [
        f"With {signed(view.change)}, {view.now} → {view.then}: expected {unit} {view.outcome_now:,} → "
        f"{view.outcome_then:,} ({view.added:+,}).",
        f"Each of those costs {view.cost_per_added}." if view.cost_per_added else "",
        f"It would {'go to' if view.change.amount > 0 else 'come from'}: {moves}." if moves else "",
        f"{view.unspent} stay unspent: {view.unspent_reason}" if view.unspent.amount and view.unspent_reason else "",
        f"Beyond the range its figures speak for: {', '.join(view.extrapolated)}." if view.extrapolated else "",
        "The plan itself is unchanged.",
        *view.assumptions,
    ]
    return " ".join(part for part in parts if part)


def more_block(view: MoreView) -> Table:
    return table(
        f"With {signed(view.change)}",
        [
            ("channel", "Channel", "left"),
            ("now", "Now", "right"),
            ("then", "Then", "right"),
            ("change", "Change", "right"),
        ],
        [
            {
                "channel": line.label,
                "now": str(line.before),
                "then": str(line.after),
                "change": signed(line.change),
            }
            for line in view.lines
        ],
    )


def cheapest_text(view: CheapestView) -> str:
    unit = unit_of(view.counts, view.budget.currency)
    lines = "; ".join(f"{line.label} {line.after}" for line in view.lines)
    over = view.budget.amount - view.campaign_budget.amount
    compared = f"{abs(over):,} {view.budget.currency} {'above' if over > 0 else 'below'}" if over else "exactly"
    parts = [
        f"The cheapest budget for {view.goal:,} {unit} is {view.budget}, {compared} the campaign's "
        f"{view.campaign_budget}: {lines}.",
        f"That brings {view.outcome:,}" + (f" at {view.cost_per_outcome} each." if view.cost_per_outcome else "."),
        view.explanation,
        "The plan itself is unchanged.",
        *view.assumptions,
    ]
    return " ".join(part for part in parts if part)


def returns_text(view: ReturnsView) -> str:
    currency = view.lines[0].budget.currency
    unit = unit_of(view.counts, currency)
    known = [line for line in view.lines if line.next_thousand is not None]
    if not known:
        return "No line of the plan has a response curve, so nothing can be said of its next money."
    best, worst = known[0], known[-1]
    listed = "; ".join(_returned(line, currency, unit) for line in known)
    parts = [
        f"{best.label} is worth more money: its next 1,000 {currency} would bring {best.next_thousand:,} {unit}.",
        f"All lines: {listed}.",
        f"{worst.label} gives the least for its last money." if len(known) > 1 else "",
        *view.assumptions,
    ]
    return " ".join(part for part in parts if part)


def returns_block(view: ReturnsView) -> Table:
    return table(
        "What the next 1,000 bring",
        [
            ("channel", "Channel", "left"),
            ("budget", "Budget", "right"),
            ("outcome", "Expected", "right"),
            ("next", "Next 1,000", "right"),
            ("cost", "Cost of the next", "right"),
        ],
        [
            {
                "channel": line.label,
                "budget": str(line.budget),
                "outcome": f"{line.outcome:,}",
                "next": "–" if line.next_thousand is None else f"{line.next_thousand:,}",
                "cost": str(line.cost_of_next or "–"),
            }
            for line in view.lines
        ],
    )


def reach_text(view: ReachView) -> str:
    parts = [
        f"Version {view.number} across lines: {_frequency(view.total)}.",
        f"Channels overlap {_overlap(view.duplication)} (duplication factor {view.duplication}).",
        "; ".join(_line(line) for line in view.lines) + ".",
        f"Without a known audience, so left out: {', '.join(view.unmeasured)}." if view.unmeasured else "",
        *view.assumptions,
    ]
    return " ".join(part for part in parts if part)


def reach_block(view: ReachView) -> Table:
    rows = [("All lines", view.total), *((line.label, line.distribution) for line in view.lines)]
    reached = [(f"r{n}", f"R({n}+)", "right") for n in range(1, 11)]
    return table(
        f"Reach and frequency of version {view.number}",
        [
            ("line", "Line", "left"),
            ("universe", "Universe", "right"),
            *((key, label, "right") for key, label, _ in reached),
            ("frequency", "Frequency", "right"),
            ("grp", "GRP", "right"),
        ],
        [
            {
                "line": label,
                "universe": f"{found.universe:,}",
                **{key: f"{people:,}" for (key, _, _), people in zip(reached, found.reach, strict=True)},
                "frequency": _or_dash(found.frequency),
                "grp": f"{found.grp:,}",
            }
            for label, found in rows
        ],
    )


def _returned(line: ReturnView, currency: str, unit: str) -> str:
    cost = f", {line.cost_of_next} each" if line.cost_of_next else ""
    kept = " (kept)" if line.locked else ""
    return f"{line.label}{kept} {line.budget}, next 1,000 {currency} bring {line.next_thousand:,} {unit}{cost}"


def _frequency(found: FrequencyView) -> str:
    reached = ", ".join(f"{found.reach[n - 1]:,} at {n}+" for n in _SHOWN)
    return (
        f"{found.reach_percent} % of {found.universe:,} people, {reached}; average frequency "
        f"{_or_dash(found.frequency)}, {found.grp:,} GRP"
    )


def _line(line: LineReach) -> str:
    found, best = line.distribution, line.best
    cost = f" for {best.budget}" if best.budget else ""
    text = (
        f"{line.label} {found.reach[0]:,} people {_or_dash(found.frequency)} times, {found.grp:,} GRP, best for "
        f"{best.effective}+ at frequency {best.frequency}{cost}"
    )
    if cap := line.cap:
        text += (
            f", a cap of {cap.cap} a week saves {cap.wasted_percent} % of its impressions and, bought again, reaches "
            f"{cap.reach_reinvested:,}"
        )
    return text


def _overlap(duplication: Decimal) -> str:
    if duplication == 1:
        return "by chance"
    return "more than by chance" if duplication > 1 else "less than by chance"


def _or_dash(number: Decimal | None) -> str:
    return "–" if number is None else f"{number:,}"
