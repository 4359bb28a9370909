"""What an import may bring: the columns of each kind, their synonyms, and how a template describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType


class ImportKind(StrEnum):
    """The kinds of the register. The value is the word of the shell command; ledgers stand beside them by slug."""

    ENTERPRISES = "enterprises"
    PARKS = "parks"
    PILOTS = "pilots"


KIND_LABELS = MappingProxyType(
    {ImportKind.ENTERPRISES: "企业", ImportKind.PARKS: "工业园区", ImportKind.PILOTS: "行业试点"}
)
UNIT_WORDS = MappingProxyType({ImportKind.ENTERPRISES: "家", ImportKind.PARKS: "个", ImportKind.PILOTS: "个"})
EXAMPLE_MARK = "示例（导入时忽略）"
# Bumped when a column is added or renamed; printed on the template's help sheet.
TEMPLATE_VERSION = "2026-1"
# Columns that are understood but bring nothing to the register.
IGNORED = "ignored"
DISTRICT = "district"
# The 编号 of our exports, which names one row of a ledger.
RECORD_NUMBER = "record_number"


@dataclass(frozen=True, slots=True)
class ImportField:
    """One column. `longest` in characters.

    `kind` of the register: text, code, phone, integer, decimal, year, date or choice. A ledger has besides: long_text,
    month, boolean, choices, url, and the references of `imports_cells` (subject, township, member_unit, …).
    `choices` are (code, word); `minimum`, `maximum` and `places` bound numbers. `maskable`: a cell with * is one of
    our masked exports and means unchanged. `read_only`: exported, and understood but not taken by an import.
    """

    key: str
    header: str
    help: str
    synonyms: tuple[str, ...] = ()
    kind: str = "text"
    required: bool = False
    longest: int = 40
    example: str | int | float = ""
    width: float = 16
    in_profile: bool = False
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int | None = 0
    maximum: int | None = None
    places: int = 2
    maskable: bool = True
    read_only: bool = False


@dataclass(frozen=True, eq=False)
class KindSpec:
    """What headings, rows and messages need to know of one kind of import.

    `key` is the word of the shell command, `label` and `unit` are words (3 家企业). `identity`: fields that prove a row
    to be data whatever its first cell says.
    """

    key: str
    label: str
    unit: str
    fields: tuple[ImportField, ...]
    identity: tuple[str, ...] = ()
    understood: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def by_key(self) -> dict[str, ImportField]:
        return {column.key: column for column in self.fields if not column.read_only}

    @cached_property
    def required(self) -> list[str]:
        return [key for key, column in self.by_key.items() if column.required]


_CONTACT = (
    ImportField(
        "contact_name",
        "联系人",
        "企业经办人姓名",
        ("联系人姓名", "经办人", "负责人", "人资负责人", "联系人员"),
        example="张三",
        width=12,
    ),
    ImportField(
        "contact_phone",
        "联系电话",
        "11 位手机号，或带区号的固定电话，如 0632-1234567",
        ("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "固定电话", "联系人电话", "办公电话"),
        kind="phone",
        longest=30,
        example="0632-1234567",
        width=16,
    ),
)
_TOWNSHIP = ImportField(
    "township",
    "乡镇（街道）",
    "所在乡镇（街道）或工业园区，可空；须属于本区（市）管理",
    ("乡镇", "街道", "镇街", "乡镇街道", "镇（街）", "所属乡镇", "所在乡镇", "所属镇街", "所在镇街", "属地"),
    kind="choice",
    longest=60,
    width=18,
)
_INDUSTRY = ImportField(
    "industry_code",
    "所属行业",
    "GB/T 4754—2017 的行业大类名称或代码，如 33 金属制品业",
    ("行业", "行业代码", "行业类别", "行业门类", "所属行业代码", "国民经济行业", "行业名称", "行业大类"),
    kind="choice",
    longest=60,
    example="33 金属制品业",
    width=26,
)
_ADDRESS = ImportField(
    "address",
    "地址",
    "可空",
    ("详细地址", "企业地址", "注册地址", "经营地址", "住所", "通讯地址", "园区地址"),
    longest=200,
    width=28,
    in_profile=True,
)
_GROUNDWORK = ImportField(
    "groundwork",
    "工作基础",
    "已建立的机制、站点等，可空",
    ("现有基础", "基础情况", "工作基础情况"),
    longest=2000,
    width=30,
    in_profile=True,
)
_RELATIONS = ImportField(
    "labor_relations_status",
    "劳动关系状况",
    "可空",
    ("劳动关系情况", "和谐劳动关系状况"),
    longest=2000,
    width=30,
    in_profile=True,
)

_ENTERPRISE = (
    ImportField(
        "name",
        "企业名称",
        "与营业执照一致的全称",
        ("单位名称", "公司名称", "名称", "企业全称", "用人单位", "用人单位名称", "企业", "单位", "公司"),
        required=True,
        longest=120,
        example=f"{EXAMPLE_MARK}某某机械有限公司",
        width=34,
    ),
    ImportField(
        "credit_code",
        "统一社会信用代码",
        "18 位，照营业执照填写（GB 32100-2015）",
        (
            "信用代码",
            "社会信用代码",
            "统一信用代码",
            "社会统一信用代码",
            "机构代码",
            "统一代码",
            "代码",
            "uscc",
        ),
        kind="code",
        required=True,
        longest=40,
        example="91370402999999998R",
        width=24,
    ),
    _TOWNSHIP,
    _INDUSTRY,
    ImportField(
        "ownership",
        "经济类型",
        "国有及国有控股、集体、民营、港澳台商投资、外商投资 五选一",
        (
            "企业类型",
            "所有制",
            "经济成分",
            "企业性质",
            "单位性质",
            "登记注册类型",
            "注册类型",
            "所有制性质",
            "性质",
        ),
        kind="choice",
        example="民营",
        width=16,
    ),
    ImportField(
        "employee_count",
        "职工人数",
        "在岗职工人数，整数",
        (
            "人数",
            "从业人员",
            "从业人数",
            "从业人员数",
            "员工人数",
            "员工数",
            "职工数",
            "用工人数",
            "在职职工人数",
            "职工总数",
        ),
        kind="integer",
        example=312,
        width=12,
        unit="人",
    ),
    *_CONTACT,
    ImportField(
        "annual_revenue",
        "营业收入（万元）",
        "上年度，万元，可空；用于按国统字〔2017〕213号划分规模",
        ("营业收入", "年营业收入", "主营业务收入", "营收", "年收入"),
        kind="decimal",
        example=8600,
        width=16,
        in_profile=True,
        unit="万元",
    ),
    ImportField(
        "total_assets",
        "资产总额（万元）",
        "上年末，万元，可空；建筑、房地产、租赁和商务服务业划分规模需要",
        ("资产总额", "总资产", "资产总计"),
        kind="decimal",
        width=16,
        in_profile=True,
        unit="万元",
    ),
    ImportField(
        "size_class",
        "企业规模",
        "可空；能测算时以测算结果为准，不能测算时按所填认定（大型、中型、小型、微型）",
        ("规模", "企业规模类型", "规模类型", "单位规模"),
        kind="choice",
        width=12,
    ),
    ImportField(
        "legal_representative",
        "法定代表人",
        "可空",
        ("法人", "法人代表", "法人代表人", "法定代表人姓名", "企业法人"),
        width=14,
        in_profile=True,
    ),
    _ADDRESS,
    ImportField(
        "established_on",
        "成立日期",
        "可空，如 2015-06-01",
        ("成立时间", "注册日期", "注册时间", "成立年月日"),
        kind="date",
        width=14,
        in_profile=True,
    ),
    ImportField(
        "credit_code_note",
        "信用代码说明",
        "校验位不符但与营业执照一致时，写明“已核对营业执照”",
        ("代码说明",),
        longest=100,
        width=20,
    ),
    _RELATIONS,
)
_PARK = (
    ImportField(
        "name",
        "园区名称",
        "工业园区全称",
        ("工业园区名称", "工业园区", "名称", "园区", "单位名称", "园区全称"),
        required=True,
        longest=120,
        example=f"{EXAMPLE_MARK}某某经济开发区",
        width=34,
    ),
    _TOWNSHIP,
    ImportField(
        "employee_count",
        "职工人数",
        "园区内企业职工总数，整数，可空",
        ("人数", "从业人员", "从业人数", "员工人数", "职工总数", "用工人数"),
        kind="integer",
        example=5600,
        width=12,
        unit="人",
    ),
    *_CONTACT,
    _ADDRESS,
    _GROUNDWORK,
    _RELATIONS,
)
_PILOT = (
    ImportField(
        "name",
        "试点名称",
        "行业试点的名称，如 滕州市玻璃行业",
        ("行业试点名称", "行业试点", "名称", "试点", "行业名称", "试点行业"),
        required=True,
        longest=120,
        example=f"{EXAMPLE_MARK}某某行业",
        width=34,
    ),
    ImportField(
        "pilot_year",
        "年度",
        "2023 至 2027",
        ("试点年度", "年份", "试点年份", "确定年度", "年"),
        kind="year",
        required=True,
        example=2026,
        width=10,
    ),
    ImportField(
        "industry_code",
        "所属行业",
        _INDUSTRY.help,
        ("行业", "行业代码", "行业类别", "行业门类", "国民经济行业", "行业大类"),
        kind="choice",
        longest=60,
        example="30 非金属矿物制品业",
        width=26,
    ),
    ImportField(
        "employee_count",
        "职工人数",
        "行业内企业职工总数，整数，可空",
        ("人数", "从业人员", "从业人数", "职工总数"),
        kind="integer",
        width=12,
        unit="人",
    ),
    *_CONTACT,
    _GROUNDWORK,
    _RELATIONS,
)
FIELDS = MappingProxyType(
    {ImportKind.ENTERPRISES: _ENTERPRISE, ImportKind.PARKS: _PARK, ImportKind.PILOTS: _PILOT}
)
UNDERSTOOD = (
    "序号", "编号", "行号", "备注", "导入结果", "编码", "id", "类别", "状态", "更新时间", "建档时间", "填报日期",
    "填报单位", "管理单位", "行政区划代码", "重点培育", "重点培育年度", "版本", "规模为人工认定", "补录",
)  # fmt: skip
DISTRICT_WORDS = ("区市", "区县", "县区", "所属区县", "所属区市", "区", "县市区", "所在区县", "所在区市")


SPECS = MappingProxyType(
    {
        kind: KindSpec(
            kind.value,
            KIND_LABELS[kind],
            UNIT_WORDS[kind],
            FIELDS[kind],
            identity=("credit_code", "pilot_year"),
            understood=UNDERSTOOD,
        )
        for kind in ImportKind
    }
)


def fields_of(kind: ImportKind) -> dict[str, ImportField]:
    return SPECS[kind].by_key
