import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.text import clean_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Spring  ", "Spring"),
        ("حملة الربيع", "حملة الربيع"),
        ("👩‍👩‍👧 🌷", "👩‍👩‍👧 🌷"),
        ("e\u0301te\u0301", "été"),
        ("日本", "日本"),
    ],
)
def test_any_script_is_a_name(typed: str, kept: str) -> None:
    assert clean_line(typed, field="name") == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \t\n ", "empty"),
        ("a\x00b", "control_characters"),
        ("a\nb", "control_characters"),
        ("a\x7fb", "control_characters"),
        ("a\u202eb", "control_characters"),
        ("a\u2066b", "control_characters"),
        ("a\ud800b", "control_characters"),
        ("x" * 11, "too_long"),
    ],
)
def test_what_would_mislead_a_reader_is_refused(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_line(typed, field="title", longest=10)
    assert (refused.value.code, refused.value.field) == (code, "title")


def test_the_longest_line_is_kept() -> None:
    assert clean_line(f" {'x' * 10} ", field="name", longest=10) == "x" * 10


@given(st.text(max_size=30))
def test_a_kept_line_is_clean_and_stays_as_it_is(typed: str) -> None:
    try:
        line = clean_line(typed, field="name", longest=20)
    except InvalidInput:
        return
    assert line == line.strip() == unicodedata.normalize("NFC", line) == clean_line(line, field="name")
    assert 0 < len(line) <= 20
    assert "\n" not in line
