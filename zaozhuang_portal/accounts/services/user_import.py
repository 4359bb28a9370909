"""Users from Excel: read and check (writes nothing), then open the accounts in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import AccountAct, Role
from zaozhuang_portal.accounts.models import AccountRequest, MemberUnit, Organization, User
from zaozhuang_portal.accounts.permissions.people import (
    MEMBER_ROLES,
    assignable_organizations,
    assignable_roles,
    check_may_assign,
)
from zaozhuang_portal.accounts.services.account_requests import request_account_act
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.users import clean_username
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import ParseError, clean_text, parse_phone, quote
from zaozhuang_portal.kernel.spreadsheets import Sheet
from zaozhuang_portal.kernel.spreadsheets.templates import TemplateColumn, build_template

HEADERS = ("姓名", "用户名", "手机号", "角色", "单位", "成员单位", "职务")
REQUIRED = ("姓名", "用户名", "角色", "单位")
MAX_ROWS = 500
_EXAMPLE = "示例（导入时忽略）"
_TEMPLATE_VERSION = "2026-1"


@dataclass(frozen=True)
class RowError:
    """Where and what: Excel row number, column header, value as typed, message with the mend."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class UserLine:
    """One good row: plain values that can be signed and carried by the confirm form."""

    row: int
    full_name: str
    username: str
    phone: str
    role: str
    organization_id: int
    member_unit_id: int | None
    post: str
    place: str

    @property
    def role_label(self) -> str:
        return Role(self.role).label

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class CheckedUsers:
    lines: list[UserLine] = field(default_factory=list)
    unchanged: list[tuple[int, str]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def user_template(actor: Actor) -> bytes:
    """The .xlsx to fill in, with the roles and units this actor may give as drop-downs."""
    places = _places(actor)
    units = [
        unit.name
        for unit in MemberUnit.objects.filter(organization__in=places.values()).order_by("organization", "id")
    ]
    roles = tuple(Role(role).label for role in assignable_roles(actor))
    columns = [
        TemplateColumn("姓名", "真实姓名", _EXAMPLE, required=True),
        TemplateColumn("用户名", "3 位以上小写字母、数字或 . _ -，不能重复", "zhang.san", required=True),
        TemplateColumn("手机号", "用于短信验证码登录和联系", "13800000000"),
        TemplateColumn(
            "角色", "从下拉列表中选", roles[0] if roles else "", choices=roles, required=True, width=26
        ),
        TemplateColumn(
            "单位", "从下拉列表中选", next(iter(places), ""), choices=tuple(places), required=True, width=26
        ),
        TemplateColumn("成员单位", "成员单位角色必填", "", choices=tuple(units), width=34),
        TemplateColumn("职务", "选填", "科员"),
    ]
    notes = ["每行一人；同一人有多个任职的，先导入一行，其余在用户详情页登记。", f"一次最多 {MAX_ROWS} 行。"]
    return build_template(columns, sheet_name="用户", version=_TEMPLATE_VERSION, notes=notes)


def _places(actor: Actor) -> dict[str, Organization]:
    organizations = (
        Organization.objects.filter(assignable_organizations(actor), is_active=True)
        .select_related("parent")
        .order_by("sort_order", "code")
    )
    return {organization.name: organization for organization in organizations}


def check_user_rows(*, actor: Actor, sheets: Sequence[Sheet]) -> CheckedUsers:
    """Read the first sheet that has the headings and check every row. DomainError when no sheet has them."""
    sheet, start, columns = _find_header(sheets)
    rows = [
        (number, {name: clean_text(_cell(row, index)) for name, index in columns.items()})
        for number, row in enumerate(sheet.rows[start + 1 :], start + 2)
    ]
    rows = [
        (number, values)
        for number, values in rows
        if any(values.values()) and _EXAMPLE not in values.values()
    ]
    if not rows:
        raise DomainError("表中没有要导入的人员，请在标题行下面逐行填写。", code="empty", field="file")
    if len(rows) > MAX_ROWS:
        raise DomainError(
            f"一次最多导入 {MAX_ROWS} 行，现有 {len(rows)} 行，请分批导入。", code="too_many", field="file"
        )
    checked = CheckedUsers()
    places = _places(actor)
    units = {
        (unit.organization_id, unit.name): unit
        for unit in MemberUnit.objects.filter(organization__in=places.values())
    }
    names = [values["用户名"].lower() for _, values in rows]
    existing = dict(User.objects.filter(username__in=names).values_list("username", "full_name"))
    seen: dict[str, int] = {}
    for number, values in rows:
        _check_row(actor, number, values, checked, places=places, units=units, existing=existing, seen=seen)
    return checked


def _cell(row: Sequence[Any], index: int) -> Any:
    return row[index] if index < len(row) else ""


def _find_header(sheets: Sequence[Sheet]) -> tuple[Sheet, int, dict[str, int]]:
    for sheet in sheets:
        for start, row in enumerate(sheet.rows[:20]):
            titles = {clean_text(cell): index for index, cell in enumerate(row)}
            if set(REQUIRED) <= set(titles):
                return sheet, start, {name: titles[name] for name in HEADERS if name in titles}
    raise DomainError(
        f"没有找到标题行：须含“{'”“'.join(REQUIRED)}”各列。请下载模板填写后再上传。",
        code="header",
        field="file",
    )


def _check_row(
    actor: Actor,
    number: int,
    values: Mapping[str, str],
    checked: CheckedUsers,
    *,
    places: Mapping[str, Organization],
    units: Mapping[tuple[int, str], MemberUnit],
    existing: Mapping[str, str],
    seen: dict[str, int],
) -> None:
    errors = []

    def refuse(column: str, message: str) -> None:
        errors.append(RowError(number, column, values.get(column, ""), message))

    for column in REQUIRED:
        if not values[column]:
            refuse(column, f"缺少{column}，请填写")
    username = values["用户名"].lower()
    if username:
        try:
            username = clean_username(username)
        except DomainError as error:
            refuse("用户名", error.message)
    if username in seen:
        refuse("用户名", f"与第 {seen[username]} 行的用户名相同，请改用不同的用户名")
    elif username:
        seen[username] = number
    if username in existing and not errors:
        if existing[username] == values["姓名"]:
            checked.unchanged.append((number, username))
            return
        refuse("用户名", f"用户名已被{existing[username]}使用，请换一个")
    phone = ""
    try:
        phone = parse_phone(values.get("手机号", ""))
    except ParseError as error:
        refuse("手机号", str(error))
    role = next((code for code in assignable_roles(actor) if values["角色"] in {Role(code).label, code}), "")
    if values["角色"] and not role:
        refuse("角色", f"{quote(values['角色'])}不是您可以授予的角色，请从下拉列表中选")
    organization = places.get(values["单位"])
    if values["单位"] and organization is None:
        refuse("单位", f"没有找到单位{quote(values['单位'])}，请从下拉列表中选本单位或下级单位")
    unit = None
    if organization is not None and (unit_name := values.get("成员单位", "")):
        unit = units.get((organization.pk, unit_name))
        if unit is None:
            refuse("成员单位", f"{quote(unit_name)}不是{organization.name}的成员单位，请从下拉列表中选")
    if organization is not None and role:
        try:
            check_may_assign(actor, role=role, organization=organization)
        except DomainError as error:
            refuse("角色", error.message)
        if role in MEMBER_ROLES and unit is None and not values.get("成员单位"):
            refuse("成员单位", "成员单位角色须填写成员单位，请从下拉列表中选")
    if errors or organization is None:
        checked.errors.extend(errors)
        return
    checked.lines.append(
        UserLine(
            row=number,
            full_name=values["姓名"],
            username=username,
            phone=phone,
            role=role,
            organization_id=organization.pk,
            member_unit_id=unit.pk if unit else None,
            post=values.get("职务", ""),
            place=unit.name if unit else organization.name,
        )
    )


@transaction.atomic
def import_users(
    *, actor: Actor, at: datetime, lines: Sequence[UserLine], base_url: str
) -> list[AccountRequest]:
    """Ask for all accounts or none, with the rights of the actor now. DomainError names the row that fails."""
    organizations = Organization.objects.in_bulk([line.organization_id for line in lines])
    units = MemberUnit.objects.in_bulk([line.member_unit_id for line in lines if line.member_unit_id])
    asked = []
    for line in lines:
        try:
            row = request_account_act(
                actor=actor,
                at=at,
                act=AccountAct.CREATE,
                base_url=base_url,
                username=line.username,
                full_name=line.full_name,
                phone=line.phone,
                role=line.role,
                organization=organizations[line.organization_id],
                member_unit=units.get(line.member_unit_id) if line.member_unit_id else None,
                post=line.post,
            )
        except DomainError as error:
            raise DomainError(
                f"第 {line.row} 行：{error.message} 没有导入任何人。", code=error.code
            ) from error
        asked.append(row)
    record_audit(actor=actor, at=at, action="import_users", kind="User", changes={"asked": [0, len(asked)]})
    return asked
