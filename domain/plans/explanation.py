"""Why a split fell as it did, in sentences: the same facts that the split holds, and no others."""

from collections.abc import Mapping

from domain.money import Money
from domain.objectives import Outcome
from domain.planning.curves.benchmarks import ILLUSTRATIVE
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.split import Split, outcome_counted

HELD = {
    "minimum": "at its minimum",
    "maximum": "at its maximum",
    "locked": "kept as it is",
    "minimum_buy": "by its minimum buy",
    "group_minimum": "at its minimum together",
    "group_maximum": "at its maximum together",
}


def explained(split: Split) -> str:
    currency = split.budget.currency
    parts = []
    if split.outcome or split.marginal_return:
        thousand = counted(split.marginal_return * 1000, split.counts, currency)
        parts.append(f"The next 1,000 {currency} would bring about {thousand}.")
    if split.binding:
        parts.append(f"Held: {', '.join(f'{bound.label} {HELD[bound.held]}' for bound in split.binding)}.")
    if split.idle:
        parts.append(
            f"Nothing goes to {', '.join(split.idle)}: the first {currency} there would bring less than elsewhere."
        )
    if split.unbought:
        parts.append(f"Not bought, since its flat fees would cost more than it brings: {', '.join(split.unbought)}.")
    if split.extrapolated:
        parts.append(f"Beyond the range its figures speak for: {', '.join(split.extrapolated)}.")
    if split.uncurved:
        parts.append(f"Without a response curve, so left as they are: {', '.join(split.uncurved)}.")
    if split.unspent.minor and split.unspent_reason:
        parts.append(f"{split.unspent} stay unspent: {split.unspent_reason}")
    return " ".join(parts)


def counted(outcome: float, counts: Outcome, currency: str) -> str:
    """With its unit: "12.5 conversions", "1,200.00 USD of value"."""
    if counts is Outcome.VALUE:
        return f"{Money(round(outcome), currency)} of value"
    return f"{outcome:,.1f} {unit_of(counts)}"


def unit_of(counts: Outcome) -> str:
    return "people reached" if counts is Outcome.REACH else counts.value.replace("_", " ")


def assumptions(brief: PlanningBrief, economics: Mapping[str, LineEconomics]) -> tuple[str, ...]:
    """What the figures rest on, a sentence each."""
    said = []
    if labels := [one.spec.label for one in economics.values() if ILLUSTRATIVE in one.source]:
        said.append(f"Prices and response are illustrative defaults for {', '.join(labels)}.")
    if labels := [one.spec.label for one in economics.values() if one.sharing > 1]:
        said.append(f"Lines of one channel, market and audience share that audience equally: {', '.join(labels)}.")
    counts = outcome_counted(brief)
    if counts is Outcome.REACH:
        said.append("Reach is added up over the lines here: who sees two of them counts twice.")
    else:
        said.append(f"The {counts.value.replace('_', ' ')} are as platforms attribute them, not incremental.")
    if brief.campaign.objective.outcome is not counts:
        said.append("Conversions are counted, since none has a value of its own.")
    return tuple(said)
