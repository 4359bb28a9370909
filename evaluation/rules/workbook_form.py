"""The form of the authoring workbook: sheets, headings and the keys of the file they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

from evaluation.rules.definitions import NOT_APPLICABLE_POLICIES, REQUIREMENTS, STATUSES, SUBJECT_KINDS
from evaluation.rules.kinds import PART_KINDS

COVER = "说明"
COVER_HEADINGS = ("项目", "内容", "出处", "可信度", "依据")

# 说明: row label → (section, key)
COVER_ROWS = {
    "标准号": ("meta", "code"),
    "版本": ("meta", "version"),
    "名称": ("meta", "title"),
    "来源": ("meta", "status"),
    "总分": ("meta", "total_score"),
    "适用对象": ("meta", "applies_to"),
    "生效日期": ("meta", "effective_from"),
    "前置要求": ("meta", "requires"),
    "备注": ("meta", "text"),
    "合格线": ("thresholds", "pass_score"),
    "否决回溯月数": ("thresholds", "veto_lookback_months"),
}

COVER_LISTS = frozenset({"applies_to", "requires", "source"})
PROVENANCE = {"出处": "source", "可信度": "grade", "依据": "basis"}


@dataclass(frozen=True)
class SheetForm:
    """One sheet: heading → key. `lists` are keys whose cell holds several values."""

    name: str
    key: str
    label: str
    columns: dict[str, str]
    lists: frozenset[str] = field(default_factory=frozenset)
    required: bool = True


SHEETS = (
    SheetForm(
        "评价项目",
        "dimensions",
        "评价项目",
        {
            "编号": "code",
            "名称": "name",
            "满分": "max_score",
            "乡镇（街道）表述": "name_township",
            "原文": "text",
        }
        | PROVENANCE,
        frozenset({"source"}),
    ),
    SheetForm(
        "指标",
        "indicators",
        "评价指标",
        {
            "评价项目": "dimension",
            "编号": "code",
            "名称": "name",
            "满分": "max_score",
            "不适用": "not_applicable",
            "佐证材料": "evidence",
            "乡镇（街道）表述": "name_township",
            "原文": "text",
        }
        | PROVENANCE,
        frozenset({"source", "evidence"}),
    ),
    SheetForm(
        "评分规则",
        "rule",
        "评分规则",
        {
            "指标": "indicator",
            "方式": "kind",
            "内容": "text",
            "分值": "points",
            "分子": "numerator",
            "分母": "denominator",
            "目标（%）": "target",
            "每个百分点扣分": "per_point",
            "不足 1 个百分点": "count",
            "分档（门槛=得分）": "bands",
            "打分步长": "step",
            "测评": "survey",
        }
        | PROVENANCE,
        frozenset({"source", "bands"}),
    ),
    SheetForm(
        "一票否决",
        "vetoes",
        "一票否决项",
        {
            "编号": "code",
            "名称": "name",
            "相关指标": "related",
            "乡镇（街道）表述": "name_township",
            "原文": "text",
        }
        | PROVENANCE,
        frozenset({"source", "related"}),
        required=False,
    ),
    SheetForm(
        "扣分项",
        "deductions",
        "扣分项",
        {"编号": "code", "名称": "name", "可选扣分": "options", "原文": "text"} | PROVENANCE,
        frozenset({"source", "options"}),
        required=False,
    ),
    SheetForm(
        "测评",
        "surveys",
        "测评",
        {"编号": "code", "名称": "name", "门槛": "minimum", "原文": "text"} | PROVENANCE,
        frozenset({"source"}),
        required=False,
    ),
    SheetForm("出处", "sources", "出处", {"编号": "code", "出处": "ref", "可信度": "grade"}, required=False),
)
FORM_OF_KEY = {form.key: form for form in SHEETS}

# Words that a cell may hold instead of the stored code.
WORDS: dict[str, dict[str, str]] = {
    "status": {label: code for code, label in STATUSES.items()} | {"重构稿": "RECONSTRUCTION"},
    "applies_to": {label: code for code, label in SUBJECT_KINDS.items()},
    "requires": {label: code for code, label in REQUIREMENTS.items()},
    "not_applicable": {label: code for code, label in NOT_APPLICABLE_POLICIES.items()}
    | {"得满分": "FULL", "不计入": "EXCLUDE", "不允许": "FORBIDDEN"},
    "kind": {part.kind_label: kind for kind, part in PART_KINDS.items()},
    "count": {"不扣": "FULL", "按 1 个扣": "STARTED", "按比例扣": "PROPORTIONAL"},
}
