"""Who writes a plan's document in which format."""

from collections.abc import Mapping

from server.documents.mediaplan_json import MediaplanWriter
from server.documents.workbook import WorkbookWriter
from services.gateways import PlanWriter
from services.plan_document import ExportFormat

PLAN_WRITERS: Mapping[ExportFormat, PlanWriter] = {
    ExportFormat.XLSX: WorkbookWriter(),
    ExportFormat.MEDIAPLAN_JSON: MediaplanWriter(),
}
