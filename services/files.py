"""Files: brought by people, written by the product, fetched by whoever may read what they belong to."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO

from pydantic import Field

from domain.errors import InvalidInput
from domain.files import ANY_TYPE, FileName, FilePurpose
from domain.ids import CampaignId, FileId
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.file_intake import Arrival, FileIntake, let_go
from services.file_links import Allowance
from services.file_views import FileLink, FileView, OpenFile, must_be_removable, readable
from services.gateways import FileStore, Secrets
from services.ports import Clock
from services.unit_of_work import Begin


class UploadFile(Command):
    name: str = Field(min_length=1, max_length=1_000, description="As it is called where it comes from.")
    media_type: str = Field(default=ANY_TYPE, max_length=200, description="As the client calls it.")
    campaign_id: CampaignId | None = Field(default=None, description="What it belongs to. None: to who brings it.")


@dataclass(frozen=True, slots=True)
class FileRules:
    limit: int = 20_000_000  # bytes of one file
    quota: int = 2_000_000_000  # bytes of all files of a tenant
    link_lasts: timedelta = timedelta(minutes=10)
    exports_last: timedelta = timedelta(days=30)  # they can be made again


class Files:
    """`address` is where people reach the product: links lead there."""

    def __init__(
        self,
        begin: Begin,
        store: FileStore,
        secrets: Secrets,
        clock: Clock,
        rules: FileRules,
        address: str,
    ) -> None:
        self._begin = begin
        self._store = store
        self._secrets = secrets
        self._clock = clock
        self._rules = rules
        self._address = address
        self._intake = FileIntake(begin, store, clock, limit=rules.limit, quota=rules.quota)

    async def upload(self, actor: Actor, command: UploadFile, content: BinaryIO) -> FileView:
        """Raises what FileName.of and domain.file_contents.inspect raise; TooLarge `file_quota_spent`; NotFound
        `campaign_not_found`.

        Under one effect key another name or content is another file. `content` stays open.
        """
        authorize(actor, Permission.FILE_UPLOAD, command.campaign_id)
        name = FileName.of(command.name)
        if not name.kind.is_called(command.media_type):
            reason = f"The file is called .{name.kind}, but was sent as {command.media_type}."
            raise InvalidInput(reason, code="file_content_mismatch", field="file")
        arrival = Arrival(name, FilePurpose.UPLOAD, content, command.campaign_id, keyed_by_content=True)
        return await self._intake.take(actor, arrival)

    async def keep(
        self,
        actor: Actor,
        name: str,
        media_type: str,
        data: bytes,
        *,
        purpose: FilePurpose = FilePurpose.EXPORT,
        campaign_id: CampaignId | None = None,
    ) -> FileView:
        """What the product has written for the actor, with a link to it.

        The one unit of work of the command that asks for it. Raises as `upload`: our own files keep the same rules.
        """
        authorize(actor, Permission.EXPORT_CREATE, campaign_id)
        named = FileName.of(name)
        if media_type != named.kind.media_type:
            raise InvalidInput(f"A .{named.kind} file is no {media_type}.", code="file_content_mismatch", field="file")
        ends = self._clock.now() + self._rules.exports_last if purpose is FilePurpose.EXPORT else None
        arrival = Arrival(named, purpose, io.BytesIO(data), campaign_id, expires_at=ends)
        view = await self._intake.take(actor, arrival)
        return view.model_copy(update={"link": await self.link(actor, view.id)})

    async def open(self, actor: Actor, file_id: FileId) -> OpenFile:
        """Raises NotFound `file_not_found`, also for what the actor may not read."""
        async with self._begin(actor.only_reading()) as work:
            view = FileView.model_validate(readable(actor, await work.files.get(file_id), self._clock.now()))
        return OpenFile(view, await self._store.open(actor.tenant_id, file_id))

    async def read(self, actor: Actor, file_id: FileId) -> tuple[FileView, bytes]:
        """As `open`, all at once: a file has no more bytes than the rules allow."""
        opened = await self.open(actor, file_id)
        return opened.view, b"".join([piece async for piece in opened.pieces])

    async def link(self, actor: Actor, file_id: FileId) -> FileLink:
        """For the actor's person alone: it opens what they may read when it is followed. Each one is in the audit."""
        actor = actor.through(replace(actor.origin, effect_key=None))  # an effect is kept, and a link is a secret
        until = (self._clock.now() + self._rules.link_lasts).replace(microsecond=0)
        allowed = Allowance(actor.tenant_id, file_id, actor.user_id, until)
        url = f"{self._address}/api/v1/files/{allowed.token(self._secrets)}"
        async with self._begin(actor) as work:
            file = readable(actor, await work.files.get(file_id), self._clock.now())
            return await work.commit(FileLink(url=url, expires_at=until), file.linked(until))

    def allowed(self, token: str) -> Allowance:
        """What the token of a link allows; whoever follows it enters the tenant as its person, and opens the file.

        Raises NotFound `link_not_found`, Forbidden `link_expired`.
        """
        return Allowance.read(token, self._secrets, self._clock.now())

    async def delete(self, actor: Actor, file_id: FileId) -> FileView:
        """Raises NotFound `file_not_found`, Forbidden `not_permitted`."""
        async with self._begin(actor) as work:
            if done := await work.earlier(FileView):
                return done
            file = readable(actor, await work.files.get(file_id), self._clock.now())
            must_be_removable(actor, file)
            await work.files.remove(file)
            view = await work.commit(FileView.model_validate(file), file.removed())
        await let_go(self._store, actor.tenant_id, file_id)
        return view
