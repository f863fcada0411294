"""A plan exported and drawn in a conversation: the file is there, and no link to it is written down."""

from domain.files import FilePurpose
from services.read_models import PageRequest
from tests.agents.conftest import Conversation, Talk

SPRING = "Create a spring campaign for Northwind, $250k, March to April, conversions"


async def _said(one: Conversation, message: str) -> tuple[str, str, dict[str, object]]:
    """The answer, everything that is kept of the turn, and its block."""
    turn = await one.say(message)
    rows = await one.rows(turn.id)
    (_tool,) = [row for row in rows if row.role == "tool"]
    blocks = [event.data["block"] for event in await one.events() if isinstance(event.data.get("block"), dict)]
    block = blocks[-1]
    assert isinstance(block, dict)
    return await one.answer(turn.id), repr([*rows, *await one.events()]), block


async def test_an_export_is_a_file_of_the_campaign_and_its_link_is_kept_nowhere(talk: Talk) -> None:
    one = await talk()
    await one.say(SPRING + ", then draft a plan on search, social and CTV")
    answer, kept, block = await _said(one, "Export the plan to Excel")
    (file,) = (await one.app.queries.files(one.actor, None, PageRequest())).items
    assert (file.purpose, file.name) == (FilePurpose.EXPORT, "Northwind Spring Campaign - plan v1.xlsx")
    assert f"The workbook “{file.name}” (" in answer
    assert block == {
        "kind": "file",
        "id": str(file.id),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
    }
    assert "/api/v1/files/" not in kept
    assert (await one.app.files.read(one.actor, file.id))[1].startswith(b"PK")


async def test_a_chart_is_shown_and_said(talk: Talk) -> None:
    one = await talk()
    await one.say(SPRING + ", then draft a plan on search, social and CTV")
    answer, _, block = await _said(one, "Show me the response curves")
    assert block["kind"] == "chart"
    assert "Search planned 1" in answer
    assert "at the optimum" in answer
