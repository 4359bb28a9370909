"""Figures → sentences of the November report (C088-C090, ux P1-P4): what was counted, nothing else."""

from __future__ import annotations

from reporting.rules.annual_facts import (
    chinese_date,
    completion_label,
    counted,
    find_assessments,
    find_kind,
    public_standard,
    shortfall,
    total_enrolled,
)
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import (
    BLANK,
    KIND_LABELS,
    KIND_UNITS,
    AssessmentFigures,
    Breakdown,
    ReportFigures,
    SubjectKind,
    TargetRow,
)
from reporting.rules.narrative import gap
from reporting.rules.phrases import MAX_NAMED, being, entries, share
from reporting.rules.report_content import Column, Table

NOTICE_NUMBER = "枣人社字〔2023〕34号"


def overview_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """一、总体情况: period, what was chosen, targets, coverage."""
    start, end = chinese_date(figures["period_start"]), chinese_date(figures["period_end"])
    opening = (
        f"{figures['year']}年度，{figures['district_name']}按照{NOTICE_NUMBER}文件部署，开展和谐劳动关系创建活动。"
        f"本报告统计期为{start}至{end}，{cutoff_words(figures)}。"
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
    kinds = [row for kind in KIND_LABELS if (row := find_kind(figures, kind))["total"]]
    new = sum(row["new"] for row in figures["kinds"])
    continued = sum(row["continued"] for row in figures["kinds"])
    if len(kinds) == 1:
        label, several = KIND_LABELS[kinds[0]["kind"]], "均" if total > 1 else ""
        if new and continued:
            return f"本年度共确认重点培育对象{total}个，均为{label}，{entries(new, continued, '个')}。"
        how = "新增" if new else "延续培育"
        return f"本年度{'共' if several else ''}确认重点培育对象{total}个，{several}为{how}的{label}。"
    of_kinds = "、".join(f"{KIND_LABELS[row['kind']]}{counted(row['total'], row['kind'])}" for row in kinds)
    how = entries(new, continued, "个").removeprefix("其中")
    return f"本年度共确认重点培育对象{total}个，其中{of_kinds}；{how}。"


def _describe_target(row: TargetRow) -> str:
    actual, unit = f"{row['actual']}{row['unit']}", row["unit"]
    if row["target"] is None:
        return f"{row['name']}未设定目标数，已完成{actual}" if row["actual"] else f"{row['name']}未设定目标数"
    words = f"{row['name']}目标不少于{row['target']}{unit}，"
    if row["completion"] == "NOT_APPLICABLE":
        return f"{words}本年度不适用"
    short = shortfall(row)
    if not short:
        return f"{words}已完成{actual}，达到目标要求"
    words += f"已完成{actual}，尚差{short}{unit}" if row["actual"] else "尚未完成"
    return words if row["completion"] == "NOT_MET" else f"{words}，正在推进"


def _target_sentences(figures: ReportFigures) -> tuple[str, ...]:
    if not figures["targets"]:
        return ()
    return (f"从年度目标任务完成情况看，{'；'.join(_describe_target(row) for row in figures['targets'])}。",)


def _participation_sentence(figures: ReportFigures) -> str:
    row = figures["participation"]
    if row["participating"] is None or row["expected"] is None:
        return gap("应参与创建和已参与创建的企业数（未填报）")
    words = f"辖区应参与创建企业{row['expected']}家，"
    if not row["participating"]:
        return f"{words}尚无企业参与创建。"
    rate = f"，参与率{row['rate']}" if row["rate"] else ""
    return f"{words}已参与{row['participating']}家{rate}。"


def _breakdown(aspect: str, rows: list[Breakdown], kind: SubjectKind) -> str:
    """`aspect` such as 企业规模: 「企业规模为小型」 of one, 「企业规模均为小型」, 「按企业规模分，小型2家、中型1家」."""
    listed = [row for row in rows if row["count"]]
    if not listed:
        return ""
    if len(listed) == 1:
        label, several = listed[0]["label"], "均" if listed[0]["count"] > 1 else ""
        return f"{aspect}{several}未填报" if label == BLANK else f"{aspect}{several}为{label}"
    text = "、".join(
        f"{'未填报' if row['label'] == BLANK else row['label']}{counted(row['count'], kind)}"
        for row in listed[:MAX_NAMED]
    )
    return f"按{aspect}分，{text}{'等' if len(listed) > MAX_NAMED else ''}"


def standard_words(row: AssessmentFigures) -> str:
    """The standard by its public number, with its notice: 「省级……标准（DB37/T 4077—2020，重构稿，待官方文本核定）」."""
    label, notice = public_standard(row["indicator_label"]), row["indicator_notice"]
    if not notice:
        return label
    return f"{label[:-1]}，{notice}）" if label.endswith("）") else f"{label}（{notice}）"


def _assessment_sentence(row: AssessmentFigures | None) -> str:
    if row is None:
        return ""
    kind = row["kind"]
    label, unit = KIND_LABELS[kind], KIND_UNITS[kind]
    if not row["started"]:
        return f"重点培育{label}尚未开展自评。"
    started, submitted, verified = row["started"], row["submitted"], row["verified"]
    parts = [
        f"开展自评的重点培育{label}{counted(started, kind)}",
        share(submitted, started, "已提交自评", unit, none="尚未提交自评"),
    ]
    if submitted:
        parts.append(share(verified, submitted, "已经区（市）核验", unit, none="区（市）尚未核验"))
    if verified:
        none = "尚无达到标准的" if verified > 1 else "未达到标准"
        parts.append(share(row["passed"], verified, "达到标准", unit, none=none))
    if row["average_self_score"] is not None:
        parts.append(f"自评{'平均' if submitted > 1 else ''}得分{row['average_self_score']}分")
    if row["average_verified_score"] is not None:
        parts.append(f"核验{'平均' if verified > 1 else ''}得分{row['average_verified_score']}分")
    return f"对照{standard_words(row)}，{'，'.join(parts)}。"


def _names(figures: ReportFigures, kind: SubjectKind) -> str:
    return being([row["name"] for row in figures["subjects"] if row["kind"] == kind])


def _kind_sentence(figures: ReportFigures, kind: SubjectKind) -> str:
    row, label, unit = find_kind(figures, kind), KIND_LABELS[kind], KIND_UNITS[kind]
    how = entries(row["new"], row["continued"], unit)
    staff = ""
    if kind == "ENTERPRISE":
        known = row["employee_count"] is not None
        staff = (
            f"，职工{'共' if row['total'] > 1 else ''}{row['employee_count']}人"
            if known
            else "，职工人数未填报"
        )
    return f"本年度确认重点培育{label}{row['total']}{unit}{_names(figures, kind)}，{how}{staff}。"


def enterprise_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """（一）企业培育: how many, who, of what size and trade, how far the assessment went."""
    row = find_kind(figures, "ENTERPRISE")
    if not row["total"]:
        return ("本年度尚未确认重点培育企业。",)
    kinds = [
        _breakdown("企业规模", row["by_size"], "ENTERPRISE"),
        _breakdown("所属行业", row["by_industry"], "ENTERPRISE"),
    ]
    second = "；".join(text for text in kinds if text)
    third = _assessment_sentence(find_assessments(figures, "ENTERPRISE"))
    return tuple(
        text
        for text in (_kind_sentence(figures, "ENTERPRISE"), f"{second}。" if second else "", third)
        if text
    )


def _other_kind_sentences(figures: ReportFigures, kind: SubjectKind) -> tuple[str, ...]:
    if not find_kind(figures, kind)["total"]:
        return (f"本年度未确认重点培育{KIND_LABELS[kind]}。",)
    second = _assessment_sentence(find_assessments(figures, kind))
    return tuple(text for text in (_kind_sentence(figures, kind), second) if text)


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
        f"{row['name']}目标不少于{row['target']}{row['unit']}，{_reached(row)}，尚差{short}{row['unit']}"
        for row in figures["targets"]
        if (short := shortfall(row))
    ]
    if not missing:
        return ()
    return (f"目标任务尚未全部完成，{'其中' if len(figures['targets']) > 1 else ''}{'；'.join(missing)}。",)


def _reached(row: TargetRow) -> str:
    return f"已完成{row['actual']}{row['unit']}" if row["actual"] else "尚未完成"


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
