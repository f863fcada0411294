from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import IllegalMove, InvalidInput
from domain.ids import CampaignId, TenantId, UserId, new_id
from domain.jobs import Job, JobKind, JobStatus
from domain.sessions import NEW_TITLE, AgentName, AgentSession

NOW = datetime(2027, 1, 5, tzinfo=UTC)


def session() -> AgentSession:
    opened, _ = AgentSession.open(TenantId(new_id()), UserId(new_id()), NOW)
    return opened


def test_a_conversation_takes_its_first_words_as_title_once() -> None:
    one = session()
    one.name_after("Create a spring campaign\nfor Northwind, $250k, March to April, conversions, and more words")
    assert one.title == "Create a spring campaign for Northwind, $250k, March to…"
    one.name_after("something else")
    assert one.title.startswith("Create a spring")


def test_words_that_cannot_be_shown_give_no_title() -> None:
    one = session()
    one.name_after("\u202e\x07")
    assert one.title == NEW_TITLE


def test_a_turn_leaves_its_agent_and_campaign() -> None:
    one, campaign = session(), new_id()
    one.remember({"active_agent": "planning", "active_campaign_id": str(campaign)}, NOW + timedelta(hours=1))
    assert (one.active_agent, one.active_campaign_id, one.version) == (AgentName.PLANNING, campaign, 2)
    one.remember({"active_agent": None, "active_campaign_id": None}, NOW)
    assert (one.active_agent, one.active_campaign_id) == (AgentName.PLANNING, campaign)


def test_a_key_that_a_session_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        session().remember({"active_agent": "planning", "is_admin": True}, NOW)
    assert (refused.value.code, refused.value.field) == ("unknown_state_key", "is_admin")


def test_renaming_keeps_a_line() -> None:
    one = session()
    change = one.rename("  Northwind  ", NOW)
    assert (one.title, change.before, change.after) == ("Northwind", {"title": NEW_TITLE}, {"title": "Northwind"})


def job() -> Job:
    made, _ = Job.request(
        JobKind.MEDIA_PLANNING, TenantId(new_id()), CampaignId(new_id()), None, {}, by=UserId(new_id()), now=NOW
    )
    return made


def test_a_job_goes_forward_only() -> None:
    one = job()
    one.started()
    one.progressed("allocate", 40)
    one.progressed("gather", 10)
    assert (one.step, one.percent) == ("gather", 40)
    one.complete({"number": 2}, NOW)
    assert (one.status, one.percent, one.ended_at) == (JobStatus.COMPLETED, 100, NOW)
    again: list[Callable[[], object]] = [
        lambda: one.fail("x", NOW),
        lambda: one.cancel(NOW),
        one.started,
        lambda: one.progressed("x", 1),
    ]
    for act in again:
        with pytest.raises(IllegalMove) as refused:
            act()
        assert refused.value.code == "job_ended"


def test_the_workflow_of_a_job_has_one_name() -> None:
    one = job()
    assert one.workflow_id == f"mp-{one.tenant_id}-{one.campaign_id}-{one.id}"
