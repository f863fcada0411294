"""A tenant's own benchmarks: set, removed, brought in a file, and what lines are planned with."""

from datetime import date

from domain.benchmark_overrides import BenchmarkOverride
from domain.changes import Change
from domain.channels import Channel
from domain.errors import InvalidInput, LimitExceeded, NotFound
from domain.ids import BenchmarkId
from domain.planning.curves.own_figures import OwnBenchmark, benchmarks_on, refuse_incomplete
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.benchmark_commands import BenchmarkPlace, ImportBenchmarks, SetBenchmark
from services.benchmark_files import problem, read_rows, refuse, written
from services.files import Files
from services.ports import Clock
from services.term_views import BenchmarkInUse, BenchmarkView, Imported
from services.unit_of_work import Begin, UnitOfWork

MOST_OF_A_CURRENCY = 5_000


class OwnBenchmarks:
    """Whoever writes plans in the whole tenant says what media costs there."""

    def __init__(self, begin: Begin, files: Files, clock: Clock) -> None:
        self._begin = begin
        self._files = files
        self._clock = clock

    async def set(self, actor: Actor, command: SetBenchmark) -> BenchmarkView:
        """Raises InvalidInput for figures that break a rule; `benchmark_incomplete` where no default has the rest."""
        authorize(actor, Permission.PLAN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(BenchmarkView):
                return done
            wanted = command.own()
            known = await _of_currency(work, wanted.currency)
            found = known.get(wanted.key)
            if found is not None:
                wanted = found.own.amended(command.figures(), wanted.source)
            refuse_incomplete([one.own for one in known.values()], wanted)
            kept, change = self._keep(work, actor, found, wanted)
            _refuse_too_many(len(known) + (found is None))
            return await work.commit(BenchmarkView.of(kept), change)

    async def remove(self, actor: Actor, benchmark_id: BenchmarkId) -> BenchmarkView:
        authorize(actor, Permission.PLAN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(BenchmarkView):
                return done
            return await self._remove(work, await work.benchmarks.get(benchmark_id))

    async def remove_at(self, actor: Actor, place: BenchmarkPlace) -> BenchmarkView:
        """By what it is of. Raises NotFound `benchmark_not_found`, naming those that the channel has."""
        authorize(actor, Permission.PLAN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(BenchmarkView):
                return done
            return await self._remove(work, await _at(work, place))

    async def bring(self, actor: Actor, command: ImportBenchmarks) -> Imported:
        """Every row of the file, or none: each replaces what was set of its place. Raises InvalidInput `bad_rows`."""
        authorize(actor, Permission.PLAN_WRITE)
        _, data = await self._files.read(actor, command.file_id)
        rows = read_rows(data)
        async with self._begin(actor) as work:
            if done := await work.earlier(Imported):
                return done
            known = {
                key: found
                for currency in sorted({own.currency for own in rows.values()})
                for key, found in (await _of_currency(work, currency)).items()
            }
            _refuse_incomplete_rows(known, rows)
            changes = [self._keep(work, actor, known.get(own.key), own)[1] for own in rows.values()]
            added = sum(own.key not in known for own in rows.values())
            _refuse_too_many(len(known) + added)
            return await work.commit(Imported(added=added, changed=len(rows) - added), *changes)

    async def export(self, actor: Actor) -> str:
        """All of them as .csv, in the columns that `bring` reads."""
        authorize(actor, Permission.PLAN_READ)
        async with self._begin(actor.only_reading()) as work:
            return written(one.own for one in await work.benchmarks.all())

    async def in_use(
        self, actor: Actor, currency: str | None = None, market: str | None = None, day: date | None = None
    ) -> list[BenchmarkInUse]:
        """What flights that start on the day (today) are planned with, channel by channel; in the tenant's own currency
        if none is named."""
        authorize(actor, Permission.PLAN_READ)
        async with self._begin(actor.only_reading()) as work:
            if currency is None:
                currency = (await work.members.profile()).settings.default_currency
            currency = currency.upper()
            own = await work.benchmarks.in_currency(currency)
        benchmarks = benchmarks_on((one.own for one in own), day or self._clock.now().date())
        found = [benchmarks.find(channel, currency, market) for channel in Channel]
        return [BenchmarkInUse.of(one, market) for one in found if one is not None]

    def _keep(
        self, work: UnitOfWork, actor: Actor, found: BenchmarkOverride | None, own: OwnBenchmark
    ) -> tuple[BenchmarkOverride, Change]:
        now = self._clock.now()
        if found is not None:
            return found, found.set(own, by=actor.user_id, now=now)
        made, change = BenchmarkOverride.make(actor.tenant_id, own, by=actor.user_id, now=now)
        work.benchmarks.add(made)
        return made, change

    async def _remove(self, work: UnitOfWork, override: BenchmarkOverride) -> BenchmarkView:
        await work.benchmarks.remove(override)
        return await work.commit(BenchmarkView.of(override), override.removed())


async def _of_currency(work: UnitOfWork, currency: str) -> dict[object, BenchmarkOverride]:
    return {one.own.key: one for one in await work.benchmarks.in_currency(currency)}


async def _at(work: UnitOfWork, place: BenchmarkPlace) -> BenchmarkOverride:
    known = await work.benchmarks.in_currency(place.currency.upper())
    of_channel = [one for one in known if one.own.channel is place.channel]
    wanted = (place.market.casefold() if place.market else None, place.valid_from)
    for one in of_channel:
        if one.own.key[1] == wanted[0] and one.own.valid_from == wanted[1]:
            return one
    where = ", ".join(one.own.market or "every market" for one in of_channel)
    there = f"; there is one for {where}" if where else ""
    raise NotFound(
        f"There is no own benchmark of {place.channel.label} for {place.market or 'every market'} in "
        f"{place.currency.upper()}{there}.",
        code="benchmark_not_found",
        field="channel",
    )


def _refuse_incomplete_rows(known: dict[object, BenchmarkOverride], rows: dict[int, OwnBenchmark]) -> None:
    after: dict[object, OwnBenchmark] = {key: one.own for key, one in known.items()}
    after |= {own.key: own for own in rows.values()}
    problems = []
    for number, own in rows.items():
        try:
            refuse_incomplete(list(after.values()), own)
        except InvalidInput as refusal:
            problems.append(problem(number, refusal))
    refuse(problems)


def _refuse_too_many(count: int) -> None:
    if count > MOST_OF_A_CURRENCY:
        raise LimitExceeded(
            f"There may be {MOST_OF_A_CURRENCY:,} own benchmarks.", code="too_many_benchmarks", field="channel"
        )
