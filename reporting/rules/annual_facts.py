"""Numbers of the report laid out as rows: one list feeds the annex, every sentence quotes only from it."""

from __future__ import annotations

import re
from datetime import date

from reporting.rules.figures import (
    COMPLETION_LABELS,
    KIND_LABELS,
    KIND_UNITS,
    AssessmentFigures,
    KindFigures,
    ReportFigures,
    ServiceFigures,
    SubjectKind,
    TargetRow,
)

FactRow = tuple[str, str, str, str]  # group, name, value (blank = 未填报), unit


def chinese_date(iso: str) -> str:
    """「2026-11-20」 → 「2026年11月20日」, without leading zeros (GB/T 9704-2012 7.3.5.4)."""
    day = date.fromisoformat(iso[:10])
    return f"{day.year}年{day.month}月{day.day}日"


_INTERNAL_VERSION = re.compile(r"(DB\d+/T \d+) (\d{4})(?:-\w+)?")


def public_standard(label: str) -> str:
    """A standard by its public number: 「DB37/T 4077 2020-r1」 of an older snapshot → 「DB37/T 4077—2020」."""
    return _INTERNAL_VERSION.sub(r"\1—\2", label)


_SPACED = re.compile(r"(?<=[\u3400-\u9fff）」]) (?=[\d（])|(?<=[\d%）]) (?=[\u3400-\u9fff])")


def paper_words(text: str) -> str:
    """A sentence of the screens on paper, where figures stand close: 「已确认 3 个」 → 「已确认3个」."""
    return _SPACED.sub("", text)


def counted(count: int, kind: SubjectKind) -> str:
    """A count with its unit: 企业 are counted in 家, everything else in 个."""
    return f"{count}{KIND_UNITS[kind]}"


def completion_label(row: TargetRow) -> str:
    return row["completion_label"] or COMPLETION_LABELS[row["completion"]]


def shortfall(row: TargetRow) -> int | None:
    """How many are missing to the target; 0 when reached, None where no target applies."""
    if row["target"] is None or row["completion"] == "NOT_APPLICABLE":
        return None
    return max(row["target"] - row["actual"], 0)


def find_kind(figures: ReportFigures, kind: SubjectKind) -> KindFigures:
    """The figures of one kind; a kind that the snapshot does not list has no enrollment."""
    for row in figures["kinds"]:
        if row["kind"] == kind:
            return row
    return KindFigures(
        kind=kind,
        total=0,
        new=0,
        continued=0,
        by_size=[],
        by_industry=[],
        by_township=[],
        employee_count=None,
    )


def find_assessments(figures: ReportFigures, kind: SubjectKind) -> AssessmentFigures | None:
    """The assessment counts of one kind; None when nobody of it has an indicator set to assess against."""
    return next((row for row in figures["assessments"] if row["kind"] == kind), None)


def total_enrolled(figures: ReportFigures) -> int:
    return sum(row["total"] for row in figures["kinds"])


def _text(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _kind_facts(row: KindFigures) -> list[FactRow]:
    kind = row["kind"]
    group, unit = f"重点培育{KIND_LABELS[kind]}", KIND_UNITS[kind]
    facts: list[FactRow] = [(group, "合计", str(row["total"]), unit)]
    if not row["total"]:
        return facts
    facts += [
        (group, "其中：新增", str(row["new"]), unit),
        (group, "其中：延续", str(row["continued"]), unit),
    ]
    if kind == "ENTERPRISE":
        facts.append((group, "职工人数", _text(row["employee_count"]), "人"))
    for title, breakdown in (
        ("按规模", row["by_size"]),
        ("按行业", row["by_industry"]),
    ):
        facts.extend((group, f"{title}：{item['label']}", str(item["count"]), unit) for item in breakdown)
    return facts


def _assessment_facts(row: AssessmentFigures) -> list[FactRow]:
    kind = row["kind"]
    group, unit = f"{KIND_LABELS[kind]}评价", KIND_UNITS[kind]
    started: FactRow = (group, "开展自评", str(row["started"]), unit)
    if not row["started"]:
        return [started]
    return [
        started,
        (group, "提交自评", str(row["submitted"]), unit),
        (group, "区（市）核验", str(row["verified"]), unit),
        (group, "核验后达到标准", str(row["passed"]), unit),
        (group, "自评平均得分", _text(row["average_self_score"]), "分"),
        (group, "核验平均得分", _text(row["average_verified_score"]), "分"),
    ]


def fact_rows(figures: ReportFigures) -> list[FactRow]:
    """Every number a drafted sentence may quote, apart from targets, which have their own table."""
    participation = figures["participation"]
    rows: list[FactRow] = [("重点培育对象", "合计", str(total_enrolled(figures)), "个")]
    rows += [
        ("重点培育对象", "其中：新增", str(sum(row["new"] for row in figures["kinds"])), "个"),
        ("重点培育对象", "其中：延续", str(sum(row["continued"] for row in figures["kinds"])), "个"),
    ]
    for kind in KIND_LABELS:
        row = find_kind(figures, kind)
        rows += _kind_facts(row)
        if row["total"] and (assessments := find_assessments(figures, kind)):
            rows += _assessment_facts(assessments)
    rows += _service_facts(figures.get("services"), told_apart="activities" in figures)
    rows += [
        ("参与创建企业", "应参与", _text(participation["expected"]), "家"),
        ("参与创建企业", "已参与", _text(participation["participating"]), "家"),
        ("参与创建企业", "参与率", participation["rate"] or "", ""),
    ]
    return rows


def _service_facts(row: ServiceFigures | None, *, told_apart: bool) -> list[FactRow]:
    """`told_apart`: the ledgers' facts give trainings held and joined each by itself."""
    if row is None:
        return []
    visits = "指导服务"
    facts: list[FactRow] = [
        ("结对", "应结对对象", str(row["to_pair"]), "个"),
        ("结对", "已结对对象", str(row["paired"]), "个"),
        ("结对", "结对数", str(row["pairings"]), "对"),
        ("结对", "未结对对象", str(row["to_pair"] - row["paired"]), "个"),
        (visits, "合计", str(row["visits"]), "次"),
        (visits, "其中：现场", str(row["on_site"]), "次"),
        (visits, "其中：电话", str(row["phone"]), "次"),
        (visits, "其中：线上", str(row["online"]), "次"),
        (visits, "其中：指导", str(row["guidance"]), "次"),
        (visits, "其中：督导", str(row["supervision"]), "次"),
        (visits, "其中：调研", str(row["research"]), "次"),
        (visits, "专职指导员参加", str(row["with_instructor"]), "次"),
        (visits, "服务过的重点培育对象", str(row["visited"]), "个"),
        (visits, "未服务的重点培育对象", str(row["to_pair"] - row["visited"]), "个"),
        (visits, "约定跟进", str(row["follow_ups"]), "项"),
        (visits, "已办结跟进", str(row["follow_ups_done"]), "项"),
    ]
    if not told_apart:
        facts += [
            ("专题培训", "本级举办", str(row["trainings"]), "场"),
            ("专题培训", "企业负责人参训", str(row["attended_managers"]), "人次"),
            ("专题培训", "人力资源工作人员参训", str(row["attended_hr"]), "人次"),
        ]
    return facts
