"""What is known of files, in both databases."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import NotFound
from domain.ids import FileId, new_id
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW, campaign, file


async def test_a_file_is_kept_as_it_is(world: World) -> None:
    actor = await world.new_actor()
    spring, created = campaign(actor)
    kept, uploaded = file(actor, "予算.csv", 2**40, spring.id, NOW + timedelta(days=1))
    async with world.begin(actor) as work:
        work.campaigns.add(spring)
        await work.commit(DONE, created)
    async with world.begin(actor) as work:
        work.files.add(kept)
        await work.commit(DONE, uploaded)
    async with world.begin(actor.only_reading()) as work:
        found = await work.files.get(kept.id)
    assert found is not kept
    assert vars(found).items() >= {key: value for key, value in vars(kept).items() if key[0] != "_"}.items()
    assert [row[:2] for row in await world.audit(actor)][-1] == ("file.uploaded", kept.id)


async def test_another_tenants_file_is_unknown(world: World) -> None:
    mine, other = await world.new_actor(), await world.new_actor()
    kept, _ = file(mine)
    async with world.begin(mine) as work:
        work.files.add(kept)
        await work.commit(DONE)
    async with world.begin(other) as work:
        assert await work.files.used() == 0
        assert await work.files.known([kept.id]) == set()
        for act in (work.files.get(kept.id), work.files.get(FileId(new_id()))):
            with pytest.raises(NotFound) as unknown:
                await act
            assert unknown.value.code == "file_not_found"


async def test_what_a_tenant_uses_is_the_sum_of_what_it_keeps(world: World) -> None:
    actor = await world.new_actor()
    files = [file(actor, size=size)[0] for size in (3, 4, 2**33)]
    async with world.begin(actor) as work:
        assert await work.files.used() == 0
        for one in files:
            work.files.add(one)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert await work.files.used() == 7 + 2**33
        await work.files.remove(await work.files.get(files[2].id))
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert await work.files.used() == 7
        asked = [one.id for one in files]
        assert await work.files.known(asked) == set(asked[:2])


async def test_of_two_that_bring_files_the_later_sees_what_the_first_brought(world: World) -> None:
    actor = await world.new_actor()
    seen = []

    async def bring() -> None:
        async with world.begin(actor) as work:
            seen.append(await work.files.used())
            await asyncio.sleep(0.02)
            work.files.add(file(actor, size=5)[0])
            await work.commit(DONE)

    await asyncio.gather(*(bring() for _ in range(3)))
    assert sorted(seen) == [0, 5, 10]


async def test_files_whose_time_is_over_come_in_order_and_in_batches(world: World) -> None:
    actor = await world.new_actor()
    ends = [timedelta(hours=hours) for hours in (2, 1, 3)]
    files = [file(actor, expires_at=NOW + end)[0] for end in ends]
    async with world.begin(actor) as work:
        for one in (*files, file(actor)[0]):
            work.files.add(one)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        assert await work.files.expired(NOW, 10) == []
        over = await work.files.expired(NOW + timedelta(hours=2), 10)
        assert [one.id for one in over] == [files[1].id, files[0].id]
        assert [one.id for one in await work.files.expired(NOW + timedelta(days=1), 1)] == [files[1].id]


async def test_a_file_is_removed_once(world: World) -> None:
    actor = await world.new_actor()
    kept, _ = file(actor)
    async with world.begin(actor) as work:
        work.files.add(kept)
        await work.commit(DONE)
    async with world.begin(actor) as late:
        mine = await late.files.get(kept.id)
        async with world.begin(actor) as work:
            await work.files.remove(await work.files.get(kept.id))
            await work.commit(DONE)
        with pytest.raises(NotFound):
            await late.files.remove(mine)
    async with world.begin(actor) as work:
        with pytest.raises(NotFound):
            await work.files.get(kept.id)
