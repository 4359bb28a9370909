"""Checks of coordinators, instructors, liaisons, and pairings nobody looks after any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from cultivation.enums import SubjectState
from cultivation.ledgers.base import KEEPERS
from cultivation.models import Coordinator, LiaisonAssignment, Pairing
from cultivation.rules.data_checks import Severity
from cultivation.selectors.data_checks.base import (
    Check,
    Doubt,
    Mend,
    Scope,
    form_at,
    limited,
    register_check,
)
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.accounts.selectors.code_tables import organization_name

EDIT_LIAISON = Mend("修改联系", form_at("cultivation:ledger_edit", slug="liaisons"), KEEPERS)
END_PAIRING = Mend("结束结对", form_at("cultivation:pairing_end"), KEEPERS)
EDIT_PAIRING = Mend("换结对人", form_at("cultivation:ledger_edit", slug="pairings"), KEEPERS)
OPEN_COORDINATOR = Mend("安排联系企业", form_at("cultivation:ledger_detail", slug="coordinators"), KEEPERS)


def _open(rows: Any, day: date) -> Any:
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


def coordinator_without_subjects(scope: Scope, day: date) -> Iterator[Doubt]:
    liaisons = _open(LiaisonAssignment.objects.live().filter(coordinator_id=OuterRef("pk")), day)
    rows = (
        scope.records(Coordinator.objects)
        .filter(Q(left_on__isnull=True) | Q(left_on__gt=day), ~Exists(liaisons), appointed_on__lte=day)
        .order_by("organization_id", "id")
        .values_list("pk", "name", "organization_id", "township_id")
    )
    for pk, name, organization, township in limited(rows):
        place = organization_name(township) or organization_name(organization)
        yield Doubt(name, f"{place}的协调员，没有定点联系的企业", organization_name(organization), pk)


def liaison_to_gone(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _open(scope.records(LiaisonAssignment.objects), day)
        .exclude(subject__state=SubjectState.ACTIVE)
        .annotate(person=Coalesce(F("coordinator__name"), F("instructor__name")))
        .order_by("organization_id", "id")
        .values_list("pk", "subject__name", "subject__state", "organization_id", "person")
    )
    for pk, name, state, organization, person in limited(rows):
        detail = f"{SubjectState(state).label}，{person}的定点联系仍未结束"
        yield Doubt(name, detail, organization_name(organization), pk)


def pairing_to_gone(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _open(scope.records(Pairing.objects), day)
        .exclude(subject__state=SubjectState.ACTIVE)
        .order_by("organization_id", "id")
        .values_list("pk", "subject__name", "subject__state", "organization_id")
    )
    for pk, name, state, organization in limited(rows):
        detail = f"{SubjectState(state).label}，结对仍未结束"
        yield Doubt(name, detail, organization_name(organization), pk)


def liaison_of_leaver(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        _open(scope.records(LiaisonAssignment.objects), day)
        .annotate(
            left=Coalesce(F("coordinator__left_on"), F("instructor__left_on")),
            person=Coalesce(F("coordinator__name"), F("instructor__name")),
        )
        .filter(left__lte=day)
        .order_by("organization_id", "id")
        .values_list("pk", "subject__name", "organization_id", "person", "left")
    )
    for pk, name, organization, person, left in limited(rows):
        yield Doubt(name, f"{person}已于 {left} 离任，定点联系仍未结束", organization_name(organization), pk)


def pairing_of_leaver(scope: Scope, day: date) -> Iterator[Doubt]:
    """The person's account is closed, or holds no office any more."""
    serving = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day), user_id=OuterRef("person_id"), valid_from__lte=day
    )
    rows = (
        _open(scope.records(Pairing.objects), day)
        .filter(person__isnull=False)
        .filter(Q(person__is_active=False) | ~Exists(serving))
        .order_by("organization_id", "id")
        .values_list("pk", "subject__name", "organization_id", "person__full_name")
    )
    for pk, name, organization, person in limited(rows):
        yield Doubt(name, f"结对人{person}已离岗，结对仍未结束", organization_name(organization), pk)


register_check(
    Check(
        "COORDINATOR_WITHOUT_SUBJECTS",
        Severity.VERIFY,
        "协调员没有联系企业",
        "协调员要定点联系企业；没有联系的请安排，已离任的请填离任日期。",
        coordinator_without_subjects,
        (OPEN_COORDINATOR,),
        clause="三（二）2（C061）",
    ),
    Check(
        "LIAISON_TO_GONE_SUBJECT",
        Severity.MUST,
        "联系的企业已注销",
        "企业已注销或合并，定点联系还开着，工作量会算错。",
        liaison_to_gone,
        (EDIT_LIAISON,),
        clause="三（二）2（C061）",
    ),
    Check(
        "PAIRING_TO_GONE_SUBJECT",
        Severity.MUST,
        "结对的对象已注销",
        "对象已注销或合并，结对还开着。",
        pairing_to_gone,
        (END_PAIRING,),
        clause="三（二）2（C072）",
    ),
    Check(
        "LIAISON_OF_LEAVER",
        Severity.MUST,
        "离任人员的联系未交接",
        "协调员、指导员离任后企业无人联系，请改由接任者联系或结束。",
        liaison_of_leaver,
        (EDIT_LIAISON,),
        clause="三（二）2（C061）",
    ),
    Check(
        "PAIRING_OF_LEAVER",
        Severity.MUST,
        "离岗人员的结对未交接",
        "结对人已离岗，对象无人结对，请办理交接、换人或结束。",
        pairing_of_leaver,
        (EDIT_PAIRING,),
        clause="三（二）2（C072）",
    ),
)
