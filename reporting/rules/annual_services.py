"""（四）指导服务与培训 of the November report: sentences and annex from the counted pairings, visits and trainings."""

from __future__ import annotations

from reporting.rules.annual_facts import chinese_date
from reporting.rules.figures import KIND_LABELS, ReportFigures, ServiceFigures, SubjectServiceRow
from reporting.rules.report_content import Annex, Column, Table

SERVICE_COLUMNS = (  # millimetres of the 225 mm a landscape page offers
    Column("序号", 10, "center"),
    Column("培育对象", 58),
    Column("类别", 24, "center"),
    Column("结对单位（结对人）", 63),
    Column("指导服务（次）", 17, "right"),
    Column("其中现场（次）", 17, "right"),
    Column("最近一次", 22, "center"),
    Column("待跟进（项）", 14, "right"),
)


def service_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """Pairings, visits, trainings; nothing where the snapshot is older than these figures."""
    row = figures.get("services")
    if row is None:
        return ()
    return (_pairing_sentence(row), _visit_sentence(row), _training_sentence(row))


def _pairing_sentence(row: ServiceFigures) -> str:
    if not row["to_pair"]:
        return "本年度尚未确认应结对的重点培育企业和园区、乡镇（街道）。"
    if not row["pairings"]:
        return f"应结对的重点培育企业和园区、乡镇（街道）{row['to_pair']}个，尚未结对。"
    return (
        f"应结对的重点培育企业和园区、乡镇（街道）{row['to_pair']}个，已结对{row['paired']}个，"
        f"共结对{row['pairings']}对。"
    )


def _parts(pairs: tuple[tuple[str, int], ...]) -> str:
    return "、".join(f"{label}{count}次" for label, count in pairs if count)


def _visit_sentence(row: ServiceFigures) -> str:
    if not row["visits"]:
        return "本年度尚未登记指导服务。"
    ways = _parts((("现场", row["on_site"]), ("电话", row["phone"]), ("线上", row["online"])))
    kinds = _parts((("指导", row["guidance"]), ("督导", row["supervision"]), ("调研", row["research"])))
    words = f"开展一对一指导服务{row['visits']}次（{ways}；{kinds}），服务重点培育对象{row['visited']}个"
    if row["with_instructor"]:
        words += f"，其中集体协商专职指导员参加{row['with_instructor']}次"
    if row["follow_ups"]:
        words += f"；约定跟进{row['follow_ups']}项，已办结{row['follow_ups_done']}项"
    return f"{words}。"


def _training_sentence(row: ServiceFigures) -> str:
    held = f"举办专题培训{row['trainings']}场" if row["trainings"] else "本级未登记专题培训"
    if not row["attended_managers"] and not row["attended_hr"]:
        return f"{held}，尚未登记企业参训人次。"
    return (
        f"{held}；企业负责人参训{row['attended_managers']}人次、"
        f"人力资源工作人员参训{row['attended_hr']}人次（含参加市级培训）。"
    )


def _cells(number: int, row: SubjectServiceRow) -> tuple[str, ...]:
    return (
        str(number),
        row["name"],
        KIND_LABELS[row["kind"]],
        "；".join(row["partners"]) or "未结对",
        str(row["visits"]),
        str(row["on_site"]),
        row["last_on"] or "",
        str(row["open_follow_ups"]),
    )


def service_annexes(figures: ReportFigures) -> tuple[Annex, ...]:
    """附件 结对和指导服务情况表, landscape; none where the snapshot is older than these figures."""
    row = figures.get("services")
    if row is None:
        return ()
    return (
        Annex(
            title=f"{figures['district_name']}{figures['year']}年度结对和指导服务情况表",
            tables=(
                Table(
                    columns=SERVICE_COLUMNS,
                    rows=tuple(_cells(number, line) for number, line in enumerate(row["subjects"], start=1)),
                    empty_text="本年度尚未确认重点培育对象",
                ),
            ),
            landscape=True,
            note=f"注：数据截至{chinese_date(figures['as_of'])}。同一次服务不论几家参加，只计一次。",
        ),
    )
