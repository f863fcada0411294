"""What a turn may use up, alone and together with what its session and its tenant used up before."""

from dataclasses import replace

import pytest

from domain.errors import BudgetSpent
from services.budgets import NOTHING, USUAL, Budgets, Purse, Usage

SMALL = Usage(model_calls=2, tool_calls=3, tokens=100, cost_micros=50)
BUDGETS = Budgets(turn=SMALL, session=SMALL + SMALL, tenant_day=SMALL + SMALL + SMALL, identical_calls=2)


def refused(purse: Purse, times: int) -> str:
    """The code of the refusal of the model call after `times` that are paid."""
    for _ in range(times):
        purse.pay_model_call()
    with pytest.raises(BudgetSpent) as spent:
        purse.pay_model_call()
    return spent.value.code


def test_a_turn_pays_up_to_its_own_allowance() -> None:
    assert refused(Purse(BUDGETS), 2) == "model_calls_spent"


def test_what_the_session_used_up_before_counts() -> None:
    assert refused(Purse(BUDGETS, session=Usage(model_calls=3)), 1) == "session_model_calls_spent"


def test_what_the_tenant_used_up_today_counts() -> None:
    assert refused(Purse(BUDGETS, tenant_day=Usage(model_calls=6)), 0) == "day_model_calls_spent"


def test_a_refused_call_is_not_paid() -> None:
    purse = Purse(BUDGETS)
    refused(purse, 2)
    assert purse.used == Usage(model_calls=2)


def test_tool_calls_have_an_allowance_of_their_own() -> None:
    purse = Purse(BUDGETS)
    for _ in range(3):
        purse.pay_tool_call()
    with pytest.raises(BudgetSpent) as spent:
        purse.pay_tool_call()
    assert spent.value.code == "tool_calls_spent"
    purse.pay_model_call()


@pytest.mark.parametrize(("tokens", "cost", "code"), [(101, 0, "tokens_spent"), (0, 51, "cost_micros_spent")])
def test_the_call_after_tokens_or_money_are_overdrawn_is_refused(tokens: int, cost: int, code: str) -> None:
    purse = Purse(BUDGETS)
    purse.pay_model_call()
    purse.count_tokens(tokens, cost)
    with pytest.raises(BudgetSpent) as spent:
        purse.pay_model_call()
    assert spent.value.code == code


def test_an_earlier_attempt_of_the_turn_counts() -> None:
    purse = Purse(BUDGETS)
    purse.restore(Usage(model_calls=1, tool_calls=1, tokens=10, cost_micros=5))
    assert refused(purse, 1) == "model_calls_spent"
    assert purse.used == Usage(2, 1, 10, 5)


def test_the_same_call_again_and_again_is_a_loop() -> None:
    purse = Purse(BUDGETS)
    for _ in range(2):
        purse.refuse_loops("list_campaigns", {"a": 1, "b": 2})
    purse.refuse_loops("list_campaigns", {"a": 1, "b": 3})
    purse.refuse_loops("show_campaign", {"a": 1, "b": 2})
    with pytest.raises(BudgetSpent) as spent:
        purse.refuse_loops("list_campaigns", {"b": 2, "a": 1})
    assert spent.value.code == "identical_calls_spent"


def test_usages_add_up() -> None:
    assert sum([SMALL, SMALL], NOTHING) == Usage(4, 6, 200, 100)
    assert replace(USUAL.turn, tokens=1) + NOTHING == replace(USUAL.turn, tokens=1)
