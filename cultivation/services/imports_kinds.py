"""What one kind of import knows for itself. The pipeline (stage, map, check, confirm, undo) is the same for all kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cultivation.rules.imports_errors import CellDoubt
from cultivation.rules.imports_fields import KindSpec
from cultivation.rules.imports_plan import ImportPlan
from cultivation.rules.imports_rows import Rows, RowsCheck, SheetCheck
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn


@dataclass(frozen=True)
class ImportTask:
    """One check of one file: into which organization, for whom, when, and the words given with the batch.

    `backfilled`: rows are marked 补录 with `source_document` (历史补录); `code_note`: the word for wrong check digits.
    """

    organization: Organization
    actor: Actor | None
    now: datetime
    code_note: str = ""
    backfilled: bool = False
    source_document: str = ""


@dataclass
class UndoOutcome:
    """What an undo did; `kept` names rows that stay because somebody has touched or used them since."""

    deleted: int = 0
    restored: int = 0
    kept: list[dict[str, str]] = field(default_factory=list)

    def keep(self, name: str, why: str) -> None:
        self.kept.append({"name": name, "why": why})


class ImportAdapter(ABC):
    """One kind: enterprises, parks, pilots, rosters, attendance, or the slug of a ledger.

    `levels`: the organizations rows may be brought to. `without_heading`: pasted cells without a heading row are taken
    in the order of the template, to be confirmed. `may_backfill`: a batch may be marked 补录.
    """

    spec: KindSpec
    levels: frozenset[str] = frozenset({Level.DISTRICT})
    without_heading: bool = False
    heading_by_content: bool = False
    may_backfill: bool = False
    must_backfill: bool = False
    strict_choices: frozenset[str] = frozenset()

    def require(self, actor: Actor | None, organization: Organization) -> None:  # noqa: B027 - most kinds ask no more
        """Raise NotAllowed when this actor may not bring rows of this kind, whatever its role in the pipeline."""

    @abstractmethod
    def check(
        self, task: ImportTask, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
    ) -> tuple[RowsCheck, ImportPlan, Any]:
        """Validate and compare in a number of statements that does not grow with the rows. Writes nothing.

        The third value is kept as `Examination.context` and handed back to `show` and `write`.
        """

    @abstractmethod
    def write(self, examination: Examination) -> dict[str, Any]:
        """Write the plan in the caller's transaction; returns the undo log. Raises ConflictError, DomainError."""

    @abstractmethod
    def undo(self, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
        """Take back what `write` did, row by row as far as untouched."""

    @abstractmethod
    def show(self, key: str, value: Any, context: Any) -> str:
        """A value of a plan as a person reads it."""

    @abstractmethod
    def template_columns(self, organization: Organization | None) -> list[TemplateColumn]:
        """The columns of the template; with an organization its places and units are the drop-downs."""

    template_notes: tuple[str, ...] = ()

    def shown_name(self, values: Mapping[str, Any], context: Any) -> str:
        """What an unchanged row is called in the preview."""
        name = values.get("name", "")
        return name if isinstance(name, str) else ""

    @abstractmethod
    def list_address(self) -> str:
        """Where the rows are seen after the import."""

    def row_address(self, pk: int) -> str:
        """The page of one row; "" when there is none."""
        return ""


@dataclass(frozen=True)
class Examination:
    """All that is found about one file against what is there today."""

    adapter: ImportAdapter
    task: ImportTask
    check: RowsCheck
    plan: ImportPlan
    context: Any

    @property
    def errors(self) -> list[CellDoubt]:
        """All errors in the order of the file."""
        order = {sheet.name: index for index, sheet in enumerate(self.check.sheets)}
        return sorted(
            [*self.check.errors, *self.plan.errors],
            key=lambda item: (order.get(item.sheet, 0), item.row, item.column_index),
        )

    @property
    def warnings(self) -> list[CellDoubt]:
        return [*self.check.warnings, *self.plan.warnings]

    @property
    def error_rows(self) -> int:
        return len({(item.sheet, item.row) for item in (*self.check.errors, *self.plan.errors)})

    @property
    def row_count(self) -> int:
        return sum(sheet.data_rows for sheet in self.check.sheets)
