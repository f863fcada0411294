"""Tracking: UTM parameters, and landing pages that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import SplitResult, quote, unquote_plus, urlencode, urlsplit, urlunsplit

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.naming import MISSING, NameParts, slug
from domain.text import clean_line

LONGEST_URL = 2048
FIELD = "landing_page"

# The words by which web analytics sort visits into channel groups; any other channel is "paid-" and its name.
MEDIUMS: Mapping[Channel, str] = {
    Channel.SEARCH: "cpc",
    Channel.DISPLAY: "display",
    Channel.OLV: "paid-video",
    Channel.STREAMING_AUDIO: "audio",
    Channel.PODCAST: "audio",
    Channel.EMAIL: "email",
    Channel.AFFILIATE: "affiliate",
}


@dataclass(frozen=True, slots=True)
class Utm:
    """The five parameters. Source, medium and campaign are always there (`empty` otherwise)."""

    source: str
    medium: str
    campaign: str
    content: str | None = None
    term: str | None = None

    def __post_init__(self) -> None:
        for name in ("source", "medium", "campaign", "content", "term"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, clean_line(value, field=f"utm_{name}"))

    @property
    def parameters(self) -> dict[str, str]:
        named = {
            "utm_source": self.source,
            "utm_medium": self.medium,
            "utm_campaign": self.campaign,
            "utm_content": self.content,
            "utm_term": self.term,
        }
        return {name: value for name, value in named.items() if value is not None}

    def __str__(self) -> str:
        return urlencode(self.parameters, quote_via=quote)

    def tag(self, landing_page: str) -> str:
        """The page with these parameters in place of any UTM parameters it had; the rest of it stays as it is.

        Raises InvalidInput `bad_url` with the field `landing_page` for what is no http or https address, is longer
        than 2,048 characters with its parameters, or carries a password.
        """
        url = _split(landing_page)
        kept = [pair for pair in url.query.split("&") if pair and not _is_utm(pair)]
        tagged = urlunsplit(url._replace(query="&".join([*kept, str(self)])))
        if len(tagged) > LONGEST_URL:
            raise InvalidInput(
                f"With its parameters an address may have {LONGEST_URL} characters.", code="bad_url", field=FIELD
            )
        return tagged


@dataclass(frozen=True, slots=True)
class UtmDefaults:
    """What an advertiser's links always say, whatever the line is. None: what `utm_of` makes of the line."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    term: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None:
                object.__setattr__(self, each.name, clean_line(value, field=f"utm_{each.name}"))

    @property
    def said(self) -> dict[str, str]:
        each = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in each.items() if value is not None}

    def of(self, parts: NameParts, channel: Channel) -> Utm:
        """The parameters of a line by its parts, with these in their place."""
        return replace(utm_of(parts, channel), **self.said)


def utm_of(parts: NameParts, channel: Channel, *, content: str | None = None, term: str | None = None) -> Utm:
    """The parameters of a line by its parts: the vehicle (or else the channel) sends the visit. Values are slugs."""
    return Utm(
        slug(parts.vehicle or "") or slug(channel.value),
        MEDIUMS.get(channel) or f"paid-{slug(channel.value)}",
        slug(parts.campaign or "") or MISSING,
        content or slug(parts.format or "") or None,
        term,
    )


def _split(landing_page: str) -> SplitResult:
    # urlsplit drops tabs and line breaks silently, and a browser reads a backslash as a slash.
    if any(c.isspace() or not c.isprintable() or c == "\\" for c in landing_page):
        raise _bad(landing_page)
    try:
        url = urlsplit(landing_page)
        port_fits = url.port != 0
    except ValueError:
        raise _bad(landing_page) from None
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc or not port_fits:
        raise _bad(landing_page)
    return url


def _is_utm(pair: str) -> bool:
    return unquote_plus(pair.split("=")[0]).startswith("utm_")


def _bad(landing_page: str) -> InvalidInput:
    return InvalidInput(
        f"{landing_page[:100]!r} is not the http or https address of a page.", code="bad_url", field=FIELD
    )
