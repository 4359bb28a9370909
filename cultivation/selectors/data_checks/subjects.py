"""Checks of the register: duplicates, missing place, missing figures, credit codes, groundwork."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Mod, StrIndex, Substr

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Enrollment, PilotMember, Subject
from cultivation.rules.calendar import year_at_hand
from cultivation.rules.data_checks import Severity
from cultivation.selectors.data_checks.base import (
    REGISTER_KEEPERS,
    Check,
    Doubt,
    Mend,
    Scope,
    form_at,
    limited,
    register_check,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.credit_code import ALPHABET, WEIGHTS

EDIT = Mend("修改档案", form_at("cultivation:subject_edit"), REGISTER_KEEPERS)
MERGE = Mend("核对、合并", form_at("cultivation:subject_merge"), REGISTER_KEEPERS)
MERGE_IN_CITY = Mend(MERGE.words, MERGE.url, frozenset({Role.CITY_OFFICE}))
_NAMED_ONCE = (SubjectKind.ENTERPRISE, SubjectKind.INDUSTRIAL_PARK)


def _active(scope: Scope) -> Any:
    return scope.subjects(Subject.objects.filter(state=SubjectState.ACTIVE))


def _twins(**same: Any) -> Any:
    return Subject.objects.filter(
        state=SubjectState.ACTIVE,
        kind=OuterRef("kind"),
        normalized_name=OuterRef("normalized_name"),
        **same,
    ).order_by("id")


def duplicates_in_district(scope: Scope, day: date) -> Iterator[Doubt]:
    """The later of two with the same name in one district."""
    earlier = _twins(managing_organization=OuterRef("managing_organization"), pk__lt=OuterRef("pk"))
    rows = (
        _active(scope)
        .filter(kind__in=_NAMED_ONCE)
        .annotate(twin=Subquery(earlier.values("name")[:1]))
        .filter(twin__isnull=False)
        .order_by("normalized_name", "id")
        .values_list("pk", "name", "managing_organization_id", "twin")
    )
    for pk, name, organization, twin in limited(rows):
        yield Doubt(name, f"与本区（市）的“{twin}”名称相同", organization_name(organization), pk)


def duplicates_across_districts(scope: Scope, day: date) -> Iterator[Doubt]:
    """Said without the other's name: a stranger's row shows nothing of itself."""
    others = _twins().exclude(managing_organization=OuterRef("managing_organization"))
    rows = (
        _active(scope)
        .filter(Exists(others), kind=SubjectKind.ENTERPRISE)
        .order_by("normalized_name", "id")
        .values_list("pk", "name", "managing_organization_id")
    )
    for pk, name, organization in limited(rows):
        yield Doubt(name, "同名企业已由其他区（市）建档", organization_name(organization), pk)


def without_place(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _active(scope)
        .filter(kind=SubjectKind.ENTERPRISE)
        .filter(Q(township__isnull=True) | Q(division_code=""))
        .order_by("-pk")
        .values_list("pk", "name", "managing_organization_id", "township_id")
    )
    for pk, name, organization, township in limited(rows):
        detail = "未填乡镇（街道）" if township is None else "未填行政区划"
        yield Doubt(name, detail, organization_name(organization), pk)


def without_figures(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _active(scope)
        .filter(kind=SubjectKind.ENTERPRISE)
        .filter(Q(industry_code="") | Q(employee_count__isnull=True))
        .order_by("-pk")
        .values_list("pk", "name", "managing_organization_id", "industry_code", "employee_count")
    )
    for pk, name, organization, industry, employees in limited(rows):
        missing = [
            word for word, blank in (("所属行业", not industry), ("职工人数", employees is None)) if blank
        ]
        yield Doubt(name, f"未填{'、'.join(missing)}", organization_name(organization), pk)


def _check_sum() -> Any:
    """Σ value × weight of the 17 characters plus the check character: divisible by 31 in a right code (GB 32100)."""
    terms = [
        (StrIndex(Value(ALPHABET), Substr("credit_code", position + 1, 1)) - 1) * weight
        for position, weight in enumerate((*WEIGHTS, 1))
    ]
    return reduce(add, terms)


def wrong_credit_codes(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _active(scope)
        .filter(kind=SubjectKind.ENTERPRISE, credit_code_note="")
        .annotate(rest=Mod(_check_sum(), Value(31), output_field=IntegerField()))
        .exclude(rest=0)
        .order_by("-pk")
        .values_list("pk", "name", "managing_organization_id", "credit_code")
    )
    for pk, name, organization, code in limited(rows):
        yield Doubt(name, f"信用代码 {code} 的校验位不符，且未写说明", organization_name(organization), pk)


def without_groundwork(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        scope.to_serve(Enrollment.objects.counted())
        .filter(year_id=year_at_hand(day), subject__state=SubjectState.ACTIVE)
        .filter(
            Q(subject__profile__isnull=True)
            | Q(subject__profile__groundwork="", subject__profile__labor_relations_status="")
        )
        .order_by("subject__managing_organization_id", "id")
        .values_list("subject_id", "subject__name", "subject__managing_organization_id")
    )
    for pk, name, organization in limited(rows):
        yield Doubt(name, "未填工作基础和劳动关系状况", organization_name(organization), pk)


def enrolled_but_gone(scope: Scope, day: date) -> Iterator[Doubt]:
    """History is not changed by itself: whether the year counts a firm that is gone is the district's to say."""
    rows = (
        scope.of_organization(Enrollment.objects.counted())
        .filter(year_id=year_at_hand(day))
        .exclude(subject__state=SubjectState.ACTIVE)
        .order_by("organization_id", "id")
        .values_list("pk", "subject__name", "organization_id", "subject__state")
    )
    for pk, name, organization, state in limited(rows):
        word = SubjectState(state).label
        yield Doubt(name, f"{word}，仍计入{year_at_hand(day)}年度名单", organization_name(organization), pk)


def unlinked_members(scope: Scope, day: date) -> Iterator[Doubt]:
    registered = Subject.objects.filter(
        state=SubjectState.ACTIVE,
        kind=SubjectKind.ENTERPRISE,
        managing_organization=OuterRef("organization"),
        name=OuterRef("name"),
    )
    rows = (
        scope.records(PilotMember.objects)
        .filter(Exists(registered), subject__isnull=True, left_on__isnull=True)
        .order_by("pilot_id", "id")
        .values_list("pk", "name", "organization_id", "pilot__name")
    )
    for pk, name, organization, pilot in limited(rows):
        yield Doubt(name, f"“{pilot}”的企业，已在登记表建档而未相连", organization_name(organization), pk)


register_check(
    Check(
        "DUPLICATE_IN_DISTRICT",
        Severity.VERIFY,
        "疑似重复建档（本区市内）",
        "同一区（市）有两个名称相同的对象，多半是同一家，会重复计数。是同一家的合并，不是的在名称中区分。",
        duplicates_in_district,
        (MERGE, EDIT),
    ),
    Check(
        "DUPLICATE_ACROSS_DISTRICTS",
        Severity.VERIFY,
        "疑似重复建档（跨区市）",
        "两个区（市）各有一家同名企业，请核对是否同一家：是的由市级合并或办理划转，不是的在名称中区分。",
        duplicates_across_districts,
        (MERGE_IN_CITY, EDIT),
    ),
    Check(
        "SUBJECT_WITHOUT_PLACE",
        Severity.VERIFY,
        "企业缺乡镇（街道）或行政区划",
        "缺所在地的企业不进入乡镇（街道）的统计和覆盖情况。",
        without_place,
        (EDIT,),
        clause="二（C015）",
    ),
    Check(
        "ENTERPRISE_WITHOUT_FIGURES",
        Severity.VERIFY,
        "企业缺行业或职工人数",
        "缺行业或人数就不能划分规模，也不能按行业、规模分类培育。",
        without_figures,
        (EDIT,),
        clause="二（C015）、四（二）（C105）",
    ),
    Check(
        "CREDIT_CODE_CHECK_DIGIT",
        Severity.MUST,
        "信用代码校验位不符",
        "校验位按 GB 32100—2015 算不对，又没有写“已核对营业执照”的说明，多半是抄错一位。",
        wrong_credit_codes,
        (EDIT,),
    ),
    Check(
        "KEY_SUBJECT_WITHOUT_GROUNDWORK",
        Severity.NOTE,
        "重点培育对象缺工作基础、劳动关系状况",
        "通知要求按工作基础和劳动关系状况分类培育，两项都空着无从比较。",
        without_groundwork,
        (EDIT,),
        clause="二（C015—C016）",
    ),
    Check(
        "ENROLLED_BUT_GONE",
        Severity.VERIFY,
        "列入名单的对象已注销或合并",
        "名单年中不自动变动：不再培育的写明理由调出，另行增补；本年仍算完成培育的不必处理。",
        enrolled_but_gone,
        (Mend("调出名单", form_at("cultivation:enrollment_remove"), REGISTER_KEEPERS),),
        clause="三（二）2（C074）",
    ),
    Check(
        "PILOT_MEMBER_NOT_LINKED",
        Severity.NOTE,
        "试点行业企业未与档案相连",
        "企业已在登记表建档，相连后规模、人数随档案更新。",
        unlinked_members,
        (
            Mend(
                "修改记录",
                form_at("cultivation:ledger_edit", slug="pilot-members"),
                REGISTER_KEEPERS | {Role.CITY_MEMBER},
            ),
        ),
        clause="三（二）3（C077）",
    ),
)
