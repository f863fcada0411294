"""mediaplanschema 3.0 that comes in. Nothing of it is lost: what has no place in a plan goes along with it.

A line keeps, under `extension["mediaplanschema"]`, the fields that a plan has no place for, its own id and word for the
channel, and its figures of cost and delivery; None stands for a field that a plan has and the document has not.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from domain.errors import DomainError, InvalidInput, Unsupported
from domain.fees import BudgetBasis, Fee, FeeBasis, FeeKind
from domain.plans.imports.document import STANDARD, CampaignFacts, PlanDocumentRead
from domain.plans.imports.lines import must_be_few
from domain.plans.imports.proposal import ImportProblem, StatedLine, StatedRate, note
from domain.plans.imports.words import CHANNELS, plain
from server.documents.mediaplan_own import own_properties, with_own
from server.documents.mediaplan_schema import VERSION, problems_of
from server.documents.reading_limits import is_text

_FEES: Mapping[str, FeeKind] = {
    "cost_buying": FeeKind.COMMISSION,
    "cost_platform": FeeKind.DSP,
    "cost_data": FeeKind.DATA,
    "cost_creative": FeeKind.PRODUCTION,
    **{f"cost_custom{number}": FeeKind.OTHER for number in range(1, 11)},
}
# Said by a plan's own fields, which give the same back.
_PLACED = frozenset({"name", "start_date", "end_date", "location_name", "target_audience", "vehicle", "adformat"})
_DEEPEST = 50
_LARGEST_EXPONENT = 300


def plan_of(data: bytes) -> PlanDocumentRead:
    """Raises InvalidInput `not_json`, `not_mediaplanschema`, `too_many_lines`; Unsupported `schema_version`."""
    document = _parsed(data)
    items = document.get("lineitems")
    if isinstance(items, list):
        must_be_few(len(items))
    meta = document.get("meta")
    version = str(meta.get("schema_version", "")) if isinstance(meta, Mapping) else ""
    if version and version.removeprefix("v") != VERSION:
        raise Unsupported(
            f"The document follows mediaplanschema {version}; {VERSION} can be read.",
            code="schema_version",
            field="file",
        )
    if problems := problems_of(document):
        first = problems[0]
        raise InvalidInput(
            f"The document is no mediaplanschema {VERSION}: {first.place or 'document'}: {first.message}",
            code="not_mediaplanschema",
            field="file",
            problems=[f"{one.place}: {one.message}" for one in problems],
        )
    return _read(document)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_float=_decimal, parse_constant=_no_number)
        if not isinstance(document, dict) or _depth(document) > _DEEPEST or not _is_text(document):
            raise ValueError
    except (ValueError, RecursionError, ArithmeticError):
        raise InvalidInput("The file is no JSON document of a plan.", code="not_json", field="file") from None
    return document


def _decimal(said: str) -> Decimal:
    """Only what a database keeps as a number."""
    number = Decimal(said)
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(said)
    return number


def _is_text(value: object) -> bool:
    if isinstance(value, dict):
        return all(is_text(key) and _is_text(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_text, value))
    return is_text(value) if isinstance(value, str) else True


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(value: object) -> int:
    inner: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0


def _read(document: Mapping[str, Any]) -> PlanDocumentRead:
    items = document["lineitems"]
    aggregates = [item for item in items if item.get("is_aggregate")]
    captions = document.get("dictionary", {}).get("custom_costs", {})
    labels = {slot: said.get("caption") for slot, said in captions.items() if isinstance(said, Mapping)}
    rate = _rate_of(document["meta"])
    lines = [_line(number, item, rate, labels) for number, item in enumerate(items, 1) if not item.get("is_aggregate")]
    kept = {part: value for part, value in document.items() if part != "lineitems"}
    if aggregates:
        kept["aggregates"] = aggregates
    return PlanDocumentRead(
        _campaign(document["campaign"]), tuple(lines), {STANDARD: as_json(kept)}, tuple(_notes(items))
    )


def _notes(items: list[Mapping[str, Any]]) -> Iterator[ImportProblem]:
    for number, item in enumerate(items, 1):
        if item.get("is_aggregate"):
            yield note("aggregate", "Adds up other lines; no line of its own, and kept.", number)


def _campaign(said: Mapping[str, Any]) -> CampaignFacts:
    own = own_properties(said)
    kpi, target = said.get("kpi_name1"), said.get("kpi_value1")
    return CampaignFacts(
        name=said["name"],
        objective=said.get("objective"),
        budget=Decimal(said["budget_total"]),
        currency=said.get("budget_currency"),
        start=date.fromisoformat(said["start_date"]),
        end=date.fromisoformat(said["end_date"]),
        advertiser=said.get("advertiser_name"),
        product=said.get("product_name"),
        kpi=kpi,
        kpi_target=Decimal(target) if kpi and target else None,
        audiences=_names(said.get("target_audiences")),
        markets=_names(said.get("target_locations")),
        basis=_basis(own.get("budget_basis")),
    )


def _line(number: int, item: Mapping[str, Any], rate: tuple[str, date], labels: Mapping[str, Any]) -> StatedLine:
    channel = item.get("channel") or item.get("channel_custom")
    vehicle = item.get("vehicle") or item.get("vehicle_custom")
    format = item.get("adformat") or item.get("adformat_custom")
    placement = {
        "name": item["name"],
        "vehicle": vehicle,
        "format": format,
        "market": item.get("location_name"),
        "audience": item.get("target_audience"),
    }
    exchange = item.get("cost_currency_exchange_rate")
    hints = (item.get("media_product"), format, vehicle, item.get("partner"), item["name"])
    line = StatedLine(
        row=number,
        channel_word=channel,
        channel=CHANNELS.get(plain(channel)) if channel else None,
        code=item["id"],
        placement={name: " ".join(text.split()) for name, text in placement.items() if text and text.strip()},
        costs=_costs(item),
        fees=_fees(item, labels),
        currency=item.get("cost_currency"),
        exchange=StatedRate(Decimal(exchange), *rate) if exchange else None,
        start=date.fromisoformat(item["start_date"]),
        end=date.fromisoformat(item["end_date"]),
        hints=tuple(hint for hint in hints if hint),
        extension={STANDARD: as_json(_kept(item))},
    )
    return with_own(line, own_properties(item))


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name not in _PLACED}
    absent = [name for name in ("channel", "vehicle", "adformat") if not item.get(name)]
    return {**kept, **dict.fromkeys(absent)}


def _costs(item: Mapping[str, Any]) -> dict[BudgetBasis | None, Decimal]:
    costs: dict[BudgetBasis | None, Decimal] = {BudgetBasis.CLIENT_COST: Decimal(item["cost_total"])}
    if item.get("cost_media") is not None:
        costs[BudgetBasis.NET_MEDIA] = Decimal(item["cost_media"])
    return costs


def _fees(item: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[Fee, ...]:
    """None where media and fees don't come to the total: then nobody can say what they are of it."""
    amounts = {name: Decimal(item[name]) for name in _FEES if item.get(name)}
    if Decimal(item.get("cost_media") or 0) + sum(amounts.values()) != Decimal(item["cost_total"]):
        return ()
    try:
        return tuple(
            Fee(_FEES[name], FeeBasis.FLAT, amount, labels.get(name) or None) for name, amount in amounts.items()
        )
    except DomainError:
        return ()


def _rate_of(meta: Mapping[str, Any]) -> tuple[str, date]:
    """Source and day of the exchange rates in it."""
    return f"{meta.get('name') or meta['id']}"[:150], datetime.fromisoformat(meta["created_at"]).date()


def _names(said: object) -> tuple[str, ...]:
    return tuple(str(one["name"]) for one in said if one.get("name")) if isinstance(said, list) else ()


def _basis(word: object) -> BudgetBasis:
    return BudgetBasis(word) if isinstance(word, str) and word in set(BudgetBasis) else BudgetBasis.CLIENT_COST


def as_json(value: Any) -> Any:
    """Numbers as JSON has them."""
    match value:
        case Decimal():
            number = float(value)
            return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else number
        case dict():
            return {key: as_json(inner) for key, inner in value.items()}
        case list():
            return [as_json(inner) for inner in value]
    return value
