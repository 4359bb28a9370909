"""参训人次 and 培育名单 as rows an import takes back unchanged: streamed, in the columns of the import's own template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cultivation.enums import EnrollmentState
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, Subject, Training, TrainingAttendance
from cultivation.rules.record_numbers import numberer
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn

_CHUNK = 2000
_DISTRICT = ExportColumn("区（市）", meaning="计入哪个区（市）；导入时只核对", width=16)


@dataclass(frozen=True)
class SheetFilters:
    """`year` and `organization` as on the page; None: all the actor sees."""

    year: int | None = None
    organization: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One export: `rows` gives lists in the order of `columns`, `count` says how many there will be."""

    slug: str
    label: str
    unit: str
    columns: tuple[ExportColumn, ...]
    chosen: Callable[[Actor, SheetFilters], Any]
    rows: Callable[[Actor, SheetFilters], Iterator[list[Any]]]

    def count(self, actor: Actor, filters: SheetFilters) -> int:
        found: int = self.chosen(actor, filters).order_by().count()
        return found


def _narrowed(rows: Any, filters: SheetFilters, year: str) -> Any:
    if filters.year is not None:
        rows = rows.filter(**{year: filters.year})
    if filters.organization is not None:
        rows = rows.filter(organization_id=filters.organization)
    return rows


# --- 参训人次 -----------------------------------------------------------------------------------------------------------


def _attendances(actor: Actor, filters: SheetFilters) -> Any:
    """What counts for the actor's district, of trainings and subjects it sees."""
    rows = TrainingAttendance.objects.filter(
        training__in=Training.objects.visible_to(actor).live().order_by().values("pk"),
        subject__in=Subject.objects.readable_by(actor).order_by().values("pk"),
    )
    if not actor.sees_whole_city:
        rows = rows.filter(organization_id=actor.district.pk if actor.district else 0)
    return _narrowed(rows, filters, "training__year_id")


def _attendance_rows(actor: Actor, filters: SheetFilters) -> Iterator[list[Any]]:
    """A training stands under its title, or its 编号 where title and day would name two. Statements: 3."""
    names = dict(Organization.objects.values_list("pk", "name"))
    trainings = Training.objects.visible_to(actor).live().order_by()
    named = Counter(trainings.values_list("title", "happened_on"))
    number = numberer(TRAININGS.slug)
    rows = _attendances(actor, filters).order_by("training__happened_on", "training_id", "id")
    columns = ("organization_id", "training_id", "training__title", "training__happened_on", "subject__name")
    for place, pk, title, day, subject, code, managers, hr in rows.values_list(
        *columns, "subject__credit_code", "managers", "hr"
    ).iterator(chunk_size=_CHUNK):
        training = title if named[title, day] == 1 else number(pk)
        yield [names.get(place, ""), training, day, subject, code, managers, hr]


# --- 培育名单 -----------------------------------------------------------------------------------------------------------


def _enrollments(actor: Actor, filters: SheetFilters) -> Any:
    rows = Enrollment.objects.visible_to(actor).filter(state=EnrollmentState.CONFIRMED)
    return _narrowed(rows, filters, "year_id")


def _roster_rows(actor: Actor, filters: SheetFilters) -> Iterator[list[Any]]:
    """Confirmed ones, key or not. Statements: 2."""
    names = dict(Organization.objects.values_list("pk", "name"))
    rows = _enrollments(actor, filters).order_by("-year_id", "organization_id", "subject__kind", "id")
    columns = ("organization_id", "year_id", "subject__name", "subject__credit_code", "is_key")
    for place, year, subject, code, is_key, document in rows.values_list(
        *columns, "source_document"
    ).iterator(chunk_size=_CHUNK):
        yield [names.get(place, ""), year, subject, code, "是" if is_key else "否", document or None]


SHEETS: dict[str, Sheet] = {
    sheet.slug: sheet
    for sheet in (
        Sheet(
            "attendance",
            "参训人次",
            "条",
            (
                _DISTRICT,
                ExportColumn("培训名称", meaning="登记的培训名称；同名同日的写编号", width=40),
                ExportColumn("培训日期", "date", "同名的培训按日期区分", 14),
                ExportColumn("培育对象", meaning="名称", width=34),
                ExportColumn("统一社会信用代码", meaning="填了以代码为准", width=24),
                ExportColumn("企业负责人（人次）", "integer", "参加培训的企业负责人", 14),
                ExportColumn("人力资源工作人员（人次）", "integer", "参加培训的人力资源工作人员", 16),
            ),
            _attendances,
            _attendance_rows,
        ),
        Sheet(
            "rosters",
            "培育名单",
            "户",
            (
                _DISTRICT,
                ExportColumn("年度", "integer", "名单的年度", 8),
                ExportColumn("培育对象", meaning="名称", width=34),
                ExportColumn("统一社会信用代码", meaning="填了以代码为准", width=24),
                ExportColumn("重点培育", meaning="是：计入目标；否：只列入", width=10),
                ExportColumn("名单文号", meaning="补录的名单的来源", width=26),
            ),
            _enrollments,
            _roster_rows,
        ),
    )
}
