"""An import worked out: what its document becomes in this campaign, and whether it is what a preview showed."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from domain.changes import Change
from domain.errors import Conflict, DomainError, InvalidInput
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.imports.channels import Channels
from domain.plans.imports.document import PlanDocumentRead
from domain.plans.imports.lines import ImportTerms, Proposal, ProposedLine, proposed
from domain.plans.imports.proposal import ImportProblem, Severity, error
from domain.plans.imports.table import Layout
from domain.plans.imports.words import plain
from domain.plans.lines import PlanLine
from domain.plans.media_plans import Draft, MediaPlan
from services.plan_import_commands import ImportReading
from services.plan_incoming import Incoming
from services.plan_stated import nearest, stated_of

DIGEST_LENGTH = 16  # hexadecimal digits: it tells previews apart, it proves nothing


@dataclass(frozen=True, slots=True)
class Prepared:
    brief: PlanningBrief
    incoming: Incoming
    layout: Layout | None
    lines: tuple[ProposedLine, ...]
    built: tuple[PlanLine, ...]  # the same as they will be saved
    problems: tuple[ImportProblem, ...]
    digest: str
    is_new: bool

    @property
    def total(self) -> Money:
        return Money.sum((line.amount for line in self.lines), self.brief.currency)

    @property
    def over(self) -> Money | None:
        over = self.total - self.brief.campaign.budget
        return over if over.minor > 0 else None

    @property
    def errors(self) -> list[ImportProblem]:
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    def must_be(self, digest: str) -> None:
        if digest != self.digest:
            raise Conflict(
                "This is not what the preview showed: file, mapping or campaign are others. Look at it again.",
                code="preview_outdated",
                field="digest",
            )

    def must_have_no_errors(self) -> None:
        if self.errors:
            first = self.errors[0]
            where = f"row {first.row}: " if first.row else ""
            raise InvalidInput(
                f"{len(self.errors)} things have to be settled first; {where}{first.message}",
                code="import_has_problems",
                field=first.field,
                problems=[f"{one.code} (row {one.row}): {one.message}" for one in self.errors[:20]],
            )

    def draft(self) -> Draft:
        document = self.incoming.content
        extension = document.extension if isinstance(document, PlanDocumentRead) else {}
        reason = f"imported from {self.incoming.file.name}"
        return Draft(self.built, FlightPattern(), reason, extension=extension)

    def change(self, plan: MediaPlan) -> Change:
        file = self.incoming.file
        facts = {"file": file.name, "file_id": str(file.id), "sha256": file.sha256, "lines": len(self.lines)}
        return Change("plan.imported", plan.id, plan.version, after=facts)


def prepared(
    brief: PlanningBrief, incoming: Incoming, reading: ImportReading, locale: str, *, is_new: bool
) -> Prepared:
    """Raises InvalidInput for a document as a whole: `no_header_row`, `no_lines`, `too_many_lines` …"""
    layout, stated = stated_of(brief, incoming, reading, locale)
    rates = {choice.currency.upper(): choice.rate_to(brief.currency) for choice in reading.exchange}
    channels = Channels(nearest, {plain(choice.word): choice.channel for choice in reading.channels})
    found = proposed(stated.lines, ImportTerms(brief, channels, rates))
    built = _built_where_possible(brief, found)
    problems = (*stated.problems, *found.problems)
    digest = _digest(brief, incoming, reading, found)
    return Prepared(brief, incoming, layout, tuple(found.lines), built, problems, digest, is_new)


def _built_where_possible(brief: PlanningBrief, found: Proposal) -> tuple[PlanLine, ...]:
    """What a line refuses only once it is built becomes a problem of its row, and the line goes."""
    try:
        return _built(brief, found.lines)
    except DomainError:
        for line in list(found.lines):
            try:
                _built(brief, [line])
            except DomainError as refused:
                found.lines.remove(line)
                found.problems.append(error(refused.code, refused.message, line.row, refused.field))
    return _built(brief, found.lines)


def _built(brief: PlanningBrief, lines: Collection[ProposedLine]) -> tuple[PlanLine, ...]:
    return build_lines(brief, [(line.spec, line.amount) for line in lines], FlightPattern())


def _digest(brief: PlanningBrief, incoming: Incoming, reading: ImportReading, found: Proposal) -> str:
    """Over everything that decides what will be saved, and what it becomes."""
    campaign = brief.campaign
    asked = {name: getattr(reading, name) for name in sorted(ImportReading.model_fields)}
    standing = (campaign.name, campaign.budget, campaign.flight, campaign.budget_basis, campaign.objective)
    parts = (incoming.file.sha256, asked, standing, found.lines)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:DIGEST_LENGTH]
