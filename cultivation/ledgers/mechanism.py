"""Ledgers of 汇报、规划、考核, 政策文件, 专门工作小组 and 责任分解 (notice 三（二）1—2, 四（一）—（三）)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cultivation.enums import PolicyAdoptionKind, PolicyDocumentKind, TaskForceScope, WorkItemState
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, Slip, register_ledger
from cultivation.models import PolicyAdoption, PolicyDocument, TaskForce, WorkItem
from cultivation.rules.work_items import read_units, units_line
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import MemberUnit, Organization
from zaozhuang_portal.kernel.bulk import key_set, text_set
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.errors import DomainError

FAMILY = "组织机制"


def _future_slip(values: Mapping[str, Any], key: str, word: str) -> Iterable[Slip]:
    day = values.get(key)
    if isinstance(day, date) and day > shanghai_date(now()):
        yield Slip(key, f"{word} {day} 晚于今天，请核对。")


def check_adoption(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Done needs its day; done in a plan or an appraisal needs the paper's number, else a warning."""
    yield from _future_slip(values, "adopted_on", "日期")
    if not values.get("achieved"):
        if values.get("adopted_on"):
            yield Slip("achieved", "填了日期，“是否做到”应为“是”；没有做到的请清空日期。")
        return
    if not values.get("adopted_on"):
        yield Slip("adopted_on", "已做到的，请填日期（汇报当天或文件印发日期）。")
    paper = values.get("document_number") or values.get("title")
    if values.get("kind") != PolicyAdoptionKind.REPORTED and not paper:
        yield Slip(
            "document_number",
            "纳入规划、纳入考核一般以文件为准，文号和文件名称都空着，请核对。",
            warning=True,
        )


ADOPTIONS = Ledger(
    slug="adoptions",
    noun="汇报、纳入规划与考核",
    unit="项",
    model=PolicyAdoption,
    clause="四（一）（C097—C099）",
    icon="bookmark",
    order=310,
    family=FAMILY,
    columns=(
        Column(
            "kind",
            "事项",
            ColumnKind.CHOICE,
            choices=tuple(PolicyAdoptionKind.choices),
            required=True,
            in_list=True,
            filterable=True,
            width=26,
            example="向党委政府主动汇报",
        ),
        Column("achieved", "是否做到", ColumnKind.BOOLEAN, in_list=True, filterable=True, width=10),
        Column("adopted_on", "日期", ColumnKind.DATE, in_list=True, width=13, help="汇报当天或文件印发日期"),
        Column("document_number", "文号", longest=60, in_list=True, width=20),
        Column("title", "文件或会议名称", longest=160, in_list=True, width=34),
        Column("received_by", "听取汇报（印发）机关", longest=80, width=24),
        Column(
            "township",
            "乡镇（街道）、园区",
            ColumnKind.TOWNSHIP,
            width=18,
            help="本级机构的不填；乡镇（街道）、园区机构的填写",
        ),
        Column("note", "备注"),
    ),
    title="kind",
    natural_key=("year", "kind", "township"),
    check=check_adoption,
    empty_hint="每个机构每年三项：主动汇报、纳入规划、纳入考核。做到的填日期和文号，没有做到的也请如实登记。",
    paper=Paper("汇报、纳入规划与考核登记表"),
)


def check_document(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    yield from _future_slip(values, "issued_on", "印发日期")


POLICIES = Ledger(
    slug="policies",
    standing=True,
    noun="政策文件",
    unit="份",
    model=PolicyDocument,
    clause="三（二）1（C045）",
    icon="file-earmark-text",
    order=320,
    family=FAMILY,
    columns=(
        Column("title", "标题", required=True, in_list=True, width=44, example="示例（导入时忽略）某通知"),
        Column("document_number", "文号（标准号）", longest=60, in_list=True, width=22),
        Column(
            "kind",
            "类别",
            ColumnKind.CHOICE,
            choices=tuple(PolicyDocumentKind.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("issuer", "发文机关", longest=160, width=30),
        Column("issued_on", "印发日期", ColumnKind.DATE, in_list=True, width=13),
        Column("summary", "主要内容", ColumnKind.LONG_TEXT, width=40),
        Column("url", "公开网址", ColumnKind.URL, longest=300, width=30),
        Column("note", "备注"),
    ),
    natural_key=("document_number", "title"),
    check=check_document,
    empty_hint="贯彻落实文件、培育机制文件在这里登记，并上传原文。",
)


def check_task_force(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    yield from _future_slip(values, "established_on", "成立日期")


TASK_FORCES = Ledger(
    slug="task-forces",
    standing=True,
    noun="专门工作小组",
    unit="个",
    model=TaskForce,
    clause="三（二）2（C065）",
    icon="people",
    order=330,
    family=FAMILY,
    columns=(
        Column(
            "name",
            "名称",
            required=True,
            longest=100,
            in_list=True,
            width=36,
            example="示例（导入时忽略）企业培育工作组",
        ),
        Column(
            "scope",
            "职责范围",
            ColumnKind.CHOICE,
            choices=tuple(TaskForceScope.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("leader", "组长及职务", required=True, longest=80, in_list=True, width=26),
        Column("members", "成员", ColumnKind.LONG_TEXT, width=40, help="姓名和单位，一行一人"),
        Column("duties", "工作职责", ColumnKind.LONG_TEXT, width=40),
        Column("established_on", "成立日期", ColumnKind.DATE, in_list=True, width=13),
        Column("document_number", "文号", longest=60, in_list=True, width=20),
        Column("note", "备注"),
    ),
    natural_key=("year", "name"),
    check=check_task_force,
    empty_hint="通知要求企业、园区乡镇（街道）分别成立专门工作小组，每个小组登记一条。",
    paper=Paper("专门工作小组登记表"),
)


def check_work_item(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    return check_work_items(actor, [(record, values)])[0]


def check_work_items(actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[list[Slip]]:
    """A lead, and units by the names the portal knows. Statements: 1, or 0 when no row names other units than before."""
    asked = [
        read_units(values.get("participating_words") or "")
        if record is None or record.participating_words != values.get("participating_words")
        else []
        for record, values in rows
    ]
    wanted = {name for names in asked for name in names}
    units = MemberUnit.objects.filter(name__in=text_set(wanted))
    if actor is not None and actor.district is not None:
        units = units.filter(organization_id__in=[actor.district.pk, actor.district.parent_id])
    known = set(units.values_list("name", flat=True)) if wanted else set()
    found = []
    for (_, values), names in zip(rows, asked, strict=True):
        slips = []
        if not values.get("lead_unit") and not values.get("lead_name"):
            slips.append(Slip("lead_unit", "请选择牵头单位，或在“牵头单位（其他）”中填写。"))
        if strangers := [name for name in names if name not in known]:
            slips.append(Slip("participating_words", stranger_words(strangers)))
        found.append(slips)
    return found


def stranger_words(names: Sequence[str]) -> str:
    return f"参加单位“{units_line(names)}”不是本级或市级三方的成员单位，请照系统中的单位名称填写，多个单位用顿号隔开。"


def keep_units(actor: Actor | None, item: WorkItem) -> None:
    keep_all_units([item])


def keep_all_units(items: Sequence[WorkItem]) -> None:
    """Make the units of each task those its line names. Raises DomainError for one out of its reach. Statements: 4."""
    wanted = {item.pk: read_units(item.participating_words) for item in items}
    parents = dict(
        Organization.objects.filter(pk__in={item.organization_id for item in items}).values_list(
            "pk", "parent_id"
        )
    )
    names = {name for words in wanted.values() for name in words}
    known = {
        (unit.organization_id, unit.name): unit.pk
        for unit in MemberUnit.objects.filter(name__in=text_set(names))
    }
    joined = WorkItem.participating_units.through
    new = []
    for item in items:
        places = (item.organization_id, parents[item.organization_id])
        units = [
            next((known[place, name] for place in places if (place, name) in known), None)
            for name in wanted[item.pk]
        ]
        if strangers := [name for name, unit in zip(wanted[item.pk], units, strict=True) if unit is None]:
            raise DomainError(f"“{item.title}”：{stranger_words(strangers)}", field="participating_words")
        new += [joined(workitem_id=item.pk, memberunit_id=unit) for unit in units]
    joined.objects.filter(workitem_id__in=key_set(list(wanted))).delete()
    joined.objects.bulk_create(new, batch_size=1_000)


def prepare_work_item(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    """A unit of the portal has precedence over a name typed beside it; a name is given where an account is."""
    if values.get("lead_unit"):
        values["lead_name"] = ""
    values["participating_words"] = units_line(read_units(values.get("participating_words") or ""))
    user = values.get("responsible_user")
    if user is not None and not values.get("responsible_person"):
        values["responsible_person"] = user.full_name


def closed_item(actor: Actor, item: WorkItem) -> str:
    """Why this item may not be changed, or ""."""
    if item.state == WorkItemState.OPEN:
        return ""
    return f"任务{item.get_state_display()}，不能修改。需要时请先“重新办理”。"


WORK_ITEMS = Ledger(
    slug="work-items",
    open_row=lambda row: row.state == WorkItemState.OPEN,
    finishing=frozenset({"progress", "progress_note", "due_on", "responsible_person", "responsible_user"}),
    noun="责任分解",
    unit="项",
    model=WorkItem,
    clause="四（二）（C102—C104）",
    icon="list-check",
    order=340,
    family=FAMILY,
    columns=(
        Column(
            "title", "任务", required=True, in_list=True, width=44, example="示例（导入时忽略）组织专题培训"
        ),
        Column("lead_unit", "牵头单位", ColumnKind.MEMBER_UNIT, in_list=True, filterable=True, width=26),
        Column("lead_name", "牵头单位（其他）", longest=80, width=26),
        Column(
            "participating_words",
            "参加单位",
            longest=600,
            width=36,
            help="系统中的单位名称，多个用顿号隔开",
            synonyms=("参与单位", "配合单位"),
        ),
        Column("responsible_person", "责任人", longest=40, in_list=True, width=12),
        Column("responsible_user", "责任人账号", ColumnKind.USER),
        Column("due_on", "完成时限", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("supporting_measures", "保障措施", ColumnKind.LONG_TEXT, width=36),
        Column("progress", "进度", ColumnKind.INTEGER, maximum=100, unit="%", in_list=True, in_form=False),
        Column("progress_note", "进展情况", ColumnKind.LONG_TEXT, in_form=False, width=36),
        Column("clause", "依据", longest=60, width=24),
        Column(
            "state",
            "状态",
            ColumnKind.DERIVED,
            in_list=True,
            value_of=lambda item: item.get_state_display(),
        ),
        Column("note", "备注"),
    ),
    natural_key=("year", "title"),
    check=check_work_item,
    check_needs=("lead_unit", "lead_name"),
    check_many=check_work_items,
    prepare=prepare_work_item,
    finish=keep_units,
    after_import=keep_all_units,
    refuse_change=closed_item,
    select_related=("lead_unit",),
    list_url_name="cultivation:work_item_list",
    create_url_name="cultivation:work_item_create",
    detail_url_name="cultivation:work_item_detail",
    empty_hint="把培育任务分解到单位：任务、牵头单位、完成时限、保障措施。",
)

register_ledger(ADOPTIONS, POLICIES, TASK_FORCES, WORK_ITEMS)
