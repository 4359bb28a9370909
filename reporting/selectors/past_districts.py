"""What a district's figures of an earlier day are read from, and the names of those that can only be of today (制表日数据)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.apps import apps

from cultivation.models import (
    AnnualTarget,
    BargainingInstructor,
    CampaignYear,
    Coordinator,
    Countersignature,
    CultivationRoster,
    Enrollment,
    LiaisonAssignment,
    Participation,
    Subject,
    TrainingAttendance,
)
from evaluation.models import Assessment, ScoreSheet
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.selectors.past_tables import tables_as_of
from zaozhuang_portal.kernel.clock import end_of_day
from zaozhuang_portal.operations.models import Attachment

BODIES = "三方机构及席位"
PLACES = "乡镇（街道）、园区设置"
REGISTER = "培育对象登记信息（名称、行业、规模、职工人数等）和应参与企业数"
STAFF = "协调员、指导员和定点联系"

_NAMES: dict[Any, str] = {
    TripartiteBody: BODIES,
    Seat: BODIES,
    Organization: PLACES,
    Subject: REGISTER,
    Coordinator: STAFF,
    BargainingInstructor: STAFF,
    LiaisonAssignment: STAFF,
    Enrollment: "重点培育名单",
    CultivationRoster: "重点培育名单会签情况",
    Countersignature: "重点培育名单会签情况",
    Participation: "参与创建企业",
    AnnualTarget: "目标任务",
    TrainingAttendance: "参训人次",
    Assessment: "自评和核验情况",
    ScoreSheet: "自评和核验得分",
    Attachment: "典型经验的企业同意书",
}
# Registers that were not kept before the portal: for a year before it they are read as they are today, and named.
_NOT_KEPT_THEN = (
    TripartiteBody,
    Seat,
    Organization,
    Subject,
    Coordinator,
    BargainingInstructor,
    LiaisonAssignment,
)


@contextmanager
def district_as_of(year: CampaignYear, organization: Organization, as_of: date) -> Iterator[list[str]]:
    """Inside, everything reads as at the end of `as_of`. Gives the names of the figures for which that cannot be known.

    补录 entered later counts as it is now: it tells of a day before. Of a subject that came in so, only today's
    particulars are known.
    """
    until = end_of_day(as_of)
    live = () if year.in_use else _NOT_KEPT_THEN
    names = dict.fromkeys(_NAMES[model] for model in live)
    late = Enrollment.objects.filter(
        year=year, organization=organization, backfilled=True, subject__created_at__gte=until
    )
    if late.exists():
        names[REGISTER] = None
    with tables_as_of(until, present={model._meta.db_table for model in live}) as past:
        of_table = {model._meta.db_table: model for model in apps.get_models()}
        for table in sorted(past.unknown):
            model = of_table[table]
            names[_NAMES.get(model, str(model._meta.verbose_name))] = None
        yield list(names)
