"""Figures → sentences of the November report (C088-C090, ux P1-P4): what was counted, nothing else."""

from __future__ import annotations

from reporting.rules.annual_facts import (
    chinese_date,
    completion_label,
    counted,
    find_assessments,
    find_kind,
    shortfall,
    total_enrolled,
)
from reporting.rules.figures import (
    KIND_LABELS,
    AssessmentFigures,
    Breakdown,
    ReportFigures,
    SubjectKind,
    TargetRow,
)
from reporting.rules.narrative import gap
from reporting.rules.report_content import Column, Table

NOTICE_NUMBER = "枣人社字〔2023〕34号"
MAX_LISTED = 8


def overview_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """一、总体情况: period, what was chosen, targets, coverage."""
    start, end = chinese_date(figures["period_start"]), chinese_date(figures["period_end"])
    opening = (
        f"{figures['year']}年度，{figures['district_name']}按照{NOTICE_NUMBER}文件部署，开展和谐劳动关系创建活动。"
        f"本报告统计期为{start}至{end}，数据截至{chinese_date(figures['as_of'])}。"
    )
    return (
        opening,
        _enrolled_sentence(figures),
        *_target_sentences(figures),
        _participation_sentence(figures),
    )


def _enrolled_sentence(figures: ReportFigures) -> str:
    total = total_enrolled(figures)
    if not total:
        return "本年度尚未确认重点培育对象。"
    parts = [
        f"{KIND_LABELS[kind]}{counted(row['total'], kind)}"
        for kind in KIND_LABELS
        if (row := find_kind(figures, kind))["total"]
    ]
    new = sum(row["new"] for row in figures["kinds"])
    continued = sum(row["continued"] for row in figures["kinds"])
    return f"本年度共确认重点培育对象{total}个，其中{'、'.join(parts)}；新增{new}个，延续{continued}个。"


def _describe_target(row: TargetRow) -> str:
    actual = f"完成{row['actual']}{row['unit']}"
    if row["target"] is None:
        return f"{row['name']}{actual}，{completion_label(row)}"
    return f"{row['name']}目标不少于{row['target']}{row['unit']}，{actual}，{completion_label(row)}"


def _target_sentences(figures: ReportFigures) -> tuple[str, ...]:
    if not figures["targets"]:
        return ()
    return (f"年度目标任务完成情况：{'；'.join(_describe_target(row) for row in figures['targets'])}。",)


def _participation_sentence(figures: ReportFigures) -> str:
    row = figures["participation"]
    if row["participating"] is None or row["expected"] is None:
        return gap("应参与创建和已参与创建的企业数（未填报）")
    rate = f"，参与率{row['rate']}" if row["rate"] else ""
    return f"辖区应参与创建企业{row['expected']}家，已参与{row['participating']}家{rate}。"


def _breakdown(title: str, rows: list[Breakdown], kind: SubjectKind) -> str:
    listed = [row for row in rows if row["count"]]
    if not listed:
        return ""
    text = "、".join(f"{row['label']}{counted(row['count'], kind)}" for row in listed[:MAX_LISTED])
    return f"{title}，{text}{'等' if len(listed) > MAX_LISTED else ''}。"


def _assessment_sentence(row: AssessmentFigures | None) -> str:
    if row is None:
        return ""
    kind = row["kind"]
    notice = f"（{row['indicator_notice']}）" if row["indicator_notice"] else ""
    if not row["started"]:
        return f"重点培育{KIND_LABELS[kind]}尚未开展自评。"
    parts = [
        f"开展自评{counted(row['started'], kind)}",
        f"提交自评{counted(row['submitted'], kind)}",
        f"区（市）核验{counted(row['verified'], kind)}",
        f"核验后达到标准{counted(row['passed'], kind)}",
    ]
    if row["average_self_score"] is not None:
        parts.append(f"自评平均得分{row['average_self_score']}分")
    if row["average_verified_score"] is not None:
        parts.append(f"核验平均得分{row['average_verified_score']}分")
    return f"对照{row['indicator_label']}{notice}，{'，'.join(parts)}。"


def _names(figures: ReportFigures, kind: SubjectKind) -> str:
    names = [row["name"] for row in figures["subjects"] if row["kind"] == kind]
    if not names:
        return ""
    return f"，包括{'、'.join(names[:MAX_LISTED])}{'等' if len(names) > MAX_LISTED else ''}"


def enterprise_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """（一）企业培育: how many, who, of what size and trade, how far the assessment went."""
    row = find_kind(figures, "ENTERPRISE")
    if not row["total"]:
        return ("本年度尚未确认重点培育企业。",)
    staff = "职工人数未填报" if row["employee_count"] is None else f"职工{row['employee_count']}人"
    first = (
        f"本年度确认重点培育企业{row['total']}家，其中新增{row['new']}家、延续{row['continued']}家，{staff}"
        f"{_names(figures, 'ENTERPRISE')}。"
    )
    second = _breakdown("按企业规模分", row["by_size"], "ENTERPRISE")
    second += _breakdown("按所属行业分", row["by_industry"], "ENTERPRISE")
    third = _assessment_sentence(find_assessments(figures, "ENTERPRISE"))
    return tuple(text for text in (first, second, third) if text)


def _other_kind_sentences(figures: ReportFigures, kind: SubjectKind) -> tuple[str, ...]:
    row, label = find_kind(figures, kind), KIND_LABELS[kind]
    if not row["total"]:
        return (f"本年度未确认重点培育{label}。",)
    first = (
        f"本年度确认重点培育{label}{row['total']}个，其中新增{row['new']}个、延续{row['continued']}个"
        f"{_names(figures, kind)}。"
    )
    second = _assessment_sentence(find_assessments(figures, kind))
    return tuple(text for text in (first, second) if text)


def area_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """（二）园区、乡镇（街道）培育; silent about a kind without any while the other has some (C075)."""
    kinds: tuple[SubjectKind, ...] = ("INDUSTRIAL_PARK", "TOWNSHIP")
    present = [kind for kind in kinds if find_kind(figures, kind)["total"]]
    if not present:
        return ("本年度尚未确认重点培育工业园区、乡镇（街道）。",)
    return tuple(text for kind in present for text in _other_kind_sentences(figures, kind))


def pilot_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """（三）行业试点 (C078-C081)."""
    return _other_kind_sentences(figures, "INDUSTRY_PILOT")


def problem_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """四、存在问题: the targets not reached; nothing is drafted when all are."""
    missing = [
        f"{row['name']}目标不少于{row['target']}{row['unit']}，完成{row['actual']}{row['unit']}，尚差{short}{row['unit']}"
        for row in figures["targets"]
        if (short := shortfall(row))
    ]
    return (f"目标任务尚未全部完成：{'；'.join(missing)}。",) if missing else ()


def target_table(figures: ReportFigures) -> Table:
    """The table inside 一、总体情况, the lights as words."""
    return Table(
        caption=f"{figures['year']}年度目标任务完成情况",
        columns=(
            Column("目标任务", 5),
            Column("单位", 2, "center"),
            Column("目标数", 3, "right"),
            Column("完成数", 3, "right"),
            Column("完成情况", 3, "center"),
        ),
        rows=tuple(
            (
                row["name"],
                row["unit"],
                "" if row["target"] is None else str(row["target"]),
                str(row["actual"]),
                completion_label(row),
            )
            for row in figures["targets"]
        ),
        empty_text="本年度未设定目标任务",
    )
