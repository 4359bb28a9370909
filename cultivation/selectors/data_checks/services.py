"""Checks of pairings, visits and trainings of the running year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cultivation.enums import PairingRole, SubjectKind, SubjectState, VisitPurpose
from cultivation.ledgers.base import FIELD_KEEPERS, KEEPERS
from cultivation.models import Enrollment, GuidanceVisit, Pairing, Training, TrainingAttendance
from cultivation.rules.calendar import year_at_hand
from cultivation.rules.data_checks import DAYS_WITHOUT_VISIT, Severity
from cultivation.selectors.calendar import years_judged
from cultivation.selectors.data_checks.base import (
    Check,
    Doubt,
    Mend,
    Scope,
    form_at,
    limited,
    register_check,
)
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.operations.models import Attachment

PAIR = Mend("办理结对", form_at("cultivation:pairing_create"), KEEPERS)
VISIT = Mend("登记指导服务", form_at("cultivation:visit_create"), FIELD_KEEPERS)
EDIT_VISIT = Mend("修改记录", form_at("cultivation:ledger_edit", slug="visits"), KEEPERS)
FOLLOW_UP = Mend("登记跟进", form_at("cultivation:visit_follow_up"), FIELD_KEEPERS)
OPEN_TRAINING = Mend("打开培训记录", form_at("cultivation:ledger_detail", slug="trainings"), KEEPERS)


def in_force(day: Any, outer: str) -> Any:
    """Pairings of the outer row's subject that cover the day."""
    return Pairing.objects.live().filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), subject_id=OuterRef(outer), starts_on__lte=day
    )


def enrolled_without_pairing(scope: Scope, day: date) -> Iterator[Doubt]:
    """结对 is asked for enterprises, parks and townships; pilots are led by the city as a whole."""
    rows = (
        scope.to_serve(Enrollment.objects.counted())
        .filter(~Exists(in_force(day, "subject_id")), year_id=year_at_hand(day))
        .filter(subject__state=SubjectState.ACTIVE)
        .exclude(subject__kind=SubjectKind.INDUSTRY_PILOT)
        .order_by("subject__managing_organization_id", "id")
        .values_list("subject_id", "subject__name", "subject__managing_organization_id")
    )
    for pk, name, organization in limited(rows):
        yield Doubt(name, f"列入{year_at_hand(day)}年度名单，尚未结对", organization_name(organization), pk)


def pairing_without_visit(scope: Scope, day: date) -> Iterator[Doubt]:
    since = day - timedelta(days=DAYS_WITHOUT_VISIT)
    visits = GuidanceVisit.objects.live().filter(
        subject_id=OuterRef("subject_id"), happened_on__gt=since, happened_on__lte=day
    )
    rows = (
        scope.records(Pairing.objects)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=since)
        .filter(~Exists(visits), role=PairingRole.LEAD, subject__state=SubjectState.ACTIVE)
        .order_by("organization_id", "id")
        .values_list("subject_id", "subject__name", "organization_id", "starts_on")
    )
    for pk, name, organization, starts in limited(rows):
        detail = f"{starts} 起结对，近 {DAYS_WITHOUT_VISIT} 天没有指导服务"
        yield Doubt(name, detail, organization_name(organization), pk)


def visit_outside_pairing(scope: Scope, day: date) -> Iterator[Doubt]:
    paired = Pairing.objects.live().filter(subject_id=OuterRef("subject_id"))
    rows = (
        scope.records(GuidanceVisit.objects)
        .filter(Exists(paired), ~Exists(in_force(OuterRef("happened_on"), "subject_id")))
        .filter(purpose=VisitPurpose.GUIDANCE, year_id__in=years_judged(day))
        .order_by("-happened_on", "-id")
        .values_list("pk", "subject__name", "happened_on", "organization_id")
    )
    for pk, name, happened, organization in limited(rows):
        yield Doubt(name, f"{happened} 的指导服务不在结对期内", organization_name(organization), pk)


def follow_up_overdue(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        scope.records(GuidanceVisit.objects)
        .filter(follow_up_due__lt=day, follow_up_done_on__isnull=True)
        .order_by("follow_up_due", "id")
        .values_list("pk", "subject__name", "follow_up_due", "organization_id")
    )
    for pk, name, due, organization in limited(rows):
        detail = f"跟进时限 {due}，已逾期 {(day - due).days} 天"
        yield Doubt(name, detail, organization_name(organization), pk)


def _held_trainings(scope: Scope, day: date) -> Any:
    return scope.records(Training.objects).filter(happened_on__lte=day).order_by("-happened_on", "-id")


def training_without_sheet(scope: Scope, day: date) -> Iterator[Doubt]:
    files = Attachment.objects.scans("Training").filter(owner_id=OuterRef("pk"))
    rows = _held_trainings(scope, day).filter(~Exists(files))
    for pk, title, happened, organization in limited(
        rows.values_list("pk", "title", "happened_on", "organization_id")
    ):
        yield Doubt(title, f"{happened} 举办，没有签到表扫描件", organization_name(organization), pk)


def training_without_attendance(scope: Scope, day: date) -> Iterator[Doubt]:
    attendance = TrainingAttendance.objects.filter(training_id=OuterRef("pk"))
    rows = _held_trainings(scope, day).filter(~Exists(attendance), other_attendance=0)
    for pk, title, happened, organization in limited(
        rows.values_list("pk", "title", "happened_on", "organization_id")
    ):
        yield Doubt(title, f"{happened} 举办，没有登记参训人次", organization_name(organization), pk)


register_check(
    Check(
        "ENROLLED_WITHOUT_PAIRING",
        Severity.MUST,
        "列入名单未结对",
        "重点培育的企业、园区、乡镇（街道）都要有结对单位或结对人。",
        enrolled_without_pairing,
        (PAIR,),
        clause="三（二）2（C072）",
    ),
    Check(
        "PAIRING_WITHOUT_VISIT",
        Severity.VERIFY,
        f"结对后 {DAYS_WITHOUT_VISIT} 天没有指导服务",
        "结对了却久未上门、电话或线上指导，请安排，已做的请补登。",
        pairing_without_visit,
        (VISIT,),
        clause="三（二）1、2（C051、C073）",
        system_default=True,
    ),
    Check(
        "VISIT_OUTSIDE_PAIRING",
        Severity.VERIFY,
        "指导服务不在结对期内",
        "对象有结对，但这次指导的日期不在任何一段结对之内，日期或结对期多半有一个写错。",
        visit_outside_pairing,
        (EDIT_VISIT,),
        clause="三（二）2（C073）",
    ),
    Check(
        "FOLLOW_UP_OVERDUE",
        Severity.MUST,
        "跟进事项逾期",
        "指导时答应跟进的事到期没有登记结果。",
        follow_up_overdue,
        (FOLLOW_UP,),
        clause="三（二）2（C073）",
    ),
    Check(
        "TRAINING_WITHOUT_SHEET",
        Severity.VERIFY,
        "培训没有签到表",
        "参训人次以签到表为据，请把签到表拍照或扫描，在培训记录的“签到表”处上传。",
        training_without_sheet,
        (OPEN_TRAINING,),
        clause="三（二）1（C046）",
    ),
    Check(
        "TRAINING_WITHOUT_ATTENDANCE",
        Severity.MUST,
        "培训没有参训人次",
        "没有人次的培训不进入覆盖统计。",
        training_without_attendance,
        (OPEN_TRAINING,),
        clause="三（二）1（C046）",
    ),
)
