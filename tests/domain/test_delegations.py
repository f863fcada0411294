from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delegations import Delegation, DelegationKind, unlimited
from domain.errors import InvalidInput
from domain.ids import TenantId, UserId, new_id
from domain.money import Money
from domain.tenants import Tenant
from domain.users import Email, User

NOW = datetime(2027, 1, 5, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)
KINDS = list(reversed(DelegationKind))

moneys = st.builds(Money, st.integers(0, 10**12), st.sampled_from(["USD", "EUR"]))
market_sets = st.lists(st.sampled_from(["US", "DE", "FR", "JP"]), max_size=4, unique=True)
kinds = st.sampled_from(DelegationKind)
expiries = st.none() | st.sampled_from([NOW + timedelta(days=days) for days in (1, 2, 3)])


def delegation(
    kind: DelegationKind = DelegationKind.FULL,
    cap: Money | None = None,
    markets: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> Delegation:
    by = UserId(new_id())
    given, _ = Delegation.give(
        TenantId(new_id()), UserId(new_id()), kind, cap, markets, by=by, now=EARLIER, expires_at=expires_at
    )
    return given


delegations = st.builds(delegation, kinds, st.none() | moneys, market_sets, expiries)
stakes = st.tuples(st.none() | moneys, market_sets)


@given(st.none() | moneys, market_sets)
def test_without_a_limit_everything_is_covered(amount: Money | None, markets: list[str]) -> None:
    assert delegation().lets_approve(amount, markets, NOW)


@given(moneys, moneys)
def test_a_cap_covers_what_is_not_above_it_in_its_own_currency(cap: Money, amount: Money) -> None:
    covered = amount.currency == cap.currency and amount.minor <= cap.minor
    assert delegation(cap=cap).lets_act(amount, [], NOW) is covered


@given(market_sets, market_sets)
def test_markets_cover_what_lies_within_them(own: list[str], at_stake: list[str]) -> None:
    covered = not own or (bool(at_stake) and set(at_stake) <= set(own))
    assert delegation(markets=own).lets_act(None, at_stake, NOW) is covered


@given(delegations, stakes, st.integers(0, 10**12), st.sampled_from(["US", "DE"]))
def test_what_is_covered_stays_covered_when_less_is_at_stake(
    one: Delegation, stake: tuple[Money | None, list[str]], less: int, market: str
) -> None:
    amount, markets = stake
    if one.lets_act(amount, markets, NOW) and amount is not None:
        assert one.lets_act(Money(min(less, amount.minor), amount.currency), markets, NOW)
        assert not markets or one.lets_act(amount, markets[:1], NOW)


@given(delegations, stakes)
def test_over_is_over(one: Delegation, stake: tuple[Money | None, list[str]]) -> None:
    one.expires_at = NOW
    assert not one.lets_act(*stake, NOW)
    assert not one.lets_approve(*stake, NOW)


@given(delegations, stakes)
def test_the_kind_says_what_it_is_good_for(one: Delegation, stake: tuple[Money | None, list[str]]) -> None:
    acts, approves = one.lets_act(*stake, NOW), one.lets_approve(*stake, NOW)
    assert not approves or (acts and one.kind is DelegationKind.FULL)
    assert not acts or one.kind is not DelegationKind.PROPOSE_ONLY


@given(delegations, delegations, stakes, st.sampled_from([0, 1, 2]))
def test_nobody_can_do_with_a_passed_on_delegation_what_its_giver_can_not(
    own: Delegation, other: Delegation, stake: tuple[Money | None, list[str]], days: int
) -> None:
    moment = NOW + timedelta(days=days)
    if own.lets_pass_on(other, NOW):
        assert own.lets_act(*stake, moment) or not other.lets_act(*stake, moment)
        assert own.lets_approve(*stake, moment) or not other.lets_approve(*stake, moment)


@given(delegations)
def test_one_passes_on_what_one_has(one: Delegation) -> None:
    assert one.lets_pass_on(one, NOW)


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (delegation(cap=Money(100, "USD")), delegation()),
        (delegation(cap=Money(100, "USD")), delegation(cap=Money(101, "USD"))),
        (delegation(cap=Money(100, "USD")), delegation(cap=Money(1, "EUR"))),
        (delegation(markets=["US"]), delegation()),
        (delegation(markets=["US"]), delegation(markets=["US", "DE"])),
        (delegation(expires_at=LATER), delegation()),
        (delegation(expires_at=LATER), delegation(expires_at=LATER + timedelta(seconds=1))),
        (delegation(DelegationKind.EXECUTE_ONLY), delegation(DelegationKind.FULL)),
        (delegation(DelegationKind.PROPOSE_ONLY), delegation(DelegationKind.EXECUTE_ONLY)),
    ],
    ids=["no cap", "cap", "currency", "all markets", "markets", "for ever", "longer", "kind", "proposes"],
)
def test_more_than_one_has_is_not_passed_on(own: Delegation, other: Delegation) -> None:
    assert not own.lets_pass_on(other, NOW)


def test_a_change_is_told_with_what_was_before() -> None:
    one, by = delegation(cap=Money(100, "USD")), UserId(new_id())
    change = one.change(DelegationKind.EXECUTE_ONLY, None, ["US"], by=by, now=NOW, expires_at=LATER)
    assert (change.action, change.version, one.granted_by) == ("delegation.changed", 2, by)
    assert (change.before["cap_minor"], change.after["cap_minor"]) == (100, None)
    assert (change.after["kind"], change.after["markets"]) == (DelegationKind.EXECUTE_ONLY, ["US"])


@pytest.mark.parametrize(
    ("cap", "expires_at", "code"), [(Money(-1, "USD"), None, "bad_cap"), (None, NOW, "bad_expiry")], ids=["cap", "over"]
)
def test_what_makes_no_sense_is_refused(cap: Money | None, expires_at: datetime | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        delegation().change(DelegationKind.FULL, cap, [], by=UserId(new_id()), now=NOW, expires_at=expires_at)
    assert refused.value.code == code


def test_a_founder_starts_without_a_limit() -> None:
    founder = User.register(Email.of("ada@example.com"), "Ada", None, NOW)
    assert unlimited(Tenant.found("Acme", NOW), founder).lets_approve(Money(10**15, "USD"), [], LATER)
