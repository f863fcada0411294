"""One device's stay: every refresh token is good once, and what is stolen ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Unauthenticated
from domain.ids import UserId, new_id
from domain.sign_ins import GRACE, LIFETIME, EndReason, Refresh, SignIn

NOW = datetime(2027, 1, 5, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def stay() -> SignIn:
    return SignIn.begin(UserId(new_id()), "Firefox on Linux", NOW)


def test_a_stay_begins_with_its_first_generation_and_ends_for_good(stay: SignIn) -> None:
    assert (stay.generation, stay.version, stay.expires_at) == (1, 1, NOW + LIFETIME)
    assert (stay.ended_at, stay.end_reason) == (None, None)


@pytest.mark.parametrize(
    ("told", "kept"),
    [("Pixel 9\x00\n\x1b[31m", "Pixel 9[31m"), ("", "unknown"), ("\n\t", "unknown"), ("x" * 500, "x" * 200)],
)
def test_what_a_client_calls_itself_is_shown_to_people_later(told: str, kept: str) -> None:
    assert SignIn.begin(UserId(new_id()), told, NOW).device == kept


def test_each_refresh_is_answered_with_the_next_generation(stay: SignIn) -> None:
    for generation in (1, 2, 3):
        assert stay.refresh(generation, NOW + timedelta(days=generation)) is Refresh.ROTATED
    assert (stay.generation, stay.version) == (4, 4)
    assert stay.refreshed_at == NOW + timedelta(days=3)
    assert stay.expires_at == NOW + LIFETIME


def test_a_client_that_lost_the_answer_asks_again_and_gets_the_same(stay: SignIn) -> None:
    stay.refresh(1, NOW)
    for later in (timedelta(0), GRACE):
        assert stay.refresh(1, NOW + later) is Refresh.REPEATED
    assert (stay.generation, stay.version, stay.refreshed_at) == (2, 2, NOW)


def test_repeating_does_not_stretch_the_moment_in_which_it_is_allowed(stay: SignIn) -> None:
    stay.refresh(1, NOW)
    assert stay.refresh(1, NOW + GRACE) is Refresh.REPEATED
    assert stay.refresh(1, NOW + GRACE + INSTANT) is Refresh.REUSED


@pytest.mark.parametrize(
    ("generation", "later"),
    [(2, GRACE + INSTANT), (1, timedelta(0)), (0, timedelta(0)), (-1, timedelta(0)), (4, timedelta(0))],
    ids=["the one before, later", "one of long ago", "none", "less than none", "one that is to come"],
)
def test_any_other_token_is_a_stolen_one_and_ends_the_stay(stay: SignIn, generation: int, later: timedelta) -> None:
    stay.refresh(1, NOW)
    stay.refresh(2, NOW)
    assert stay.refresh(generation, NOW + later) is Refresh.REUSED
    assert (stay.ended_at, stay.end_reason) == (NOW + later, EndReason.REUSED)
    for token in (generation, 3):
        with pytest.raises(Unauthenticated) as refused:
            stay.refresh(token, NOW + later)
        assert refused.value.code == "sign_in_ended"
    assert stay.generation == 3


def test_nobody_stays_longer_than_the_lifetime(stay: SignIn) -> None:
    last = NOW + LIFETIME - INSTANT
    assert stay.refresh(1, last) is Refresh.ROTATED
    with pytest.raises(Unauthenticated) as refused:
        stay.refresh(2, NOW + LIFETIME)
    assert refused.value.code == "sign_in_ended"
    assert stay.generation == 2


def test_the_first_end_is_the_one_that_counts(stay: SignIn) -> None:
    stay.end(EndReason.SIGNED_OUT, NOW)
    stay.end(EndReason.REVOKED, NOW + timedelta(hours=1))
    assert (stay.ended_at, stay.end_reason, stay.version) == (NOW, EndReason.SIGNED_OUT, 2)
