"""What the last line says, and when a run counts as good."""

import json
from collections.abc import Sequence

import pytest

from domain.sessions import AgentName, TurnStatus
from evals.cases import Case, Expected, chosen, load_cases
from evals.conversation import Talk
from evals.report import Outcome, Report


def turn(model_calls: int, tool_calls: int) -> Talk:
    return Talk(TurnStatus.COMPLETED, "Done.", ["show_plan"] * tool_calls, [], model_calls, tool_calls, 0.25)


def outcome(name: str, *talk: Talk, wrong: Sequence[str] = ()) -> Outcome:
    case = Case(name=name, agent=AgentName.PLANNING, about="…", turns=["hi"] * len(talk), expect=Expected())
    return Outcome(case, talk, wrong)


GOOD = [outcome(f"case-{n}", turn(2, 1), turn(1, 0)) for n in range(4)]
IDLE = [outcome(f"case-{n}", turn(1, 0), wrong=["nothing was done"]) for n in range(4)]


def test_the_last_line_is_the_result() -> None:
    *lines, last = Report(GOOD, IDLE).lines()
    assert json.loads(last) == {"cases": 4, "passed": 4, "baseline_passed": 0, "model_calls_per_tool_turn": 2.0}
    assert any("case-3" in line for line in lines)


def test_a_failed_case_is_shown_with_its_reasons_and_its_words() -> None:
    failed = outcome("broken", turn(2, 1), wrong=["campaign 'Oak' is missing"])
    lines = "\n".join(Report([failed], IDLE).lines())
    assert "FAILED" in lines
    assert "campaign 'Oak' is missing" in lines
    assert "› hi" in lines


@pytest.mark.parametrize(
    ("report", "good"),
    [
        pytest.param(Report(GOOD, IDLE), True, id="all pass"),
        pytest.param(Report([*GOOD, outcome("x", turn(2, 1), wrong=["no"])], IDLE), False, id="one fails"),
        pytest.param(Report(GOOD, [*IDLE[:3], GOOD[0]]), True, id="baseline passes a quarter"),
        pytest.param(Report(GOOD, [*IDLE[:2], *GOOD[:2]]), False, id="baseline passes more"),
        pytest.param(Report([outcome("x", turn(3, 1))], IDLE), False, id="three model calls for one tool"),
    ],
)
def test_when_a_run_is_good(report: Report, good: bool) -> None:
    assert report.good is good


def test_turns_with_several_tools_do_not_count_as_tool_turns() -> None:
    assert Report([outcome("x", turn(2, 1), turn(5, 4), turn(1, 0))], IDLE).model_calls_per_tool_turn == 2.0


def test_the_cases_cover_every_agent() -> None:
    cases = load_cases()
    assert len(cases) >= 36
    assert {case.agent for case in cases} == set(AgentName)


def test_cases_are_chosen_by_words_of_their_names() -> None:
    cases = load_cases()
    assert chosen(cases, []) == cases
    assert {case.name for case in chosen(cases, ["what-if"])} == {case.name for case in cases if "what-if" in case.name}
