"""What the language room knows beside the words: the tenant's settings, the day, the open campaign, attached files."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

from domain.channels import Channel

_BLOCK = re.compile(r"^<context>(\{.*\})</context>[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ActiveCampaign:
    id: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Context:
    """`today` is the tenant's calendar day; `fiscal_year_start` a month 1–12; `week_start` an English weekday."""

    today: date
    locale: str = "en-US"
    timezone: str = "UTC"
    default_currency: str = "USD"
    week_start: str = "monday"
    fiscal_year_start: int = 1
    active_campaign: ActiveCampaign | None = None
    channels_of_plan: tuple[Channel, ...] = ()
    agent: str = ""
    attached: tuple[str, ...] = ()  # names of the files that came with the message

    @property
    def currency(self) -> str:
        """Of the campaign that is spoken about, else the tenant's."""
        return self.active_campaign.currency if self.active_campaign else self.default_currency

    @classmethod
    def of_prompt(cls, prompt: str) -> Self:
        """From the last `<context>{json}</context>` line of a system prompt; defaults where it says nothing."""
        blocks = _BLOCK.findall(prompt)
        try:
            raw = json.loads(blocks[-1]) if blocks else {}
        except json.JSONDecodeError:
            raw = {}
        return cls.of_json(raw)

    @classmethod
    def of_json(cls, raw: dict[str, Any]) -> Self:
        today = raw.get("today")
        active = raw.get("active_campaign")
        return cls(
            today=date.fromisoformat(today[:10]) if today else datetime.now(UTC).date(),
            locale=raw.get("locale") or "en-US",
            timezone=raw.get("timezone") or "UTC",
            default_currency=raw.get("default_currency") or "USD",
            week_start=(raw.get("week_start") or "monday").lower(),
            fiscal_year_start=int(raw.get("fiscal_year_start") or 1),
            active_campaign=ActiveCampaign(active["id"], active["name"], active["currency"]) if active else None,
            channels_of_plan=tuple(Channel(value) for value in raw.get("channels_of_plan") or ()),
            agent=raw.get("agent") or "",
            attached=tuple(raw.get("attached") or ()),
        )
