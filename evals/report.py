"""What came out of a run of the cases, for a person and, in the last line, for a program."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean, median

from evals.cases import Case
from evals.conversation import Talk

MODEL_CALLS_PER_TOOL_TURN = 2.0
BASELINE_SHARE = 0.25  # a baseline that passes more of the cases shows that they measure too little


@dataclass(frozen=True)
class Outcome:
    case: Case
    talk: Sequence[Talk]
    failures: Sequence[str]

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True)
class Report:
    outcomes: Sequence[Outcome]
    baseline: Sequence[Outcome]

    @property
    def passed(self) -> int:
        return sum(outcome.passed for outcome in self.outcomes)

    @property
    def baseline_passed(self) -> int:
        return sum(outcome.passed for outcome in self.baseline)

    @property
    def model_calls_per_tool_turn(self) -> float:
        """Mean over the turns with exactly one tool call, a handoff being one; 0 where there are none."""
        calls = [one.model_calls for outcome in self.outcomes for one in outcome.talk if one.tool_calls == 1]
        return round(float(mean(calls)), 3) if calls else 0.0

    @property
    def good(self) -> bool:
        return (
            self.passed == len(self.outcomes)
            and self.baseline_passed <= BASELINE_SHARE * len(self.baseline)
            and self.model_calls_per_tool_turn in (0.0, MODEL_CALLS_PER_TOOL_TURN)
        )

    def lines(self) -> Iterable[str]:
        yield from (line for outcome in self.outcomes for line in _case(outcome))
        yield ""
        yield from _agents(self.outcomes)
        turns = [one for outcome in self.outcomes for one in outcome.talk]
        yield f"{len(turns)} turns, {_mean(turns)} model calls a turn, median {median(_ms(turns)):.0f} ms a turn"
        easy = ", ".join(outcome.case.name for outcome in self.baseline if outcome.passed)
        yield f"a baseline that does nothing passes {self.baseline_passed} of {len(self.baseline)}: {easy or 'none'}"
        yield json.dumps(
            {
                "cases": len(self.outcomes),
                "passed": self.passed,
                "baseline_passed": self.baseline_passed,
                "model_calls_per_tool_turn": self.model_calls_per_tool_turn,
            }
        )


def _case(outcome: Outcome) -> Iterable[str]:
    case, talk = outcome.case, outcome.talk
    state = "passed" if outcome.passed else "FAILED"
    calls = sum(one.model_calls for one in talk)
    yield f"{state}  {case.agent:<10} {case.name:<44} {len(talk)} turns {calls:3} calls {sum(_ms(talk)):6.0f} ms"
    if not outcome.passed:
        yield from (f"          wrong: {failure}" for failure in outcome.failures)
        for line, one in zip(case.turns, talk, strict=True):
            yield f"          › {str(line)[:200]}"
            yield f"            {', '.join(one.tools) or 'no tool'} | {' '.join(one.answer.split())[:300]}"


def _agents(outcomes: Sequence[Outcome]) -> Iterable[str]:
    ordered = sorted(outcomes, key=lambda outcome: outcome.case.agent)
    for agent, group in groupby(ordered, key=lambda outcome: outcome.case.agent):
        of_agent = list(group)
        yield f"{agent}: {sum(outcome.passed for outcome in of_agent)} of {len(of_agent)} passed"


def _mean(turns: Sequence[Talk]) -> str:
    return f"{mean(one.model_calls for one in turns):.2f}" if turns else "0"


def _ms(turns: Sequence[Talk]) -> list[float]:
    return [one.seconds * 1000 for one in turns] or [0.0]
