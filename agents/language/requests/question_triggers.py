"""The words of questions about a plan; see `triggers` for how they are written."""

TRIGGERS: dict[str, str] = {
    "what_would_more_buy": r"""
    what (would|will|could|can|does|do|might) {another}?[{percent}{amount}]{beyond}(buy|bring|add|get|give|yield)
    what (would|will|could|does) {another}?[{percent}{amount}] (less|fewer){beyond}cost
    (where|how) (would|should|will|could|do|can)( (we|i) (spend|put))? {next} [{percent}{amount}]
    """,
    "cheapest_budget": r"""
    (cheapest|lowest|smallest|minimum|minimal|least) (budget|spend|amount|cost)
    what (would|will|do|does) \d[\d.,]* ?(k|m|thousand|million)? ?{metric} cost
    (how much|what)( (money|budget|spend))? (do|would|will|does) (we|i|it) {need} \d[\w.,]*
    how much (does it take |is it )?to (get|reach|win|bring|generate) \d[\w.,]*
    cheapest (way|plan|split) (to|for)
    """,
    "rank_lines": r"""
    which (line|channel)s? {anything}(worth|more|most|best|next|extra|better)
    (rank|order|sort){the}{some} (lines|channels)
    marginal (returns?|roi)
    where should the next (dollar|euro|pound|money|cent) go
    """,
    "show_reach": r"""
    {show}{the}{some} (reach|frequency|grps?)(?! (campaign|objective|goal))
    reach (and|&|/|,) frequency
    (average|best|optimal|effective) frequency
    frequency cap
    how many people (do|will|would|can|could|does) (we|it|this|the plan) reach
    how often (do|will|would|does) (people|they|we|somebody|one)
    how many (people|users) {anything}(times|\d+ ?\+)
    ^^(the )?(reach|frequency|grps?)
    """,
}
