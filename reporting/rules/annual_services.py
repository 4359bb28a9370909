"""（四）指导服务与培训 of the November report: sentences and annex from the counted pairings, visits and trainings."""

from __future__ import annotations

from reporting.rules.activities import TrainingLine, Trainings
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import KIND_LABELS, ReportFigures, ServiceFigures, SubjectServiceRow
from reporting.rules.phrases import counts, parts_of, share
from reporting.rules.report_content import Annex, Column, Table

SERVICE_COLUMNS = (  # millimetres of the 156 mm of an upright page
    Column("序号", 9, "center"),
    Column("培育对象", 36),
    Column("类别", 18, "center"),
    Column("结对单位（结对人）", 31),
    Column("指导服务（次）", 12, "right"),
    Column("其中现场（次）", 12, "right"),
    Column("最近一次", 26, "center"),
    Column("待跟进（项）", 12, "right"),
)


def service_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """Pairings, visits, trainings; nothing where the snapshot is older than these figures."""
    row = figures.get("services")
    if row is None:
        return ()
    return (_pairing_sentence(row), _visit_sentence(row), _training_sentence(figures, row))


def _pairing_sentence(row: ServiceFigures) -> str:
    if not row["to_pair"]:
        return "本年度尚未确认应结对的重点培育企业和园区、乡镇（街道）。"
    words = f"应结对的重点培育企业和园区、乡镇（街道）{row['to_pair']}个，"
    if not row["pairings"]:
        return f"{words}尚未结对。"
    paired = "已全部结对" if row["paired"] == row["to_pair"] > 1 else f"已结对{row['paired']}个"
    return f"{words}{paired}，共结成{row['pairings']}对。"


def _visit_sentence(row: ServiceFigures) -> str:
    if not row["visits"]:
        return "本年度尚未登记指导服务。"
    ways = [("现场", row["on_site"]), ("电话", row["phone"]), ("线上", row["online"])]
    kinds = [("指导", row["guidance"]), ("督导", row["supervision"]), ("调研", row["research"])]
    if row["visits"] == 1:
        described = "".join(label for label, count in ways + kinds if count)
    else:
        parts = (parts_of(ways, "次", before=""), parts_of(kinds, "次", before=""))
        described = "；".join(part for part in parts if part)
    words = f"开展一对一指导服务{row['visits']}次{f'（{described}）' if described else ''}"
    words += f"，服务重点培育对象{row['visited']}个" if row["visited"] else ""
    if row["with_instructor"]:
        words += f"，其中集体协商专职指导员参加{row['with_instructor']}次"
    if row["follow_ups"]:
        done = share(row["follow_ups_done"], row["follow_ups"], "已办结", "项", none="尚未办结")
        words += f"；约定跟进事项{row['follow_ups']}项，{done}"
    return f"{words}。"


def _training_sentence(figures: ReportFigures, row: ServiceFigures) -> str:
    """Held by the district, and the city's it took part in, with their people told apart where the snapshot lists them."""
    known = figures.get("activities")
    if known is None:
        held = f"举办专题培训{row['trainings']}场" if row["trainings"] else "本年度未登记专题培训"
        attended = _people(row["attended_managers"], row["attended_hr"])
        return f"{held}；{attended}（含参加市级培训）。" if attended else f"{held}，尚未登记企业参训人次。"
    trainings = known["trainings"]
    own, citys = attendance(trainings, figures["district_name"])
    parts = []
    for count, verb, people in (
        (trainings["held"], "本区（市）举办专题培训", own),
        (trainings["joined"], "参加市级专题培训", citys),
    ):
        if count:
            parts.append(f"{verb}{count}场，{_people(*people) or '尚未登记企业参训人次'}")
    if not parts:
        return "本年度未登记专题培训。"
    if not trainings["held"]:
        parts.insert(0, "本区（市）未举办专题培训")
    return f"{'；'.join(parts)}。"


def attendance(row: Trainings, district: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """(企业负责人, 人力资源工作人员) of the sessions the district held, then of those it was a guest of."""
    own = [line for line in row["lines"] if line["holder"] == district]
    citys = [line for line in row["lines"] if line["holder"] != district]
    return _sum(own), _sum(citys)


def _sum(lines: list[TrainingLine]) -> tuple[int, int]:
    return sum(line["managers"] for line in lines), sum(line["hr"] for line in lines)


def _people(managers: int, hr: int) -> str:
    return counts([("企业负责人参训", managers), ("人力资源工作人员参训", hr)], "人次")


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
    """附件 结对和指导服务情况表; none where the snapshot is older than these figures."""
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
            note=f"注：{cutoff_words(figures)}。同一次服务不论几家参加，只计一次。",
        ),
    )
