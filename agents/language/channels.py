"""Channels and what people call them."""

import re

from domain.channels import Channel

SYNONYMS: dict[Channel, str] = {
    Channel.CTV: r"(?:connected|smart|streaming|internet)[ -]?tvs?|ctv|ott|netflix|hulu|roku|streaming video",
    Channel.LINEAR_TV: r"linear[ _-]?tv|(?:broadcast|traditional|classic|cable)[ -]tv|tv(?: spots?| ads?)?|television",
    Channel.RETAIL_MEDIA: r"retail[ _-]media|amazon(?: ads?| advertising)?|instacart|walmart connect",
    Channel.SPONSORED_INTELLIGENCE: r"sponsored[ _-]intelligence|ai chat ads?|chatgpt(?: ads?)?",
    Channel.STREAMING_AUDIO: (
        r"streaming[ _-]audio|audio streaming|digital audio|online audio|music streaming|spotify|pandora"
    ),
    Channel.PRODUCT_PLACEMENT: r"product[ _-]placements?",
    Channel.PODCAST: r"podcasts?|podcast ads?",
    Channel.RADIO: r"radio(?: spots?| ads?)?",
    Channel.DOOH: r"dooh|digital (?:out[ -]of[ -]home|ooh|billboards?|screens?|signage)",
    Channel.OOH: r"ooh|out[ -]of[ -]home|billboards?|posters?|outdoor(?: ads?| advertising)?",
    Channel.PRINT: r"print ads?|newspapers?|magazines?|print",
    Channel.CINEMA: r"cinemas?|movie theat(?:er|re)s?",
    Channel.EMAIL: r"e-?mails?|newsletters?",
    Channel.GAMING: r"(?:in-?game|video ?game) ads?|in-?game|gaming",
    Channel.INFLUENCER: r"influencers?(?: marketing)?|creators?",
    Channel.AFFILIATE: r"affiliates?(?: marketing)?",
    Channel.OLV: r"olv|(?:online|digital)[ -]videos?|video ads?|videos?|you ?tube(?: ads?)?",
    Channel.SOCIAL: (
        r"(?:paid[ -])?social(?:[ -]media)?(?: ads?)?|facebook(?: ads?)?|instagram(?: ads?)?|tik ?tok|linked ?in"
        r"|snapchat|pinterest|twitter|meta ads?|meta"
    ),
    Channel.SEARCH: r"(?:paid[ -])?search(?: ads?| engines?)?|google(?: ads?| search)?|bing|ppc|sem|adwords",
    Channel.DISPLAY: r"(?:programmatic[ -])?display(?: ads?| banners?)?|banners?(?: ads?)?|programmatic|gdn",
}

# "search for campaigns", "display the plan", "print it", "email me" name no channel; "50k on search for Acme" does.
_VERB = re.compile(
    r"(?:search|display|print|email)\s+(?:for|through|me|us|my|the|all|our|it|this|that|a|every|out)\b", re.I
)
_PREPOSITION = re.compile(r"(?:\b(?:on|and|to|from|for|of|in|with|into|or|than)(?:\s+the)?)\s+$", re.I)

PATTERN = re.compile(
    r"(?<![\w'-])(?:"
    + "|".join(f"(?P<{channel.value}>{words})" for channel, words in SYNONYMS.items())
    + r")(?![\w'])",
    re.IGNORECASE,
)


def channel(match: re.Match[str]) -> Channel | None:
    if _VERB.match(match.string, match.start()) and not _PREPOSITION.search(
        match.string, max(0, match.start() - 12), match.start()
    ):
        return None
    return Channel(str(match.lastgroup))
