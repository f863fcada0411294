"""The channels a plan can use (AdCP's twenty values, and one for the rest) and the models media is priced in."""

from enum import StrEnum


class Channel(StrEnum):
    DISPLAY = "display"
    OLV = "olv"
    SOCIAL = "social"
    SEARCH = "search"
    CTV = "ctv"
    LINEAR_TV = "linear_tv"
    RADIO = "radio"
    STREAMING_AUDIO = "streaming_audio"
    PODCAST = "podcast"
    DOOH = "dooh"
    OOH = "ooh"
    PRINT = "print"
    CINEMA = "cinema"
    EMAIL = "email"
    GAMING = "gaming"
    RETAIL_MEDIA = "retail_media"
    INFLUENCER = "influencer"
    AFFILIATE = "affiliate"
    PRODUCT_PLACEMENT = "product_placement"
    SPONSORED_INTELLIGENCE = "sponsored_intelligence"
    OTHER = "other"  # what the list does not have; an imported document's own word for it is kept with the line

    @property
    def label(self) -> str:
        """The name a planner reads: "Search", "CTV", "Online video"."""
        return _LABELS.get(self, self.value.replace("_", " ").capitalize())


_LABELS = {
    Channel.OLV: "Online video",
    Channel.CTV: "CTV",
    Channel.LINEAR_TV: "Linear TV",
    Channel.DOOH: "Digital out-of-home",
    Channel.OOH: "Out-of-home",
}


class ChannelFamily(StrEnum):
    """Channels that planners speak of as one: "no more than 60 % on video"."""

    VIDEO = "video"
    AUDIO = "audio"
    OUT_OF_HOME = "out_of_home"
    DIGITAL = "digital"

    @property
    def label(self) -> str:
        return self.value.replace("_", "-").capitalize()

    @property
    def channels(self) -> frozenset[Channel]:
        return _FAMILIES[self]


_FAMILIES = {
    ChannelFamily.VIDEO: frozenset({Channel.OLV, Channel.CTV, Channel.LINEAR_TV, Channel.CINEMA}),
    ChannelFamily.AUDIO: frozenset({Channel.RADIO, Channel.STREAMING_AUDIO, Channel.PODCAST}),
    ChannelFamily.OUT_OF_HOME: frozenset({Channel.OOH, Channel.DOOH}),
    ChannelFamily.DIGITAL: frozenset(Channel)
    - {Channel.LINEAR_TV, Channel.RADIO, Channel.OOH, Channel.PRINT, Channel.CINEMA, Channel.OTHER},
}


class PricingModel(StrEnum):
    CPM = "cpm"
    VCPM = "vcpm"
    CPC = "cpc"
    CPCV = "cpcv"
    CPV = "cpv"
    CPA = "cpa"
    CPP = "cpp"
    FLAT_RATE = "flat_rate"
    TIME = "time"
    REVENUE_SHARE = "revenue_share"
