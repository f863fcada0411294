"""Bringing plans in, over the twins in memory and the readers as they are."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.ids import CampaignId, FileId
from server.documents.readers import PlanFileReader
from server.identity.derived import DerivedSecrets
from services.actor import Actor
from services.file_views import FileView
from services.files import FileRules, Files, UploadFile
from services.plan_import_commands import CommitImport, ImportSource
from services.plan_import_views import ImportPreview
from services.plan_imports import PlanImports
from services.queries import PlanView
from tests.drivers import SERVER_SECRET
from tests.fakes.files import InMemoryFileStore
from tests.services.conftest import InMemory

PLANS = Path(__file__).parent.parent / "fixtures" / "plans"


@dataclass(frozen=True)
class Counter:
    """Where documents are handed in."""

    memory: InMemory
    files: Files
    imports: PlanImports

    async def upload(self, actor: Actor, data: bytes | str, name: str = "plan.csv") -> FileView:
        content = data.encode() if isinstance(data, str) else data
        return await self.files.upload(actor, UploadFile(name=name), io.BytesIO(content))

    async def preview(
        self, actor: Actor, campaign_id: CampaignId | None, data: bytes | str, called: str = "plan.csv", **reading: Any
    ) -> ImportPreview:
        file = await self.upload(actor, data, called)
        return await self.look(actor, campaign_id, file.id, **reading)

    async def look(
        self, actor: Actor, campaign_id: CampaignId | None, file_id: FileId, **reading: Any
    ) -> ImportPreview:
        return await self.imports.preview(actor, campaign_id, source(file_id, **reading))

    async def commit(
        self, actor: Actor, shown: ImportPreview, campaign_id: CampaignId | None = None, **said: Any
    ) -> PlanView:
        command = CommitImport.model_validate({"file_id": shown.file_id, "digest": shown.digest, **said})
        return await self.imports.commit(actor, campaign_id or shown.campaign_id, command)


def source(file_id: FileId, **reading: Any) -> ImportSource:
    return ImportSource.model_validate({"file_id": file_id, **reading})


@pytest.fixture
def counter(memory: InMemory) -> Counter:
    store = InMemoryFileStore(memory.clock)
    secrets = DerivedSecrets(SERVER_SECRET)
    files = Files(memory.begin, store, secrets, memory.clock, FileRules(), "https://plans.example")
    return Counter(memory, files, PlanImports(memory.begin, files, PlanFileReader(), memory.clock))
