"""What the ledgers hold → tables of the November report's annexes, and its rows among the main figures."""

from __future__ import annotations

from reporting.rules.activities import Cases, Industry, Points, Trainings
from reporting.rules.annual_facts import FactRow
from reporting.rules.annual_services import attendance
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import ReportFigures
from reporting.rules.report_content import Annex, Column, Table

# Weights are millimetres of the 156 mm of an upright page; a number of a column stands on one line.
TRAINING_COLUMNS = (
    Column("序号", 9, "center"),
    Column("培训名称", 37),
    Column("日期", 26, "center"),
    Column("举办单位", 17),
    Column("培训内容", 28),
    Column("企业负责人（人次）", 13, "right"),
    Column("人力资源（人次）", 13, "right"),
    Column("其他（人次）", 13, "right"),
)
TOPIC_COLUMNS = (
    Column("培训重点", 51),
    Column("本区（市）举办（场）", 21, "right"),
    Column("参加市级（场）", 21, "right"),
    Column("参训（人次）", 21, "right"),
    Column("参训重点培育企业（家）", 21, "right"),
    Column("重点培育企业（家）", 21, "right"),
)
POINT_COLUMNS = (
    Column("序号", 9, "center"),
    Column("站点名称", 33),
    Column("所在地", 17),
    Column("类型", 20),
    Column("工作人员（人）", 12, "right"),
    Column("已报月份（个）", 12, "right"),
    Column("接待（人次）", 14, "right"),
    Column("咨询（件）", 13, "right"),
    Column("调解（件）", 13, "right"),
    Column("其他（件）", 13, "right"),
)
PILOT_COLUMNS = (
    Column("序号", 9, "center"),
    Column("行业试点", 27),
    Column("协会、商会、行业工会（个）", 19, "right"),
    Column("主管部门（个）", 13, "right"),
    Column("企业（家）", 12, "right"),
    Column("达到的标准", 48),
    Column("经验总结（份）", 14, "right"),
    Column("推广应用（项）", 14, "right"),
)
PERIOD_COLUMNS = (
    Column("类别", 38),
    Column("指标", 46),
    Column("数值（分子）", 26, "right"),
    Column("分母", 16, "right"),
    Column("单位", 12, "center"),
    Column("比率", 18, "right"),
)


def _training_table(row: Trainings) -> Table:
    return Table(
        caption="一、专题培训",
        columns=TRAINING_COLUMNS,
        rows=tuple(
            (
                str(number),
                line["title"],
                line["on"],
                line["holder"],
                "；".join(line["topics"]),
                str(line["managers"]),
                str(line["hr"]),
                str(line["others"]),
            )
            for number, line in enumerate(row["lines"], start=1)
        ),
        empty_text="本年度未登记专题培训",
    )


def _topic_table(row: Trainings) -> Table:
    return Table(
        caption="二、培训重点覆盖情况",
        columns=TOPIC_COLUMNS,
        rows=tuple(
            (
                line["label"],
                str(line["held"]),
                str(line["joined"]),
                str(line["people"]),
                str(line["reached"]),
                str(line["cultivated"]),
            )
            for line in row["topics"]
        ),
    )


def case_table(caption: str, row: Cases, empty_text: str) -> Table:
    """Topics × outcomes with the sums of both."""
    width = 105 // (len(row["outcomes"]) + 1)
    rows = [(line["label"], *map(str, line["counts"]), str(sum(line["counts"]))) for line in row["lines"]]
    if rows:
        sums = [sum(line["counts"][at] for line in row["lines"]) for at in range(len(row["outcomes"]))]
        rows.append(("合计", *map(str, sums), str(row["total"])))
    return Table(
        caption=caption,
        columns=(
            Column("类别", 51),
            *(Column(f"{outcome}（件）", width, "right") for outcome in row["outcomes"]),
            Column("合计（件）", width, "right"),
        ),
        rows=tuple(rows),
        empty_text=empty_text,
    )


def _point_table(row: Points) -> Table:
    return Table(
        caption="五、劳动关系基层公共服务站点",
        columns=POINT_COLUMNS,
        rows=tuple(
            (
                str(number),
                line["name"],
                line["township"],
                "、".join(line["kinds"]),
                str(line["staff"]),
                str(line["months"]),
                str(line["visitors"]),
                str(line["advisories"]),
                str(line["mediations"]),
                str(line["others"]),
            )
            for number, line in enumerate(row["lines"], start=1)
        ),
        empty_text="本年度未登记服务站点",
    )


def _pilot_table(row: Industry) -> Table:
    return Table(
        caption="六、行业试点",
        columns=PILOT_COLUMNS,
        rows=tuple(
            (
                str(number),
                line["name"],
                str(line["partners"]),
                str(line["authorities"]),
                str(line["members"]),
                "、".join(line["standards"]),
                str(line["summaries"]),
                str(line["spreads"]),
            )
            for number, line in enumerate(row["pilots"], start=1)
        ),
        empty_text="本区（市）没有行业试点",
    )


def activity_annexes(figures: ReportFigures) -> tuple[Annex, ...]:
    """附件 培训、调解、站点和试点情况表, 附件 统计指标情况表; none where the snapshot is older than these figures."""
    known = figures.get("activities")
    if known is None:
        return ()
    until = f"注：{cutoff_words(figures)}。"
    place = f"{figures['district_name']}{figures['year']}年度"
    annexes = [
        Annex(
            title=f"{place}培训、调解、站点和试点情况表",
            tables=(
                _training_table(known["trainings"]),
                _topic_table(known["trainings"]),
                case_table("三、矛盾纠纷调解", known["mediations"], "本年度未登记矛盾纠纷调解"),
                case_table("四、劳动用工咨询", known["advisories"], "本年度未登记劳动用工咨询"),
                _point_table(known["points"]),
                _pilot_table(known["industry"]),
            ),
            note=f"{until}一场培训只计一次，人次为本区（市）参训对象；一场培训有几组内容的，各组都计人次。"
            "站点件数由站点按月填报，与咨询、调解台账件数可能有重复，不作相加。",
        )
    ]
    period = known["period"]
    if period["lines"]:
        table = Table(
            columns=PERIOD_COLUMNS,
            rows=tuple(
                (
                    line["group"],
                    line["label"],
                    line["numerator"],
                    line["denominator"],
                    line["unit"],
                    line["rate"],
                )
                for line in period["lines"]
            ),
        )
        title = f"{place}统计指标情况表（{period['label']}）"
        annexes.append(Annex(title=title, tables=(table,), note=f"{until}空白为未填报或不适用。"))
    return tuple(annexes)


def activity_facts(figures: ReportFigures) -> list[FactRow]:
    """Numbers the text quotes that stand in no other annex."""
    known = figures.get("activities")
    if known is None:
        return []
    mechanism, work, industry = known["mechanism"], known["work"], known["industry"]
    bodies, coordinated = mechanism["bodies"], mechanism["coordinated"]
    body, people, task = "基层三方机构", "协调员和指导员", "方案和责任分解"
    pilot, told = "行业培育", "宣传和经验"
    rows: list[FactRow] = [
        (body, "应建", str(bodies["denominator"]), "个"),
        (body, "已建", str(bodies["numerator"]), "个"),
        (body, "未建", str(len(bodies["missing"])), "个"),
        (body, "覆盖率", bodies["rate"], ""),
        (body, "已配备劳动关系协调员", str(coordinated["numerator"]), "个"),
        (body, "没有劳动关系协调员", str(len(coordinated["missing"])), "个"),
        (body, "协调员配备率", coordinated["rate"], ""),
        *((body, share["label"], str(share["numerator"]), "个") for share in mechanism["place_answers"]),
        (people, "劳动关系协调员", str(mechanism["coordinators"]), "人"),
        (people, "集体协商专职指导员", str(mechanism["instructors"]), "人"),
        (people, "定点联系企业", str(mechanism["liaised"]), "家"),
        (task, "专门工作小组", str(len(work["task_forces"])), "个"),
        (task, "责任事项", str(work["items"]), "项"),
        (task, "其中：已办结", str(work["done"]), "项"),
        (task, "其中：办理中", str(work["open"]), "项"),
        (task, "其中：逾期", str(work["overdue"]), "项"),
        (task, "其中：已取消", str(work["cancelled"]), "项"),
        (task, "贯彻落实和培育机制文件", str(work["documents"]), "份"),
        (task, "分析研判会议", str(work["reviews"]), "次"),
    ]
    trainings, points, publicity = known["trainings"], known["points"], known["publicity"]
    own, citys = attendance(trainings, figures["district_name"])
    rows += [
        ("专题培训", "本区（市）举办", str(trainings["held"]), "场"),
        ("专题培训", "参加市级", str(trainings["joined"]), "场"),
        ("专题培训", "本区（市）：企业负责人", str(own[0]), "人次"),
        ("专题培训", "市级：企业负责人", str(citys[0]), "人次"),
        ("专题培训", "本区（市）：人力资源", str(own[1]), "人次"),
        ("专题培训", "市级：人力资源", str(citys[1]), "人次"),
        ("专题培训", "应参训重点培育企业", str(trainings["firms"]), "家"),
        ("专题培训", "各组内容均已参训企业", str(trainings["complete"]), "家"),
        (pilot, "行业和谐行动", str(industry["actions"]), "项"),
        (pilot, "工作调研", str(industry["studies"]), "次"),
        (pilot, "行业指引", str(industry["guides"]), "份"),
        ("企业文化活动", "合计", str(sum(row["count"] for row in known["culture"])), "次"),
        *(("企业文化活动", f"其中：{row['label']}", str(row["count"]), "次") for row in known["culture"]),
        ("服务站点", "合计", str(points["total"]), "个"),
        ("服务站点", "其中：一站式", str(points["one_stop"]), "个"),
        ("服务站点", "其中：智慧化", str(points["smart"]), "个"),
        ("服务站点", "其中：标准化", str(points["standardized"]), "个"),
        ("服务站点", "工作人员", str(points["staff"]), "人"),
        ("服务站点", "接待", str(points["visitors"]), "人次"),
        ("服务站点", "用工咨询", str(points["advisories"]), "件"),
        ("服务站点", "矛盾调解", str(points["mediations"]), "件"),
        ("服务站点", "其他服务", str(points["others"]), "件"),
        (told, "宣传报道", str(publicity["total"]), "篇"),
        *((told, f"其中：{row['label']}", str(row["count"]), "篇") for row in publicity["by_kind"]),
        (told, "特色品牌", str(len(publicity["brands"])), "个"),
        (told, "先进典型和先进事迹", str(publicity["stories"]), "篇"),
        (told, "典型经验", str(len(known["practices"]["lines"])), "条"),
    ]
    for measured in publicity["measured"]:
        rows += [
            (told, f"{measured['label']}：肯定回答", str(measured["numerator"]), "人"),
            (told, f"{measured['label']}：有效样本", str(measured["denominator"]), "人"),
            (told, measured["label"], measured["rate"], ""),
        ]
    for practice in known["practices"]["lines"]:
        rows.append((told, f"{practice['title']}：推广应用", str(practice["adopted"]), "个"))
    return rows
