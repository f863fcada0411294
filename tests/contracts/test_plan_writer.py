"""What every writer of plans keeps to: the same document gives the same bytes, of the kind that the format says."""

import io

import pytest

from domain.channels import Channel
from domain.file_contents import inspect
from domain.files import FileName
from domain.money import Money
from domain.plans.lines import LineSpec, Placement
from server.documents.writers import PLAN_WRITERS
from services.plan_document import ExportFormat, PlanDocument
from tests.services.planned_samples import NASTY, campaign, document, everything, planned


@pytest.fixture(params=list(ExportFormat))
def format(request: pytest.FixtureRequest) -> ExportFormat:
    chosen: ExportFormat = request.param
    return chosen


@pytest.fixture(scope="module")
def longest() -> PlanDocument:
    lines = [
        (LineSpec(f"line-{n}", Channel.SOCIAL, Placement(f"Vehicle {n}")), Money(100_000 + n, "USD"))
        for n in range(500)
    ]
    return document(planned(campaign(Money(10**9, "USD")), lines))


def test_a_document_is_written_the_same_each_time(format: ExportFormat) -> None:
    of = document(everything())
    assert PLAN_WRITERS[format].write(of) == PLAN_WRITERS[format].write(of.model_copy(deep=True))


@pytest.mark.parametrize("name", ["Spring", NASTY, "Größe 🌷 春", "-2+3", "@SUM(A1)", "</v><f>1+1</f>", "&quot;"])
def test_whatever_a_campaign_is_called_it_is_a_file_of_its_kind(format: ExportFormat, name: str) -> None:
    of = document(everything(name=name))
    data = PLAN_WRITERS[format].write(of)
    named = FileName.of(f"{of.file_stem}.{format.ending}")
    assert named.kind.media_type == format.media_type
    assert inspect(io.BytesIO(data), named.kind, 10_000_000).size == len(data)


def test_the_longest_plan_there_can_be_is_written(format: ExportFormat, longest: PlanDocument) -> None:
    data = PLAN_WRITERS[format].write(longest)
    assert len(longest.lines) == 500
    assert 50_000 < len(data) < 5_000_000


def test_a_document_survives_the_wire(format: ExportFormat) -> None:
    of = document(everything())
    read = PlanDocument.model_validate_json(of.model_dump_json())
    assert PLAN_WRITERS[format].write(read) == PLAN_WRITERS[format].write(of)
