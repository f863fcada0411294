"""What is read of a file that somebody brings as a plan."""

from pathlib import PurePath

from domain.files import FileKind
from domain.plans.imports.document import PlanDocumentRead
from domain.plans.imports.proposal import Table
from server.documents import reading_csv, reading_mediaplan, reading_xlsx


class PlanFileReader:
    def read(self, name: str, kind: FileKind, data: bytes) -> tuple[Table, ...] | PlanDocumentRead:
        """Raises what the reader of the kind raises: always InvalidInput, with the field `file`."""
        match kind:
            case FileKind.XLSX:
                return reading_xlsx.tables_of(data)
            case FileKind.JSON:
                return reading_mediaplan.plan_of(data)
            case FileKind.TSV:
                return reading_csv.tables_of(data, PurePath(name).stem, "\t")
            case FileKind.CSV:
                return reading_csv.tables_of(data, PurePath(name).stem)
