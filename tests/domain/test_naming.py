from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.naming import FIELDS, NameParts, NamingPattern, slug

PATTERN = NamingPattern("{advertiser}_{campaign}_{channel}_{vehicle}_{format}_{market}_{start:%Y%m}")
SOCIAL = NameParts(
    advertiser="Northwind",
    campaign="Spring 2026",
    channel="social",
    vehicle="Meta",
    format="Video 6s/9:16",
    market="São Paulo",
    start=date(2026, 3, 2),
)


def test_a_line_is_named_by_the_pattern() -> None:
    assert PATTERN.name(SOCIAL) == "northwind_spring-2026_social_meta_video-6s-9-16_sao-paulo_202603"
    assert NamingPattern("MP|{line}~{start:%G.%V}-{end}+x").name(
        NameParts(line="social-2", start=date(2027, 1, 1))
    ) == ("MP|social-2~2026.53-na+x")
    assert NamingPattern("{start}").name(SOCIAL) == "20260302"


def test_what_is_missing_keeps_its_place() -> None:
    assert PATTERN.name(NameParts(campaign="🎈", channel="ctv")) == "na_na_ctv_na_na_na_na"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Crème Brûlée & Co.", "creme-brulee-co"),
        ("Straße_1", "strasse-1"),
        ("  東京 オリンピック ", "東京-オリンピック"),
        ("हिन्दी", "हिन्दी"),
        ("서울", "서울"),
        ("½ price", "1-2-price"),
        ("---", ""),
    ],
)
def test_a_slug_keeps_letters_and_digits(text: str, written: str) -> None:
    assert slug(text) == written


@given(st.text(max_size=40))
def test_a_slug_holds_nothing_that_splits_a_name_or_an_address(text: str) -> None:
    written = slug(text)
    assert not set(written) & set("_|~+./?&=#% \n\t")
    assert slug(written) == written


@given(
    st.lists(st.builds(NameParts, campaign=st.text("ab🎈", max_size=30), vehicle=st.text("A-", max_size=4)), max_size=8)
)
def test_names_fit_and_no_two_are_alike(lines: list[NameParts]) -> None:
    names = NamingPattern("{campaign}_{vehicle}", longest=20).names(lines)
    assert len({name.casefold() for name in names}) == len(lines)
    assert all(0 < len(name) <= 20 for name in names)


def test_the_same_name_is_numbered() -> None:
    pattern = NamingPattern("{campaign}", longest=20)
    long = NameParts(campaign="a very long name of a campaign")
    assert pattern.names([long, long, long]) == ["a-very-long-name-of", "a-very-long-name-o-2", "a-very-long-name-o-3"]
    assert pattern.name(NameParts(campaign="spring"), ["SPRING", "spring-2"]) == "spring-3"


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (lambda: NamingPattern("{brand}_{campaign}"), "unknown_naming_field"),
        (lambda: NamingPattern("{campaign.__class__}"), "unknown_naming_field"),
        (lambda: NamingPattern("{campaign[0]}"), "unknown_naming_field"),
        (lambda: NamingPattern("{}"), "unknown_naming_field"),
        (lambda: NamingPattern("{0}"), "unknown_naming_field"),
        (lambda: NamingPattern("{campaign!r}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{campaign:>999999999}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{start:{end}}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{start:%s}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{campaign"), "bad_naming_pattern"),
        (lambda: NamingPattern("campaign}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{{campaign}}"), "bad_naming_pattern"),
        (lambda: NamingPattern("{campaign} {channel}"), "bad_naming_pattern"),
        (lambda: NamingPattern("spring"), "bad_naming_pattern"),
        (lambda: NamingPattern(""), "bad_naming_pattern"),
        (lambda: NamingPattern("{campaign}" * 51), "bad_naming_pattern"),
        (lambda: NamingPattern("{campaign}", longest=5), "bad_name_length"),
    ],
)
def test_a_pattern_that_names_nothing_is_refused(refused: Callable[[], object], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refused()
    assert (refusal.value.code, refusal.value.field) == (code, "naming")


def test_an_unknown_field_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refusal:
        NamingPattern("{brand}")
    assert refusal.value.details["known"] == list(FIELDS)
    assert "advertiser, campaign" in refusal.value.message
