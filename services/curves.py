"""Response curves that a tenant keeps: brought as parameters or as points, used by new plans until they are retired."""

import csv
import io
from typing import Annotated

from pydantic import Field

from domain.channels import Channel
from domain.errors import InvalidInput, StaleVersion
from domain.ids import AdvertiserId, CampaignId, CurveId, FileId
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.curves.records import MOST_DRAWS, curve_from
from domain.planning.curves.rescaling import rescaled
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.tabulated import MOST_POINTS
from domain.stored_curves import LARGEST_CURVE_DAYS, StoredCurve
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.files import Files
from services.ports import Clock
from services.term_views import CurveView
from services.unit_of_work import Begin

Parameters = dict[Annotated[str, Field(max_length=40)], float]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Point(Command):
    spend: Number
    outcome: Number


class AddCurve(Command):
    """A family with its parameters, or points: given here, or the columns spend and outcome of a .csv file.

    Spends, and outcomes of value, are major units of the currency.
    """

    channel: Channel
    market: str | None = Field(default=None, max_length=80, description="Left out: it holds for all markets together.")
    advertiser_id: AdvertiserId | None = Field(default=None, description="Left out: for every advertiser.")
    campaign_id: CampaignId | None = Field(default=None, description="Left out: for every campaign.")
    counts: Outcome
    currency: str = Field(min_length=3, max_length=3)
    days: int = Field(ge=1, le=LARGEST_CURVE_DAYS, description="The period that spend and outcome are of.")
    origin: CurveOrigin = CurveOrigin.FITTED
    source: str = Field(min_length=1, max_length=2000)
    family: str | None = Field(
        default=None, max_length=40, description="hill, michaelis_menten, logarithmic, power, logistic_saturation."
    )
    parameters: Parameters | None = Field(default=None, max_length=10)
    draws: list[Parameters] = Field(default_factory=list, max_length=MOST_DRAWS, description="Of the posterior.")
    valid_from: Number = 0.0
    valid_to: Number | None = Field(default=None, description="Left out: the last point. A family needs it.")
    points: list[Point] | None = Field(default=None, max_length=MOST_POINTS)
    file_id: FileId | None = None

    def curve(self, points: list[Point] | None) -> ResponseCurve:
        """In minor units. Raises InvalidInput `bad_curve`, with the field that breaks the rule."""
        currency = self.currency.upper()
        minor = Money.of(1, currency).minor
        record = {
            "counts": self.counts.value,
            "currency": currency,
            "days": self.days,
            "origin": self.origin.value,
            "source": self.source,
            **(self._family() if points is None else self._tabulated(points)),
        }
        return rescaled(curve_from(record), spend=minor, outcome=minor if self.counts is Outcome.VALUE else 1)

    def _family(self) -> dict[str, object]:
        if self.family is None or self.parameters is None:
            raise InvalidInput(
                "A curve is a family with its parameters, points, or a file of points.",
                code="bad_curve",
                field="family",
            )
        if self.valid_to is None:
            raise InvalidInput("Up to which spend does it hold?", code="bad_curve", field="valid_to")
        return {
            "family": self.family,
            "parameters": self.parameters,
            "draws": self.draws,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }

    def _tabulated(self, points: list[Point]) -> dict[str, object]:
        if self.family is not None or self.draws:
            raise InvalidInput("Points have no family and no draws.", code="bad_curve", field="family")
        if len(points) < 2:
            raise InvalidInput("A curve needs two points at least.", code="bad_curve", field="points")
        return {
            "family": "tabulated",
            "parameters": {
                "spends": tuple(point.spend for point in points),
                "outcomes": tuple(point.outcome for point in points),
            },
            "valid_from": self.valid_from or points[0].spend,
            "valid_to": points[-1].spend if self.valid_to is None else self.valid_to,
        }


class Curves:
    """Whoever writes plans keeps curves: for one campaign, or in the whole tenant for all."""

    def __init__(self, begin: Begin, files: Files, clock: Clock) -> None:
        self._begin = begin
        self._files = files
        self._clock = clock

    async def add(self, actor: Actor, command: AddCurve) -> CurveView:
        """Raises InvalidInput `bad_curve`, and NotFound for a campaign, an advertiser or a file that is not there."""
        authorize(actor, Permission.PLAN_WRITE, command.campaign_id)
        curve = command.curve(await self._points(actor, command))
        async with self._begin(actor) as work:
            if done := await work.earlier(CurveView):
                return done
            if command.campaign_id is not None:
                await work.campaigns.get(command.campaign_id)
            if command.advertiser_id is not None:
                await work.advertisers.get(command.advertiser_id)
            stored, change = StoredCurve.add(
                actor.tenant_id,
                command.channel,
                curve,
                by=actor.user_id,
                now=self._clock.now(),
                market=command.market,
                advertiser_id=command.advertiser_id,
                campaign_id=command.campaign_id,
            )
            work.curves.add(stored)
            return await work.commit(CurveView.of(stored), change)

    async def retire(self, actor: Actor, curve_id: CurveId, *, expected: int | None = None) -> CurveView:
        async with self._begin(actor) as work:
            if done := await work.earlier(CurveView):
                return done
            stored = await work.curves.get(curve_id)
            authorize(actor, Permission.PLAN_WRITE, stored.campaign_id)
            if expected is not None and expected != stored.version:
                raise StaleVersion(f"The curve is at version {stored.version} by now.", current=stored.version)
            change = stored.retire()
            return await work.commit(CurveView.of(stored), change)

    async def _points(self, actor: Actor, command: AddCurve) -> list[Point] | None:
        given = [name for name in ("family", "points", "file_id") if getattr(command, name) is not None]
        if len(given) > 1:
            raise InvalidInput(
                f"Give one of family, points and file; not {' and '.join(given)}.", code="bad_curve", field=given[1]
            )
        if command.file_id is None:
            return command.points
        _, data = await self._files.read(actor, command.file_id)
        return points_in(data)


def points_in(data: bytes) -> list[Point]:
    """Of a .csv file whose first row names the columns spend and outcome. Raises InvalidInput `bad_csv`."""
    try:
        text = data.decode("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        heads = [head.strip().lower() for head in reader.fieldnames or ()]
        if not {"spend", "outcome"} <= set(heads):
            raise InvalidInput("The first row names the columns spend and outcome.", code="bad_csv", field="file_id")
        reader.fieldnames = heads
        points = []
        for row in reader:
            points.append(_point(row, reader.line_num))
            if len(points) > MOST_POINTS:
                raise InvalidInput(f"A curve may have {MOST_POINTS:,} points.", code="too_many_rows", field="file_id")
    except (UnicodeDecodeError, csv.Error) as malformed:
        raise InvalidInput(f"The file can't be read: {malformed}.", code="bad_csv", field="file_id") from None
    return points


def _point(row: dict[str, str], line: int) -> Point:
    try:
        return Point(spend=float(row["spend"] or ""), outcome=float(row["outcome"] or ""))
    except ValueError:
        raise InvalidInput(
            f"Row {line}: spend and outcome are numbers of 0 or more.", code="bad_rows", field="file_id", row=line
        ) from None
