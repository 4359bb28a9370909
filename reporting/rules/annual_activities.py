"""What the ledgers hold → sentences of the November report. Each is said only where the snapshot knows it."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.activities import (
    ActivityFigures,
    Answer,
    Cases,
    Mechanism,
    Period,
    PilotLine,
    Points,
    Trainings,
    Work,
)
from reporting.rules.annual_facts import chinese_date
from reporting.rules.figures import ReportFigures

MAX_NAMED = 8
PLACES = "乡镇（街道）、工业园区"
# Which groups of 统计指标 the section 企业培育 quotes; 调解与站点 quotes the others.
ENTERPRISE_GROUPS = ("劳动合同和集体协商", "工会和民主管理")


def named(names: Sequence[str]) -> str:
    """Names in a row, the first eight of a long list."""
    return "、".join(names[:MAX_NAMED]) + ("等" if len(names) > MAX_NAMED else "")


def _counts(pairs: Sequence[tuple[str, int]], unit: str) -> str:
    return "、".join(f"{label}{count}{unit}" for label, count in pairs if count)


def covered_sections(figures: ReportFigures) -> frozenset[str]:
    """Sections that say enough without the office's own text: no gap is marked there."""
    known = figures.get("activities")
    if known is None:
        return frozenset()
    services, work, trainings = figures.get("services"), known["work"], known["trainings"]
    answered = any(row["achieved"] is not None for row in known["mechanism"]["answers"])
    found = {
        "overview": bool(work["plan_state"] or work["items"]) and answered,
        "measures_pilot": bool(known["industry"]["pilots"]),
        "measures_guidance": bool(
            services and services["visits"] and trainings["held"] + trainings["joined"]
        ),
        "measures_mediation": bool(
            known["mediations"]["total"] + known["advisories"]["total"] and known["points"]["total"]
        ),
        "experience": bool(known["practices"]["lines"]),
    }
    return frozenset(key for key, enough in found.items() if enough)


# --- 一、总体情况 --------------------------------------------------------------------------------------------------------


def mechanism_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    if known is None:
        return ()
    row = known["mechanism"]
    return (_body_sentence(row), _answer_sentence(row), _work_sentence(known["work"]))


def _body_sentence(row: Mechanism) -> str:
    bodies, coordinated = row["bodies"], row["coordinated"]
    parts = [] if row["established"] else ["本级三方机构尚未登记成立"]
    if row["vacant_seats"]:
        parts.append(f"本级三方机构席位空缺：{named(row['vacant_seats'])}")
    if bodies["denominator"]:
        words = f"应建三方机构的{PLACES}{bodies['denominator']}个，已建{bodies['numerator']}个，覆盖率{bodies['rate']}"
        parts.append(words + (f"，未建的有{named(bodies['missing'])}" if bodies["missing"] else ""))
        parts.append(f"配备劳动关系协调员的{PLACES}{coordinated['numerator']}个，占{coordinated['rate']}")
    parts.append(
        f"在任劳动关系协调员{row['coordinators']}人、集体协商专职指导员{row['instructors']}人，"
        f"定点联系培育对象{row['liaised']}个"
    )
    return f"{'；'.join(parts)}。"


def _answer_words(row: Answer) -> str:
    details = [chinese_date(row["on"])] if row["on"] else []
    details += [row["document_number"]] if row["document_number"] else []
    return f"{row['label']}（{'，'.join(details)}）" if details else row["label"]


def _answer_sentence(row: Mechanism) -> str:
    done = [_answer_words(answer) for answer in row["answers"] if answer["achieved"]]
    failed = [answer["label"] for answer in row["answers"] if answer["achieved"] is False]
    unanswered = [answer["label"] for answer in row["answers"] if answer["achieved"] is None]
    parts = [f"本级已做到{'、'.join(done)}"] if done else []
    parts += [f"尚未做到{'、'.join(failed)}"] if failed else []
    parts += [f"尚未填报{'、'.join(unanswered)}"] if unanswered else []
    places = [share for share in row["place_answers"] if share["denominator"]]
    if places:
        counts = _counts([(share["label"], share["numerator"]) for share in places], "个")
        parts.append(f"{PLACES}已做到：{counts}" if counts else f"{PLACES}尚未登记上述事项")
    return f"{'；'.join(parts)}。"


def _work_sentence(row: Work) -> str:
    parts = []
    if row["plan_state"]:
        details = [row["plan_number"]] if row["plan_number"] else []
        details += [f"{chinese_date(row['plan_issued_on'])}印发"] if row["plan_issued_on"] else []
        words = f"本年度工作方案{row['plan_state']}" + (f"（{'，'.join(details)}）" if details else "")
        if row["plan_missing"]:
            words += f"，尚缺{'、'.join(row['plan_missing'])}部分"
        parts.append(words)
    else:
        parts.append("本年度工作方案尚未起草")
    if row["task_forces"]:
        parts.append(f"成立专门工作小组{len(row['task_forces'])}个")
    if row["items"]:
        words = f"分解责任事项{row['items']}项，已办结{row['done']}项、办理中{row['open']}项"
        words += f"（其中逾期{row['overdue']}项）" if row["overdue"] else ""
        words += f"、已取消{row['cancelled']}项" if row["cancelled"] else ""
        parts.append(words)
    else:
        parts.append("责任分解尚未登记")
    if row["documents"]:
        parts.append(f"印发贯彻落实和培育机制文件{row['documents']}份")
    if row["reviews"]:
        parts.append(f"召开分析研判会议{row['reviews']}次")
    return f"{'；'.join(parts)}。"


# --- 二、主要做法 --------------------------------------------------------------------------------------------------------


def culture_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """For 企业培育: culture activities, and the ratios of contracts, unions and democracy."""
    if known is None:
        return ()
    found = []
    total = sum(row["count"] for row in known["culture"])
    if total:
        kinds = _counts([(row["label"], row["count"]) for row in known["culture"]], "次")
        found.append(f"支持企业开展文化活动{total}次，其中{kinds}。")
    if ratios := _ratios(known["period"], enterprise=True):
        found.append(ratios)
    return tuple(found)


def _ratios(period: Period, *, enterprise: bool) -> str:
    rows = [
        f"{row['label']}{row['rate']}"
        for row in period["lines"]
        if row["rate"] and (row["group"] in ENTERPRISE_GROUPS) is enterprise
    ]
    return f"统计指标（{period['label']}）：{'、'.join(rows)}。" if rows else ""


def pilot_detail_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """Partners, member firms, standards reached and what came of each pilot; what was done beside them."""
    if known is None:
        return ()
    row = known["industry"]
    found = [_pilot_sentence(line) for line in row["pilots"][:MAX_NAMED]]
    beside = [
        f"{words}{count}{unit}"
        for words, count, unit in (
            ("开展行业和谐行动", row["actions"], "项"),
            ("开展工作调研", row["studies"], "次"),
            ("形成行业指引", row["guides"], "份"),
        )
        if count
    ]
    return (*found, f"{'，'.join(beside)}。") if beside else tuple(found)


def _pilot_sentence(line: PilotLine) -> str:
    words = (
        f"{line['name']}试点：会同行业协会、商会、行业工会等{line['partners']}个，行业主管部门{line['authorities']}个，"
        f"带动企业{line['members']}家"
    )
    words += f"；达到{'、'.join(line['standards'])}等标准" if line["standards"] else "；尚未登记达到的标准"
    words += f"；形成经验总结{line['summaries']}份" if line["summaries"] else ""
    words += f"；推广应用{line['spreads']}项" if line["spreads"] else ""
    return f"{words}。"


def training_topic_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """People by the notice's four topics, and cultivated firms that miss none."""
    if known is None or not (known["trainings"]["held"] or known["trainings"]["joined"]):
        return ()
    row: Trainings = known["trainings"]
    topics = _counts([(topic["label"], topic["people"]) for topic in row["topics"]], "人次")
    empty = [topic["label"] for topic in row["topics"] if not topic["people"]]
    words = f"四组重点内容参训情况：{topics}" if topics else "四组重点内容尚无企业参训"
    words += f"，{'、'.join(empty)}尚无企业参训" if topics and empty else ""
    if row["firms"]:
        words += (
            f"；重点培育企业{row['firms']}家，负责人和人力资源工作人员各组内容均已参训的{row['complete']}家"
        )
    return (f"{words}。",)


def mediation_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """（五）调解与站点: cases by kind and outcome, service points, ratios of disputes."""
    if known is None:
        return ()
    ratios = _ratios(known["period"], enterprise=False)
    return (
        _case_sentence("调解劳动关系矛盾纠纷", "矛盾纠纷调解", known["mediations"]),
        _case_sentence("提供劳动用工咨询", "劳动用工咨询", known["advisories"]),
        _point_sentence(known["points"]),
        *([ratios] if ratios else []),
    )


def _case_sentence(done: str, noun: str, row: Cases) -> str:
    if not row["total"]:
        return f"本年度未登记{noun}。"
    topics = _counts([(line["label"], sum(line["counts"])) for line in row["lines"]], "件")
    sums = [sum(line["counts"][at] for line in row["lines"]) for at in range(len(row["outcomes"]))]
    outcomes = _counts(list(zip(row["outcomes"], sums, strict=True)), "件")
    return f"{done}{row['total']}件，其中{topics}；按结果分，{outcomes}。"


def _point_sentence(row: Points) -> str:
    if not row["total"]:
        return "本年度未登记劳动关系基层公共服务站点。"
    kinds = _counts(
        [("一站式", row["one_stop"]), ("智慧化", row["smart"]), ("标准化", row["standardized"])], "个"
    )
    words = f"建有劳动关系基层公共服务站点{row['total']}个"
    words += f"，其中{kinds}" if kinds else ""
    words += f"，工作人员{row['staff']}人"
    served = _counts(
        [("用工咨询", row["advisories"]), ("矛盾调解", row["mediations"]), ("其他服务", row["others"])], "件"
    )
    if not row["visitors"] and not served:
        return f"{words}，尚未登记本年度服务量。"
    return f"{words}；本年度接待{row['visitors']}人次" + (f"，办理{served}。" if served else "。")


def publicity_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """（六）宣传引导 (C114–C118)."""
    if known is None:
        return ()
    row = known["publicity"]
    if row["total"]:
        kinds = _counts([(line["label"], line["count"]) for line in row["by_kind"]], "篇")
        found = [f"登记宣传报道{row['total']}篇（条），其中{kinds}。"]
    else:
        found = ["本年度未登记宣传报道。"]
    if row["brands"]:
        found.append(f"打造劳动关系特色品牌{len(row['brands'])}个：{named(row['brands'])}。")
    if row["stories"]:
        found.append(f"总结先进典型和先进事迹{row['stories']}篇。")
    found += [
        f"{line['method']}显示，创建活动{line['label']}{line['rate']}"
        f"（有效样本{line['denominator']}人，肯定回答{line['numerator']}人）。"
        for line in row["measured"]
    ]
    return tuple(found)


# --- 三、典型经验 and 四、存在问题 ------------------------------------------------------------------------------------------


def practice_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """Only practices that may be cited are in the figures; each is named with its subject."""
    if known is None or not known["practices"]["lines"]:
        return ()
    lines = known["practices"]["lines"]
    found = [f"提炼可复制可推广的典型经验{len(lines)}条。"]
    for line in lines:
        words = f"{line['title']}（{line['subject']}）：{line['summary'].strip().rstrip('。；;')}"
        words += f"；已在{line['adopted']}个单位推广应用" if line["adopted"] else ""
        found.append(f"{' '.join(words.split())}。")
    return tuple(found)


def shortcoming_sentences(figures: ReportFigures) -> tuple[str, ...]:
    """What the figures show as missing, without a word on why: that is the office's to write."""
    known, services = figures.get("activities"), figures.get("services")
    if known is None:
        return ()
    row, parts = known["mechanism"], []
    if missing := row["bodies"]["missing"]:
        parts.append(f"{PLACES}三方机构尚未全覆盖，未建{len(missing)}个")
    if missing := row["coordinated"]["missing"]:
        parts.append(f"没有劳动关系协调员的{PLACES}{len(missing)}个")
    if missing := [answer["label"] for answer in row["answers"] if answer["achieved"] is False]:
        parts.append(f"{'、'.join(missing)}尚未做到")
    if known["work"]["overdue"]:
        parts.append(f"责任事项逾期未办结{known['work']['overdue']}项")
    if services and services["to_pair"] > services["paired"]:
        parts.append(f"重点培育对象未结对{services['to_pair'] - services['paired']}个")
    if services and services["to_pair"] > services["visited"]:
        parts.append(f"未开展指导服务的重点培育对象{services['to_pair'] - services['visited']}个")
    return (f"{'；'.join(parts)}。",) if parts else ()
