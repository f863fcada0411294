"""`mediaplanner demo`: a conversation from campaign to summary over HTTP, and proof of what it left behind."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.errors import DomainError, Unavailable
from server.seed import DEMO_EMAIL, DEMO_PASSWORD
from server.settings import Settings
from server.terminal.account import Account
from server.terminal.chat import local_url
from server.terminal.client import ApiClient, Event, Json, connect
from server.terminal.evidence import Evidence, read_evidence
from server.terminal.own_server import own_server, probe_api
from server.terminal.rendering import plain
from server.terminal.screen import Screen, open_console

BUDGET_MINOR = 250_000_00
LEAST_SEARCH_MINOR = 50_000_00
MOVED_MINOR = 20_000_00
PATIENCE_SECONDS = 900.0  # the first build of Temporal takes minutes, and the job waits for it

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    session_id: str
    turns: int
    job_id: str


async def demo(settings: Settings) -> None:
    """Its last line is one JSON object. Raises DomainError `demo_failed` when anything is not as it must be."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), _server(settings, _print) as where:
            found = await _play_and_check(where)
    except Exception as error:
        reason = error.message if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
        _print(json.dumps({"demo": "failed", "reason": reason}))
        raise DomainError(f"the demo failed: {reason}", code="demo_failed") from error
    _print(json.dumps({"demo": "ok", **found, "seconds": round(time.monotonic() - started, 1)}))


@asynccontextmanager
async def _server(settings: Settings, say: Say) -> AsyncIterator[Settings]:
    """The one that runs, or one of our own."""
    url = local_url(settings)
    try:
        await probe_api(url)
    except Unavailable:
        say(f"no media planner runs at {url}: starting one in a temporary folder")
        async with own_server(settings) as own:
            yield own
    else:
        say(f"talking to the media planner at {url}")
        yield settings


async def _play_and_check(settings: Settings) -> dict[str, int]:
    async with connect(local_url(settings), Account(DEMO_EMAIL, DEMO_PASSWORD)) as client:
        before = await _campaigns(client)
        name = _unused_name({campaign["name"] for campaign in before})
        played = await Play(client, Screen(open_console(), echo=True)).conversation(name)
        known = {campaign["id"] for campaign in before}
        made = [campaign for campaign in await _campaigns(client) if campaign["id"] not in known]
        _must(
            [campaign["name"] for campaign in made] == [name], "the API shows exactly the campaign that was asked for"
        )
        jobs = await _check_api(client, made[0], played)
        campaign_id, session_id = UUID(made[0]["id"]), UUID(played.session_id)
        evidence = await read_evidence(settings, client.tenant.id, campaign_id, session_id)
        _check_database(evidence)
        return {"turns": played.turns, "campaigns": len(made), "plans": len(evidence.versions), "jobs_completed": jobs}


class Play:
    """The conversation itself, as a person would have it."""

    def __init__(self, client: ApiClient, screen: Screen) -> None:
        self._client = client
        self._screen = screen
        self._session_id = ""
        self._last = ""
        self._job_id = ""
        self._turns = 0

    async def conversation(self, name: str) -> Played:
        year = datetime.now(UTC).year + 1
        self._session_id = (await self._client.open_session())["id"]
        await self._say(f'Create a campaign "{name}" for Northwind: 250k USD, 1 April to 31 May {year}, conversions')
        await self._say("Draft a plan on search, social, CTV and display, with at least 40k on CTV")
        await self._say("Move 20k from search to social")
        await self._say("Keep CTV fixed, at least 50k on search, optimise the rest")
        await self._say("Run the planning workflow")
        await self._result_of_job()
        await self._say("Summarise the plan")
        return Played(self._session_id, self._turns, self._job_id)

    async def _say(self, message: str) -> None:
        self._screen.say(plain(f"\n› {message}"), style="bold")
        async for event in self._client.turn(self._session_id, message):
            self._take(event)
            _must(event.type != "RUN_ERROR", f"the turn is answered: {event.data.get('message')}")
            _must(not event.data.get("metadata", {}).get("refused"), f"nothing is refused: {event.data.get('content')}")
        self._turns += 1

    async def _result_of_job(self) -> None:
        """Waits for what the job posts when it is done: words, and the plan."""
        _must(bool(self._job_id), "a job was started")
        async for event in self._client.follow(self._session_id, self._last):
            self._take(event)
            job = event.custom("job") or {}
            _must(job.get("status") not in ("failed", "cancelled"), f"the job completes: it is {job.get('status')}")
            if event.type == "ACTIVITY_SNAPSHOT" and event.data["messageId"].startswith(f"job:{self._job_id}"):
                return

    def _take(self, event: Event) -> None:
        self._screen.show(event)
        self._last = event.id or self._last
        if job := event.custom("job"):
            self._job_id = job["jobId"]


async def _campaigns(client: ApiClient) -> list[Json]:
    page = await client.get("/campaigns", limit="200")
    found: list[Json] = page["items"]
    return found


def _unused_name(taken: set[str]) -> str:
    """The demo may be played many times in one house."""
    name, number = "Northwind Spring", 1
    while (numbered := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return numbered


async def _check_api(client: ApiClient, campaign: Json, played: Played) -> int:
    """How many of the campaign's jobs have completed."""
    _must(campaign["status"] == "planned", "the campaign is planned")
    page = await client.get(f"/campaigns/{campaign['id']}/plans")
    current = [version for version in page["items"] if version["current"]]
    _must([version["number"] for version in current] == [4], "four versions were saved, and the workflow's is current")
    job = await client.get(f"/jobs/{played.job_id}")
    _must(job["status"] == "completed" and job["percent"] == 100, "the job is completed")
    messages = await client.get(f"/sessions/{played.session_id}/messages", limit="200")
    _must(f"job:{played.job_id}" in {one["id"] for one in messages["items"]}, "the job's result is in the conversation")
    jobs = await client.get("/jobs", campaign_id=campaign["id"])
    return sum(one["status"] == "completed" for one in jobs["items"])


def _check_database(found: Evidence) -> None:
    _must(found.campaign["budget_minor"] == BUDGET_MINOR, "the database has the campaign's budget")
    _must([version.number for version in found.versions] == [1, 2, 3, 4], "the database has four plan versions")
    _must(found.current == 4, "the workflow's version is the current one")
    for version in found.versions:
        adds_up = version.total == sum(version.lines.values()) == version.weeks == BUDGET_MINOR
        _must(adds_up, f"lines and weeks of version {version.number} add up to the budget")
    drafted, revised, optimised, planned = (version.lines for version in found.versions)
    moved = {
        channel: revised[channel] - drafted[channel] for channel in drafted if revised[channel] != drafted[channel]
    }
    _must(moved == {"search": -MOVED_MINOR, "social": MOVED_MINOR}, "the revision moved 20k from search to social")
    _must(drafted["ctv"] == optimised["ctv"] == planned["ctv"], "CTV was kept")
    _must(optimised["search"] >= LEAST_SEARCH_MINOR, "search has its minimum")
    _must(found.jobs == ["completed"], "the database has one job, and it is completed")
    _must(found.messages > 0, "the database has the conversation")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise DomainError(f"not so: {what}", code="demo_failed")


def _print(line: str) -> None:
    print(line, flush=True)
