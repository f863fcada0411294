"""Did a conversation do what it should, and nothing else? Pure: facts in, sentences about what is wrong out.

The world before, with the case's expectations applied, is the world that must be there afterwards: what a case doesn't
name must not have changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.money import Money
from domain.sessions import TurnStatus
from evals.access_scoring import access_failures
from evals.cases import ANY, UNNAMED, Expected, Figures, JobExpected, PlanExpected
from evals.conversation import Talk
from evals.facts import Facts, JobFact, Plan

_NEW_CAMPAIGN: Mapping[str, Any] = {
    "objective": None,
    "advertiser": None,
    "product": None,
    "kpi": None,
    "status": "draft",
    "status_reason": None,
    "budget": None,
    "start": None,
    "end": None,
    "markets": [],
    "archived": False,
}


def failures(before: Facts, after: Facts, talk: Sequence[Talk], expected: Expected) -> list[str]:
    """Empty for a case that passes."""
    return [
        *_unfinished(talk),
        *_campaigns(before, after, expected),
        *_plans(before, after, expected.plans),
        *_jobs(before, after, expected.jobs),
        *_differences("settings", {**before.settings, **expected.settings}, after.settings),
        *_differences("session", expected.session.model_dump(exclude_none=True), after.session),
        *access_failures(before.access, after.access, expected.access),
        *_steps(talk, expected),
        *_words(talk, after, expected),
    ]


def _unfinished(talk: Sequence[Talk]) -> Iterable[str]:
    """A turn that waits for an approval has answered; whether it should have is for the facts to say."""
    finished = (TurnStatus.COMPLETED, TurnStatus.AWAITING_APPROVAL)
    return [f"turn {n} ended as {one.status}" for n, one in enumerate(talk, 1) if one.status not in finished]


def _campaigns(before: Facts, after: Facts, expected: Expected) -> Iterable[str]:
    wanted: dict[str, Mapping[str, Any]] = dict(before.campaigns)
    unnamed = sorted(set(after.campaigns) - set(before.campaigns) - set(expected.campaigns))
    for name, changes in expected.campaigns.items():
        key = unnamed.pop(0) if name == UNNAMED and unnamed else name
        if changes is None:
            wanted.pop(key, None)
        else:
            wanted[key] = {**before.campaigns.get(str(changes.get("was", key)), _NEW_CAMPAIGN), **_read(changes)}
    for name in wanted.keys() | after.campaigns.keys():
        if name not in after.campaigns:
            yield f"campaign {name!r} is missing"
        elif name not in wanted:
            yield f"campaign {name!r} should not be there"
        else:
            yield from _differences(f"campaign {name!r}", wanted[name], after.campaigns[name])


def _read(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Without `was`, the name before; the budget as money."""
    fields = {name: value for name, value in changes.items() if name != "was"}
    if "budget" in fields and fields["budget"] != ANY:
        amount, _, currency = str(fields["budget"]).partition(" ")
        fields["budget"] = Money.of(amount, currency)
    return fields


def _plans(before: Facts, after: Facts, expected: Mapping[str, PlanExpected]) -> Iterable[str]:
    names = {_sole_new(before, after) if name == UNNAMED else name: plan for name, plan in expected.items()}
    for name, plan in after.plans.items():
        if any(not version.sound for version in plan.versions.values()):
            yield f"plan of {name!r} does not add up"
        if name not in names and plan != before.plans.get(name):
            yield f"plan of {name!r} should not have changed: version {plan.current} of {len(plan.versions)}"
    for name, wanted in names.items():
        if found := after.plans.get(name):
            yield from (f"plan of {name!r}: {wrong}" for wrong in _plan(found, wanted))
        else:
            yield f"plan of {name!r} is missing"


def _sole_new(before: Facts, after: Facts) -> str:
    return next(iter(sorted(set(after.campaigns) - set(before.campaigns))), UNNAMED)


def _plan(plan: Plan, wanted: PlanExpected) -> Iterable[str]:
    latest, currency = plan.latest, plan.latest.total.currency
    yield from _differences("", {"versions": wanted.versions}, {"versions": len(plan.versions)})
    yield from _differences("", {"total": wanted.total.money()}, {"total": latest.total})
    stated: dict[str, Any] = {
        "channels": wanted.channels and set(wanted.channels),
        "flighting": wanted.flighting,
        "locked": None if wanted.locked is None else frozenset(wanted.locked),
    }
    found = {"channels": set(latest.lines), "flighting": latest.flighting, "locked": latest.locked}
    yield from _differences("", {name: value for name, value in stated.items() if value is not None}, found)
    for channel, amount in wanted.lines.items():
        if latest.lines.get(channel) != Money.of(amount, currency):
            yield f"{channel} has {latest.lines.get(channel)}, not {amount}"
    for channel, amount in wanted.at_least.items():
        if channel not in latest.lines or latest.lines[channel] < Money.of(amount, currency):
            yield f"{channel} has {latest.lines.get(channel)}, less than {amount}"
    for channel, amount in wanted.at_most.items():
        if channel in latest.lines and latest.lines[channel] > Money.of(amount, currency):
            yield f"{channel} has {latest.lines[channel]}, more than {amount}"
    yield from _weeks(plan, wanted)
    yield from _moves(plan, wanted)


def _weeks(plan: Plan, wanted: PlanExpected) -> Iterable[str]:
    weeks, currency = plan.latest.weeks, plan.latest.total.currency
    for starts, amount in wanted.weeks.items():
        if weeks.get(starts) != Money.of(amount, currency):
            yield f"the week of {starts} has {weeks.get(starts)}, not {amount}"
    if wanted.idle_weeks is not None:
        idle = {starts for starts, amount in weeks.items() if not amount.minor}
        yield from _differences("", {"idle weeks": wanted.idle_weeks}, {"idle weeks": idle})


def _moves(plan: Plan, wanted: PlanExpected) -> Iterable[str]:
    """Against the version before the current one."""
    latest, nothing = plan.latest, Money.zero(plan.latest.total.currency)
    earlier = plan.versions.get(plan.current - 1)
    then = earlier.lines if earlier else {}
    moved = {name: latest.lines.get(name, nothing) - then.get(name, nothing) for name in {*then, *latest.lines}}
    for channel in wanted.kept:
        if channel not in latest.lines or moved[channel] != nothing:
            yield f"{channel} moved by {moved.get(channel)}"
    if wanted.moved is not None:
        stated = {channel.value: Money.of(amount, nothing.currency) for channel, amount in wanted.moved.items()}
        yield from _differences("change of", {**dict.fromkeys(moved, nothing), **stated}, moved)


def _jobs(before: Facts, after: Facts, expected: Sequence[JobExpected] | None) -> Iterable[str]:
    wanted = [*before.jobs]
    if expected is not None:
        wanted += [JobFact(job.campaign, job.status, frozenset(map(str, job.channels))) for job in expected]
    if list(after.jobs) != wanted:
        yield f"jobs: {[*after.jobs]}, not {wanted}"


def _steps(talk: Sequence[Talk], expected: Expected) -> Iterable[str]:
    refused = [code for one in talk for code in one.refused]
    if refused != expected.refused:
        yield f"refused: {refused}, not {expected.refused}"
    tools = [tool for one in talk for tool in one.tools]
    if expected.tools is not None and tools != expected.tools:
        yield f"tools: {tools}, not {expected.tools}"


def _words(talk: Sequence[Talk], after: Facts, expected: Expected) -> Iterable[str]:
    last, everything = talk[-1].answer.lower(), "\n".join(one.answer for one in talk).lower()
    if not last.strip():
        yield "the last answer is empty"
    for words in expected.says:
        if words.lower() not in last:
            yield f"does not say {words!r}: {talk[-1].answer[:200]!r}"
    for words in expected.never_says:
        if words.lower() in everything:
            yield f"says {words!r}"
    if expected.quotes:
        yield from (
            f"does not give {name} {figure}"
            for name, figure in _figures(after, expected.quotes)
            if figure.lower() not in last
        )


def _figures(after: Facts, wanted: Figures) -> Iterable[tuple[str, str]]:
    plan = after.plans.get(wanted.campaign)
    for name in wanted.figures:
        value = getattr(plan.latest, name) if plan else "(no plan)"
        yield name, str(value) if isinstance(value, Money | str) else f"{value:,}"


def _differences(subject: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterable[str]:
    for name, value in wanted.items():
        if value != ANY and found.get(name) != value:
            yield f"{subject} {name}: {_shown(found.get(name))}, not {_shown(value)}".strip()


def _shown(value: object) -> str:
    return "{" + ", ".join(sorted(map(str, value))) + "}" if isinstance(value, set | frozenset) else str(value)
