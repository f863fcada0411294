"""Files: who may bring, fetch and remove which, and what is left when something fails in between."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from domain.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooLarge, Unavailable
from domain.files import FilePurpose
from domain.ids import CampaignId, FileId, TenantId, new_id
from domain.tenants import Permission, Role
from server.identity.derived import DerivedSecrets
from services.actor import Actor
from services.file_upkeep import UNDER_WAY, FileUpkeep
from services.file_views import FileLink, FileView, OpenFile
from services.files import FileRules, Files, UploadFile
from services.sign_in import SignIn
from services.unit_of_work import Begin, UnitOfWork
from tests.drivers import SERVER_SECRET
from tests.fakes.files import InMemoryFileStore
from tests.services.conftest import InMemory, keyed, without
from tests.workbooks import workbook

RULES = FileRules(limit=1_000, quota=1_500)
ADDRESS = "https://plans.example"
CSV = b"channel,budget\nsearch,100\n"


@dataclass(frozen=True)
class Shelf:
    memory: InMemory
    store: InMemoryFileStore
    files: Files
    upkeep: FileUpkeep

    async def upload(self, actor: Actor, name: str = "plan.csv", data: bytes = CSV, **of: object) -> FileView:
        command = UploadFile.model_validate({"name": name, **of})
        return await self.files.upload(actor, command, io.BytesIO(data))

    async def follow(self, token: str) -> OpenFile:
        """As the route does it."""
        allowed = self.files.allowed(token)
        sign_in = SignIn(self.memory.directory, self.memory.clock)
        return await self.files.open(await sign_in.enter(allowed.user_id, allowed.tenant_id), allowed.file_id)

    def everything(self) -> tuple[object, ...]:
        return self.memory.written(), dict(self.store.bytes)


def _shelf(memory: InMemory, begin: Begin | None = None) -> Shelf:
    store, directory = InMemoryFileStore(memory.clock), memory.directory
    begin = begin or memory.begin
    files = Files(
        begin,
        store,
        DerivedSecrets(SERVER_SECRET),
        memory.clock,
        RULES,
        ADDRESS,
    )
    upkeep = FileUpkeep(begin, store, directory.all_tenants, directory.erased_tenants, memory.clock)
    return Shelf(memory, store, files, upkeep)


@pytest.fixture
def shelf(memory: InMemory) -> Shelf:
    return _shelf(memory)


async def _data(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def _token(view: FileView) -> str:
    assert view.link
    return _token_of(view.link)


async def test_what_was_brought_is_fetched_as_it_was(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    view = await shelf.upload(owner, "Größe.csv", media_type="text/csv")
    assert (view.name, view.media_type, view.size) == ("Größe.csv", "text/csv", len(CSV))
    assert (view.purpose, view.created_by, view.expires_at) == (FilePurpose.UPLOAD, owner.user_id, None)
    opened = await shelf.files.open(owner, view.id)
    assert (opened.view, await _data(opened.pieces)) == (view, CSV)
    assert await shelf.files.read(owner, view.id) == (view, CSV)
    assert shelf.memory.actions(owner.tenant_id) == ["file.uploaded"]


@pytest.mark.parametrize(
    ("name", "data", "media_type", "code"),
    [
        ("plan.xlsm", workbook(), "", "file_type_not_allowed"),
        ("plan.xlsx", CSV, "", "file_content_mismatch"),
        ("plan.csv", CSV, "image/png", "file_content_mismatch"),
        ("plan.csv", b"", "", "empty_file"),
        ("plan.csv", CSV * 100, "", "file_too_large"),
    ],
)
async def test_what_is_refused_changes_nothing(
    shelf: Shelf, name: str, data: bytes, media_type: str, code: str
) -> None:
    owner = shelf.memory.owner()
    before = shelf.everything()
    with pytest.raises((InvalidInput, TooLarge)) as refused:
        await shelf.upload(owner, name, data, media_type=media_type)
    assert refused.value.code == code
    assert shelf.everything() == before


async def test_a_tenants_quota_is_its_own_and_comes_back_with_what_is_removed(shelf: Shelf) -> None:
    owner, other = shelf.memory.owner(), shelf.memory.owner()
    first = await shelf.upload(owner, data=b"a" * 900)
    before = shelf.everything()
    with pytest.raises(TooLarge) as refused:
        await shelf.upload(owner, data=b"a" * 601)
    assert refused.value.code == "file_quota_spent"
    assert shelf.everything() == before
    await shelf.upload(other, data=b"a" * 601)
    await shelf.files.delete(owner, first.id)
    await shelf.upload(owner, data=b"a" * 601)


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_bring_a_file(shelf: Shelf, role: Role) -> None:
    owner = shelf.memory.owner()
    member = shelf.memory.colleague(owner, role)
    if role is Role.VIEWER:
        with pytest.raises(Forbidden) as refused:
            await shelf.upload(member)
        assert refused.value.details["permission"] == Permission.FILE_UPLOAD
        assert not shelf.store.bytes
    else:
        assert (await shelf.upload(member)).created_by == member.user_id


async def test_a_planner_of_one_campaign_brings_files_there_alone(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    mine, other = await shelf.memory.campaign(owner), await shelf.memory.campaign(owner, "Autumn")
    viewer = shelf.memory.colleague(owner, Role.VIEWER)
    planner = replace(viewer, grants={mine.id: Role.PLANNER.permissions})
    assert (await shelf.upload(planner, campaign_id=mine.id)).campaign_id == mine.id
    for campaign in (other.id, None):
        with pytest.raises(Forbidden):
            await shelf.upload(planner, campaign_id=campaign)


async def test_a_file_of_no_campaign_of_ours_is_refused_and_leaves_nothing(shelf: Shelf) -> None:
    owner, stranger = shelf.memory.owner(), shelf.memory.owner()
    theirs = await shelf.memory.campaign(stranger)
    for campaign_id in (theirs.id, CampaignId(new_id())):
        with pytest.raises(NotFound) as refused:
            await shelf.upload(owner, campaign_id=campaign_id)
        assert refused.value.code == "campaign_not_found"
    assert not shelf.store.bytes


async def test_a_campaigns_files_are_everybodys_who_reads_its_plan_and_others_their_makers(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    viewer, analyst = (shelf.memory.colleague(owner, role) for role in (Role.VIEWER, Role.ANALYST))
    campaign = await shelf.memory.campaign(owner)
    shared, own = await shelf.upload(analyst, campaign_id=campaign.id), await shelf.upload(analyst)
    for reader, file, seen in (
        *((viewer, shared, True), (viewer, own, False)),
        *((analyst, shared, True), (analyst, own, True)),
        *((owner, shared, True), (owner, own, True)),
        *((without(viewer, Permission.PLAN_READ), shared, False), (without(analyst, Permission.PLAN_READ), own, False)),
        *((shelf.memory.owner(), shared, False), (shelf.memory.owner(), own, False)),
    ):
        if seen:
            assert (await shelf.files.read(reader, file.id))[1] == CSV
            continue
        for act in (shelf.files.open, shelf.files.link, shelf.files.delete):
            with pytest.raises(NotFound) as unknown:
                await act(reader, file.id)
            assert unknown.value.code == "file_not_found"


async def test_who_may_remove_what(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    viewer, analyst, planner = (
        shelf.memory.colleague(owner, role) for role in (Role.VIEWER, Role.ANALYST, Role.PLANNER)
    )
    campaign = await shelf.memory.campaign(owner)
    own, shared, owners = [
        await shelf.upload(by, campaign_id=of)
        for by, of in ((analyst, None), (analyst, campaign.id), (owner, campaign.id))
    ]
    for who in (viewer, analyst):
        with pytest.raises(Forbidden):
            await shelf.files.delete(who, owners.id)
    with pytest.raises(Forbidden):  # a token of theirs that has no right to files
        await shelf.files.delete(analyst.only({Permission.PLAN_READ}), own.id)
    for who, file in ((analyst, own), (planner, shared), (owner, owners)):
        assert await shelf.files.delete(who, file.id) == file
        with pytest.raises(NotFound):
            await shelf.files.open(owner, file.id)
    assert not shelf.store.bytes
    assert shelf.memory.actions(owner.tenant_id)[-3:] == ["file.removed"] * 3


async def test_the_same_command_is_one_file_and_another_content_another(shelf: Shelf) -> None:
    actor = keyed(shelf.memory.owner())
    first = await shelf.upload(actor)
    assert await shelf.upload(actor) == first
    assert (await shelf.upload(actor, data=CSV + b"ctv,1\n")).id != first.id
    assert len(shelf.store.bytes) == 2
    await shelf.files.delete(keyed(actor, "delete"), first.id)
    assert (await shelf.files.delete(keyed(actor, "delete"), first.id)).id == first.id


async def test_an_export_comes_with_a_link_and_ends_by_itself(shelf: Shelf) -> None:
    actor, clock = keyed(shelf.memory.owner()), shelf.memory.clock
    media_type = "application/json"
    view = await shelf.files.keep(actor, "plan.json", media_type, b"{}")
    assert (view.purpose, view.media_type) == (FilePurpose.EXPORT, media_type)
    assert view.expires_at == clock.now() + RULES.exports_last
    assert await _data((await shelf.follow(_token(view))).pieces) == b"{}"
    again = await shelf.files.keep(actor, "plan.json", media_type, b'{"later": 1}')
    assert again.id == view.id, "a command that runs again has its first result"
    assert "url" not in repr(shelf.memory.database.rows["effects"]), "a link is a secret"
    assert set(shelf.memory.actions(actor.tenant_id)) == {"file.exported", "file.linked"}
    clock.advance(days=31)
    with pytest.raises(NotFound):
        await shelf.files.open(actor, view.id)
    await shelf.upkeep.clear_due()
    assert not shelf.store.bytes
    assert not shelf.memory.database.rows["files"]
    assert shelf.memory.actions(actor.tenant_id)[-1] == "file.removed"


async def test_an_export_keeps_the_rules_and_needs_its_right(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    with pytest.raises(Forbidden):
        await shelf.files.keep(shelf.memory.colleague(owner, Role.VIEWER), "a.csv", "text/csv", CSV)
    for name, media_type, code in (
        ("a.csv", "text/plain", "file_content_mismatch"),
        ("a.exe", "text/csv", "file_type_not_allowed"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await shelf.files.keep(owner, name, media_type, CSV)
        assert refused.value.code == code


async def test_a_link_opens_one_file_for_its_person_and_for_a_while(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    view = await shelf.upload(owner)
    link = await shelf.files.link(keyed(owner), view.id)
    assert link.url.startswith(f"{ADDRESS}/api/v1/files/")
    token = link.url.rpartition("/")[2]
    opened = await shelf.follow(token)
    assert (opened.view.id, await _data(opened.pieces)) == (view.id, CSV)
    shelf.memory.clock.advance(minutes=9, seconds=59)
    await shelf.follow(token)
    shelf.memory.clock.advance(seconds=1)
    with pytest.raises(Forbidden) as expired:
        await shelf.follow(token)
    assert expired.value.code == "link_expired"


async def test_no_link_can_be_made_up_or_changed(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    token = _token_of(await shelf.files.link(owner, (await shelf.upload(owner)).id))
    other = _token_of(await shelf.files.link(owner, (await shelf.upload(owner)).id))
    (packed, code), (_, others) = token.split("."), other.split(".")
    changed = [packed[:at] + ("A" if packed[at] != "A" else "B") + packed[at + 1 :] for at in range(len(packed))]
    wrong = [f"{one}.{code}" for one in changed]
    for made_up in (
        *wrong,
        f"{packed}.{others}",
        packed,
        f"{token}=",
        f" {token}",
        f"{token}\n",
        "",
        "é" * 116,
        "../x",
    ):
        with pytest.raises(NotFound) as unknown:
            await shelf.follow(made_up)
        assert unknown.value.code == "link_not_found"


def _token_of(link: FileLink) -> str:
    return link.url.rpartition("/")[2]


async def test_a_link_ends_with_what_it_stands_on(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    members = [shelf.memory.colleague(owner, Role.ANALYST) for _ in range(2)]
    tokens = [
        _token_of(await shelf.files.link(one, (await shelf.upload(one, data=CSV)).id)) for one in (*members, owner)
    ]
    del shelf.memory.database.rows["memberships"][owner.tenant_id, members[0].user_id]
    with pytest.raises(NotFound) as removed:
        await shelf.follow(tokens[0])
    assert removed.value.code == "tenant_not_found"
    await shelf.files.delete(members[1], shelf.files.allowed(tokens[1]).file_id)
    with pytest.raises(NotFound) as gone:
        await shelf.follow(tokens[1])
    assert gone.value.code == "file_not_found"
    await shelf.memory.tenants.suspend(owner)
    with pytest.raises(Forbidden) as suspended:
        await shelf.follow(tokens[2])
    assert suspended.value.code == "tenant_suspended"


async def test_a_store_that_is_away_changes_nothing_and_says_so(shelf: Shelf) -> None:
    owner = shelf.memory.owner()
    view = await shelf.upload(owner)
    rows = shelf.memory.written()
    shelf.store.away = True
    for act in (shelf.upload(owner), shelf.files.read(owner, view.id)):
        with pytest.raises(Unavailable) as away:
            await act
        assert away.value.code == "files_away"
    assert shelf.memory.written() == rows
    await shelf.files.delete(owner, view.id)
    await shelf.upkeep.clear_due()
    assert len(shelf.store.bytes) == 1, "its bytes wait for the store to come back"
    shelf.store.away = False
    shelf.memory.clock.advance(hours=2)
    await shelf.upkeep.clear_due()
    assert not shelf.store.bytes


def _failing(begin: Begin, error: DomainError, *, afterwards: bool) -> Begin:
    """Every unit of work fails with `error`: before anything is done, or when all of it is done."""

    @asynccontextmanager
    async def begun(actor: Actor) -> AsyncIterator[UnitOfWork]:
        if not afterwards:
            raise error
        async with begin(actor) as work:
            yield work
        raise error

    return begun


async def test_bytes_without_a_row_go_at_once_where_that_is_sure(memory: InMemory) -> None:
    owner = memory.owner()
    shelf = _shelf(memory, _failing(memory.begin, Conflict("Too late."), afterwards=False))
    with pytest.raises(Conflict):
        await shelf.upload(owner)
    assert not shelf.store.bytes


@pytest.mark.parametrize("afterwards", [False, True])
async def test_where_it_is_not_sure_they_are_left_to_the_upkeep(memory: InMemory, afterwards: bool) -> None:
    """A connection that breaks off in the commit says nothing of whether it was made."""
    owner = memory.owner()
    broken = _failing(memory.begin, Unavailable("The database can't be reached."), afterwards=afterwards)
    shelf = _shelf(memory, broken)
    with pytest.raises(Unavailable):
        await shelf.upload(owner)
    assert len(shelf.store.bytes) == 1
    upkeep = FileUpkeep(
        memory.begin, shelf.store, memory.directory.all_tenants, memory.directory.erased_tenants, memory.clock
    )
    memory.clock.advance(seconds=UNDER_WAY.total_seconds() - 1)
    await upkeep.clear_due()
    assert len(shelf.store.bytes) == 1, "somebody may be about to enter its row"
    memory.clock.advance(seconds=2)
    await upkeep.clear_due()
    assert len(shelf.store.bytes) == (1 if afterwards else 0)


async def test_the_upkeep_leaves_no_bytes_of_erased_tenants_and_touches_no_unknown_ones(shelf: Shelf) -> None:
    owner, unknown = shelf.memory.owner(), TenantId(new_id())
    await shelf.upload(owner)
    shelf.store.bytes[unknown, FileId(new_id())] = (b"another deployment's", shelf.memory.clock.now())
    shelf.memory.database.rows["tenants"][owner.tenant_id,].erase()
    shelf.memory.clock.advance(hours=2)
    await shelf.upkeep.clear_due()
    assert [tenant for tenant, _ in shelf.store.bytes] == [unknown]
