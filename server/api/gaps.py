"""A gap in a session's log as AG-UI events: what the reader forgets, and what it goes on from."""

from typing import Any

from services.events import Gap

Event = dict[str, Any]


def gap_events(gap: Gap) -> list[Event]:
    """`gap` {after, seq, earlier}, then the session's state and latest messages; `earlier` ones may be asked for."""
    snapshot = gap.snapshot
    session = snapshot.session
    state = {
        "title": session.title,
        "activeAgent": session.active_agent,
        "activeCampaignId": str(session.active_campaign_id) if session.active_campaign_id else None,
    }
    messages = [{"id": one.id, "role": one.role, "content": one.text} for one in snapshot.messages if one.text]
    told = {"after": gap.after, "seq": snapshot.seq, "earlier": snapshot.earlier}
    return [
        {"type": "CUSTOM", "name": "gap", "value": told},
        {"type": "STATE_SNAPSHOT", "snapshot": state},
        {"type": "MESSAGES_SNAPSHOT", "messages": messages},
    ]
