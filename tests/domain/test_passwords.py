"""Passwords: long enough, and not what everybody tries first."""

import pytest

from domain.errors import InvalidInput
from domain.passwords import LONGEST, SHORTEST, accepted, as_compared

WHO = {"name": "Ada Lovelace", "email": "ada@example.com"}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "x" * (SHORTEST - 3) + "yzw",
        "пароль пароль",
        "密碼是很長的一句話喔",
        "🌷🌻🌹🌺🌸🌼🌷🌻🌹🌺",
        " " * 8 + "abcd",
    ],
)
def test_whatever_somebody_can_remember_is_accepted_without_rules_of_composition(password: str) -> None:
    assert accepted(password, **WHO) == password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_too_short"),
        ("a" * (SHORTEST - 1), "password_too_short"),
        ("🌷🌻🌹🌺", "password_too_short"),
        ("abcd" * (LONGEST // 4) + "e", "password_too_long"),
        ("Password123", "password_guessable"),
        ("1234567890", "password_guessable"),
        ("MEDIA-PLANNER", "password_guessable"),
        ("aaaaaaaaaaaa", "password_guessable"),
        ("abcabcabcabcabc", "password_guessable"),
        ("ADA lovelace", "password_guessable"),
        ("Ada@Example.com", "password_guessable"),
    ],
)
def test_what_is_short_endless_or_easily_guessed_is_refused(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        accepted(password, **WHO)
    assert (refused.value.code, refused.value.field) == (code, "password")
    assert password not in refused.value.message or not password


def test_the_longest_is_accepted() -> None:
    assert accepted("abcd" * (LONGEST // 4), **WHO)


def test_one_password_typed_on_two_keyboards_is_one() -> None:
    composed, decomposed = "Größe-Straße-é", "Gro\u0308ße-Straße-e\u0301"
    assert composed != decomposed
    assert accepted(decomposed, **WHO) == accepted(composed, **WHO) == as_compared(composed)


def test_wide_letters_do_not_hide_a_password_that_everybody_tries() -> None:
    with pytest.raises(InvalidInput) as refused:
        accepted("ｐａｓｓｗｏｒｄ１２３", **WHO)
    assert refused.value.code == "password_guessable"


def test_the_length_is_that_of_what_is_compared() -> None:
    """One sign may stand for several: a ligature opens up when it is normalised."""
    assert accepted("ﬃﬄabcd", **WHO) == "ffifflabcd"
