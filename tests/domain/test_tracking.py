from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.naming import NameParts
from domain.tracking import Utm, utm_of

UTM = Utm("meta", "paid-social", "spring-2026", "video 6s")
TAGS = "utm_source=meta&utm_medium=paid-social&utm_campaign=spring-2026&utm_content=video%206s"


def test_a_line_has_its_parameters() -> None:
    parts = NameParts(campaign="Spring 2026", vehicle="Meta", format="Video 6s")
    assert utm_of(parts, Channel.SOCIAL) == Utm("meta", "paid-social", "spring-2026", "video-6s")
    assert utm_of(NameParts(), Channel.SEARCH, term="shoes") == Utm("search", "cpc", "na", None, "shoes")
    assert str(UTM) == TAGS


@pytest.mark.parametrize(
    ("page", "tagged"),
    [
        ("https://example.com", f"https://example.com?{TAGS}"),
        ("HTTP://Example.com/a%20b?x=1&y=a+b&z#top", f"http://Example.com/a%20b?x=1&y=a+b&z&{TAGS}#top"),
        ("https://example.com/?utm_source=old&utm_id=7&a=%26", f"https://example.com/?a=%26&{TAGS}"),
        ("https://example.com:8443/?&&q=1", f"https://example.com:8443/?q=1&{TAGS}"),
    ],
)
def test_the_page_keeps_its_own_query(page: str, tagged: str) -> None:
    assert UTM.tag(page) == tagged
    assert UTM.tag(tagged) == tagged


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=50).filter(str.strip))
def test_any_value_arrives_as_it_was_written(value: str) -> None:
    utm = Utm(value, "cpc", "spring")
    assert parse_qs(urlsplit(utm.tag("https://example.com/?a=1#b")).query)["utm_source"] == [utm.source]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "example.com",
        "/shop",
        "//example.com",
        "javascript:alert(1)",
        "ftp://example.com",
        "https://",
        "https:///shop",
        "https://ada:secret@example.com",
        "https://example.com\n.evil.org",
        "https://example.com\\@evil.org",
        "https://exa mple.com",
        "https://example.com:99999",
        "https://[::1",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_what_is_no_page_is_refused(page: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        UTM.tag(page)
    assert (refusal.value.code, refusal.value.field) == ("bad_url", "landing_page")


@pytest.mark.parametrize(("field", "value"), [("source", " "), ("medium", "a\nb"), ("campaign", "x" * 201)])
def test_a_parameter_is_one_line(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Utm(**{"source": "a", "medium": "b", "campaign": "c", field: value})
    assert refusal.value.field == f"utm_{field}"
