"""Writing the register: create and change a subject, with the version checked and the size class computed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Subject, SubjectProfile
from cultivation.rules.industries import find_industry
from cultivation.rules.size_class import classify_size
from cultivation.rules.subjects import derive_names
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.credit_code import Level as CodeLevel
from zaozhuang_portal.kernel.credit_code import check_credit_code
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

KEEPERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
SUBJECT_FIELDS = (
    "name",
    "managing_organization",
    "township",
    "credit_code",
    "credit_code_note",
    "industry_code",
    "ownership",
    "employee_count",
    "size_class",
    "size_overridden",
    "pilot_year",
    "contact_name",
    "contact_phone",
)
PROFILE_FIELDS = (
    "legal_representative",
    "address",
    "established_on",
    "annual_revenue",
    "total_assets",
    "groundwork",
    "labor_relations_status",
    "source_document",
)
# A contact may mend these of its own subject; everything else belongs to the district.
CONTACT_FIELDS = frozenset(
    {"contact_name", "contact_phone", "employee_count", "annual_revenue", "total_assets", "address"}
)


def check_keeper(actor: Actor, organization: Organization) -> None:
    """Raises NotAllowed unless the actor keeps the register of this district."""
    if actor.role not in KEEPERS:
        raise NotAllowed("您当前的身份不能维护培育对象档案。")
    if not actor.is_city and (actor.district is None or actor.district.pk != organization.pk):
        raise NotAllowed("只能维护本区（市）的培育对象。")


def _clean_code(values: dict[str, Any], kind: str) -> None:
    """Normalize the credit code; wrong length or letter is refused, a wrong check digit needs a word (ux E9)."""
    if kind != SubjectKind.ENTERPRISE:
        values.update(credit_code=None, credit_code_note="", size_class="", ownership="")
        return
    checked = check_credit_code(values.get("credit_code") or "")
    if checked.level is CodeLevel.ERROR:
        raise DomainError(checked.message, code="credit_code", field="credit_code")
    if checked.level is CodeLevel.WARNING and not (values.get("credit_code_note") or "").strip():
        raise DomainError(
            f"{checked.message}确认无误的，请在“信用代码说明”中写明，如“已核对营业执照”。",
            code="credit_code_note",
            field="credit_code_note",
        )
    values["credit_code"] = checked.code
    if checked.level is CodeLevel.OK:
        values["credit_code_note"] = ""


def _clean_place(values: dict[str, Any], kind: str) -> None:
    organization: Organization = values["managing_organization"]
    township: Organization | None = values.get("township")
    if organization.level != Level.DISTRICT:
        raise DomainError(
            "管理单位须为区（市）或高新区。", code="managing_organization", field="managing_organization"
        )
    if township is not None and township.parent_id != organization.pk:
        raise DomainError(
            f"“{township.name}”不由“{organization.name}”管理，请重新选择乡镇（街道）。",
            code="township",
            field="township",
        )
    if kind == SubjectKind.TOWNSHIP and township is None:
        raise DomainError("请选择乡镇（街道）。", code="township", field="township")
    values["division_code"] = township.code if township is not None else organization.code


def computed_size(
    *,
    industry_code: str,
    employees: int | None,
    revenue: Decimal | None = None,
    assets: Decimal | None = None,
) -> str:
    """The size class by 国统字〔2017〕213号, or "" when the figures do not suffice."""
    industry = find_industry(industry_code) if industry_code else None
    result = classify_size(
        industry_code=industry_code,
        section=(industry.parent or industry.code) if industry else "",
        employees=employees,
        revenue=revenue,
        assets=assets,
    )
    return result.size.value if result.size else ""


def _clean(values: dict[str, Any], kind: str) -> dict[str, Any]:
    name = (values.get("name") or "").strip()
    if not name:
        raise DomainError("请填写名称。", code="name", field="name")
    values["name"] = name
    _clean_code(values, kind)
    _clean_place(values, kind)
    if kind == SubjectKind.ENTERPRISE and not values.get("size_overridden"):
        values["size_class"] = computed_size(
            industry_code=values.get("industry_code") or "",
            employees=values.get("employee_count"),
            revenue=values.get("annual_revenue"),
            assets=values.get("total_assets"),
        )
    if kind == SubjectKind.ENTERPRISE and values.get("size_overridden") and not values.get("size_class"):
        raise DomainError("勾选人工认定后，请选择企业规模。", code="size_class", field="size_class")
    if kind == SubjectKind.INDUSTRY_PILOT and not values.get("pilot_year"):
        raise DomainError("请选择试点年度（2023—2027）。", code="pilot_year", field="pilot_year")
    names = derive_names(name)
    values.update(
        normalized_name=names.normalized_name, search_name=names.search_name, name_bigrams=names.name_bigrams
    )
    return values


_DERIVED = ("normalized_name", "search_name", "name_bigrams", "division_code")


def clash(kind: str) -> DomainError:
    """What the unique constraints of Subject mean in words, with the field they belong to."""
    what = {
        SubjectKind.ENTERPRISE: (
            "该统一社会信用代码已建档，请在列表中按信用代码查找；不在本区（市）的，请申请划转。",
            "credit_code",
        ),
        SubjectKind.INDUSTRIAL_PARK: ("本区（市）已有同名园区，请在列表中查找。", "name"),
        SubjectKind.TOWNSHIP: ("该乡镇（街道）已建档，请在列表中查找。", "township"),
        SubjectKind.INDUSTRY_PILOT: ("该年度已有同名行业试点，请在列表中查找。", "name"),
    }[SubjectKind(kind)]
    return DomainError(what[0], code="duplicate", field=what[1])


def _plain(value: Any) -> Any:
    if isinstance(value, Organization):
        return value.name
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return str(value)


@transaction.atomic
def create_subject(
    *, actor: Actor, kind: str, data: Mapping[str, Any], now: datetime, backfilled: bool = False
) -> Subject:
    """Open a record. `data` holds SUBJECT_FIELDS and PROFILE_FIELDS; revenue and assets in 万元, staff in persons.

    Raises DomainError (field named) for a bad code, place or duplicate; NotAllowed outside the actor's district.
    """
    check_keeper(actor, data["managing_organization"])
    values = _clean({**data}, kind)
    subject = Subject(
        kind=kind,
        backfilled=backfilled,
        created_at=now,
        created_by=actor.user,
        updated_at=now,
        updated_by=actor.user,
        **{name: values[name] for name in (*SUBJECT_FIELDS, *_DERIVED) if values.get(name) is not None},
    )
    try:
        with transaction.atomic():
            subject.save(force_insert=True)
    except IntegrityError as error:
        raise clash(kind) from error
    SubjectProfile.objects.create(
        subject=subject, **{name: values[name] for name in PROFILE_FIELDS if values.get(name) is not None}
    )
    record_audit(actor=actor, at=now, action="建档", kind="Subject", object_id=subject.pk, label=subject.name)
    return subject


def stale_subject(actor: Actor, subject: Subject, what_to_do: str) -> ConflictError:
    """The record changed since it was shown; the words say when that was the actor in another window."""
    by = Subject.objects.values_list("updated_by_id", flat=True).get(pk=subject.pk)
    return ConflictError(f"{changed_since('该档案', actor.user.pk, by)}。{what_to_do}。")


@transaction.atomic
def update_subject(
    *, actor: Actor, subject: Subject, expected_version: int, data: Mapping[str, Any], now: datetime
) -> Subject:
    """Change a record if nobody else did since `expected_version`; otherwise ConflictError and nothing written."""
    if actor.role == Role.SUBJECT_CONTACT:
        if actor.subject_id != subject.pk:
            raise NotAllowed()
        data = {name: value for name, value in data.items() if name in CONTACT_FIELDS}
    else:
        check_keeper(actor, subject.managing_organization)
    if subject.state != SubjectState.ACTIVE:
        word = subject.get_state_display()
        raise DomainError(
            f"档案{word}，不能修改。误注销的，请先恢复在册；已合并的，请修改并入的档案。", code="not_active"
        )
    profile = SubjectProfile.objects.get_or_create(subject=subject)[0]
    current = {name: getattr(subject, name) for name in SUBJECT_FIELDS}
    current.update({name: getattr(profile, name) for name in PROFILE_FIELDS})
    if "managing_organization" in data and data["managing_organization"] != subject.managing_organization:
        raise DomainError(
            "管理单位不能直接修改，请申请划转。", code="managing_organization", field="managing_organization"
        )
    values = _clean({**current, **data}, subject.kind)
    changes = {
        name: [_plain(current[name]), _plain(values[name])]
        for name in (*SUBJECT_FIELDS, *PROFILE_FIELDS)
        if values[name] != current[name]
    }
    if not changes and subject.version == expected_version:
        return subject
    columns = {name: values[name] for name in (*SUBJECT_FIELDS, *_DERIVED) if name in values}
    try:
        with transaction.atomic():
            updated = Subject.objects.filter(pk=subject.pk, version=expected_version).update(
                **columns, version=expected_version + 1, updated_at=now, updated_by=actor.user
            )
    except IntegrityError as error:
        raise clash(subject.kind) from error
    if not updated:
        raise stale_subject(actor, subject, "您填写的内容保留在下方，请与最新内容核对后再保存")
    SubjectProfile.objects.filter(pk=profile.pk).update(**{name: values[name] for name in PROFILE_FIELDS})
    record_audit(
        actor=actor,
        at=now,
        action="修改档案",
        kind="Subject",
        object_id=subject.pk,
        label=values["name"],
        changes=changes,
    )
    subject.refresh_from_db()
    return subject
