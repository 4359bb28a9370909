"""What the ledgers hold → sentences of the November report. Each is said only where the snapshot knows it."""

from __future__ import annotations

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
from reporting.rules.phrases import MAX_NAMED, being, counts, named, parts_of

PLACES = "乡镇（街道）、工业园区"
# Which groups of 统计指标 the section 企业培育 quotes; 调解与站点 quotes the others.
ENTERPRISE_GROUPS = ("劳动合同和集体协商", "工会和民主管理")
# A plan's state as a predicate of 「本年度工作方案」.
PLAN_STATES = {
    "拟订中": "正在拟订",
    "已报送": "已报送市级",
    "退回修改": "经市级退回，正在修改",
    "已接收": "已报送市级并获接收",
}
# What the ledgers' 其他 is called in a sentence.
OTHERS = {"其他": "其他事项", "其他方式": "其他渠道"}


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
        parts.append(f"本级三方机构中{named(row['vacant_seats'])}席位空缺")
    if bodies["denominator"]:
        words = f"应建三方机构的{PLACES}{bodies['denominator']}个"
        if not bodies["numerator"]:
            words += "，尚未建立"
        elif not bodies["missing"]:
            words += f"，已全部建立，覆盖率{bodies['rate']}"
        else:
            words += f"，已建立{bodies['numerator']}个，覆盖率{bodies['rate']}，尚未建立的为{named(bodies['missing'])}"
        parts.append(words)
        parts.append(
            f"配备劳动关系协调员的{PLACES}{coordinated['numerator']}个，占{coordinated['rate']}"
            if coordinated["numerator"]
            else f"{PLACES}尚未配备劳动关系协调员"
        )
    return f"{'；'.join([*parts, _staff_words(row)])}。"


def _staff_words(row: Mechanism) -> str:
    people = [("劳动关系协调员", row["coordinators"]), ("集体协商专职指导员", row["instructors"])]
    if not (present := counts(people, "人")):
        return "劳动关系协调员和集体协商专职指导员尚未配备"
    words = f"在任{present}"
    words += "".join(f"，{label}尚未配备" for label, count in people if not count)
    return words + (f"，定点联系企业{row['liaised']}家" if row["liaised"] else "，定点联系企业尚未登记")


def _answer_words(row: Answer) -> str:
    details = [chinese_date(row["on"])] if row["on"] else []
    details += [row["document_number"]] if row["document_number"] else []
    return f"{row['label']}（{'，'.join(details)}）" if details else row["label"]


def _answer_sentence(row: Mechanism) -> str:
    done = [_answer_words(answer) for answer in row["answers"] if answer["achieved"]]
    failed = [answer["label"] for answer in row["answers"] if answer["achieved"] is False]
    unanswered = [answer["label"] for answer in row["answers"] if answer["achieved"] is None]
    parts = [f"本级已{'、'.join(done)}"] if done else []
    parts += [f"本级尚未{'、'.join(failed)}"] if failed else []
    parts += [f"本级是否{'、'.join(unanswered)}尚未填报"] if unanswered else []
    places = [share for share in row["place_answers"] if share["denominator"]]
    if places:
        told = "、".join(
            f"已{share['label']}的{share['numerator']}个" for share in places if share["numerator"]
        )
        parts.append(f"{PLACES}中，{told}" if told else f"{PLACES}尚未登记上述事项")
    return f"{'；'.join(parts)}。"


def _work_sentence(row: Work) -> str:
    parts = []
    if row["plan_state"]:
        details = [row["plan_number"]] if row["plan_number"] else []
        details += [f"{chinese_date(row['plan_issued_on'])}印发"] if row["plan_issued_on"] else []
        words = "本年度工作方案" + (f"（{'，'.join(details)}）" if details else "")
        words += PLAN_STATES.get(row["plan_state"], row["plan_state"])
        if row["plan_missing"]:
            words += f"，尚缺{'、'.join(row['plan_missing'])}部分"
        parts.append(words)
    else:
        parts.append("本年度工作方案尚未起草")
    if row["task_forces"]:
        parts.append(f"成立专门工作小组{len(row['task_forces'])}个")
    parts.append(_item_words(row) if row["items"] else "责任分解尚未登记")
    if row["documents"]:
        parts.append(f"印发贯彻落实和培育机制文件{row['documents']}份")
    if row["reviews"]:
        parts.append(f"召开分析研判会议{row['reviews']}次")
    return f"{'；'.join(parts)}。"


def _item_words(row: Work) -> str:
    """「分解责任事项7项，均已办结」, or each state that occurs with its number."""
    late = f"（其中逾期{row['overdue']}项）" if row["overdue"] and row["overdue"] < row["open"] else ""
    late = "（均已逾期）" if row["overdue"] and row["overdue"] == row["open"] > 1 else late
    late = "（已逾期）" if row["overdue"] and row["open"] == 1 else late
    states = [("已办结", row["done"], ""), ("正在办理", row["open"], late), ("已取消", row["cancelled"], "")]
    present = [(label, count, note) for label, count, note in states if count]
    if len(present) == 1:
        label, count, note = present[0]
        words = f"均{label.removeprefix('正')}" if count > 1 else label
        return f"分解责任事项{row['items']}项，{words}{note}"
    return f"分解责任事项{row['items']}项，{'、'.join(f'{label}{count}项{note}' for label, count, note in present)}"


# --- 二、主要做法 --------------------------------------------------------------------------------------------------------


def culture_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """For 企业培育: culture activities, and the ratios of contracts, unions and democracy."""
    if known is None:
        return ()
    found = []
    total = sum(row["count"] for row in known["culture"])
    if total:
        kinds = parts_of([(row["label"], row["count"]) for row in known["culture"]], "次")
        found.append(f"支持企业开展文化活动{total}次，{kinds}。")
    if ratios := _ratios(known["period"], enterprise=True):
        found.append(ratios)
    return tuple(found)


def _ratios(period: Period, *, enterprise: bool) -> str:
    rows = [
        f"{row['label']}为{row['rate']}"
        for row in period["lines"]
        if row["rate"] and (row["group"] in ENTERPRISE_GROUPS) is enterprise
    ]
    return f"据{period['label']}统计，{'，'.join(rows)}。" if rows else ""


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
    beside = counts(
        [("行业协会、商会、行业工会等", line["partners"]), ("行业主管部门", line["authorities"])], "个"
    )
    parts = [f"会同{beside}"] if beside else []
    parts += [f"带动企业{line['members']}家"] if line["members"] else []
    if line["standards"]:
        parts.append(f"达到{'、'.join(line['standards'])}{'等' if len(line['standards']) > 1 else ''}标准")
    parts += [f"形成经验总结{line['summaries']}份"] if line["summaries"] else []
    parts += [f"推广应用{line['spreads']}项"] if line["spreads"] else []
    missing = [
        label
        for label, there in (
            ("会同单位", beside),
            ("带动企业", line["members"]),
            ("达到的标准", line["standards"]),
        )
        if not there
    ]
    parts += [f"尚未登记{'、'.join(missing)}"] if missing else []
    return f"{line['name'].removesuffix('试点')}试点{'，'.join(parts)}。"


def training_topic_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """People by the notice's four topics, and cultivated firms that miss none."""
    if known is None or not (known["trainings"]["held"] or known["trainings"]["joined"]):
        return ()
    row: Trainings = known["trainings"]
    topics = counts([(topic["label"], topic["people"]) for topic in row["topics"]], "人次")
    empty = [topic["label"] for topic in row["topics"] if not topic["people"]]
    words = f"按四组培训重点统计参训人次，{topics}" if topics else "四组培训重点尚无企业参训"
    words += f"，{'、'.join(empty)}尚无企业参训" if topics and empty else ""
    if row["firms"]:
        whole = "负责人和人力资源工作人员各组内容均已参训"
        if not row["complete"]:
            words += f"；重点培育企业尚无{whole}的"
        elif row["complete"] == row["firms"]:
            words += f"；重点培育企业{row['firms']}家，{whole}"
        else:
            words += f"；重点培育企业{row['firms']}家，其中{whole}的{row['complete']}家"
    return (f"{words}。",)


def mediation_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """（五）调解与站点: cases by kind and outcome, service points, ratios of disputes."""
    if known is None:
        return ()
    ratios = _ratios(known["period"], enterprise=False)
    return (
        _case_sentence("调解劳动关系矛盾纠纷", "矛盾纠纷调解", known["mediations"]),
        _case_sentence("提供劳动用工咨询", "劳动用工咨询", known["advisories"]),
        *_point_sentences(known["points"], known["mediations"]["total"] + known["advisories"]["total"]),
        *([ratios] if ratios else []),
    )


def _case_sentence(done: str, noun: str, row: Cases) -> str:
    if not row["total"]:
        return f"本年度未登记{noun}。"
    kinds = [(OTHERS.get(line["label"], line["label"]), sum(line["counts"])) for line in row["lines"]]
    topics = parts_of(kinds, "件", verb="涉及")
    sums = [sum(line["counts"][at] for line in row["lines"]) for at in range(len(row["outcomes"]))]
    results = parts_of(list(zip(row["outcomes"], sums, strict=True)), "件", before="按办理结果分，")
    results = results if results.startswith("按") else f"办理结果{results}"
    return f"{done}{row['total']}件，{topics}；{results}。"


def _point_sentences(row: Points, cases: int) -> tuple[str, ...]:
    """Points, what they did, and that their months and the ledgers (`cases`) are not added up: one case may be in both."""
    if not row["total"]:
        return ("本年度未登记劳动关系基层公共服务站点。",)
    kinds = [("一站式", row["one_stop"]), ("智慧化", row["smart"]), ("标准化", row["standardized"])]
    words = f"建有劳动关系基层公共服务站点{row['total']}个"
    if present := counts(kinds, "个"):
        words += (
            f"，其中{present}"
            if row["total"] > 1
            else f"，为{'、'.join(label for label, n in kinds if n)}站点"
        )
    words += f"，工作人员{row['staff']}人" if row["staff"] else ""
    served = counts(
        [("用工咨询", row["advisories"]), ("矛盾调解", row["mediations"]), ("其他服务", row["others"])], "件"
    )
    received = f"接待{row['visitors']}人次" if row["visitors"] else ""
    handled = f"办理{served}" if served else ""
    if not received and not handled:
        return (f"{words}，尚未登记本年度服务量。",)
    found = [f"{words}；本年度站点{'，'.join(part for part in (received, handled) if part)}。"]
    if cases and row["advisories"] + row["mediations"]:
        found.append(
            "站点办理件数由站点按月填报，与台账登记的咨询、调解件数分别统计，两者可能有重复，不作相加。"
        )
    return tuple(found)


def publicity_sentences(known: ActivityFigures | None) -> tuple[str, ...]:
    """（六）宣传引导 (C114–C118)."""
    if known is None:
        return ()
    row = known["publicity"]
    if row["total"]:
        told = [(OTHERS.get(line["label"], line["label"]), line["count"]) for line in row["by_kind"]]
        kinds = parts_of(told, "篇", verb="见于")
        found = [f"刊发宣传报道{row['total']}篇（条），{kinds}。"]
    else:
        found = ["本年度未登记宣传报道。"]
    if row["brands"]:
        brands = [f"“{name.strip('“”')}”" for name in row["brands"]]
        found.append(f"打造劳动关系特色品牌{len(brands)}个{being(brands)}。")
    if row["stories"]:
        found.append(f"总结先进典型和先进事迹{row['stories']}篇。")
    found += [
        f"{line['method']}显示，创建活动{line['label']}为{line['rate']}"
        f"（有效样本{line['denominator']}人，其中肯定回答{line['numerator']}人）。"
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
        parts.append(f"{PLACES}三方机构尚未全覆盖，{len(missing)}个尚未建立")
    if missing := row["coordinated"]["missing"]:
        parts.append(f"{PLACES}{len(missing)}个没有劳动关系协调员")
    if missing := [answer["label"] for answer in row["answers"] if answer["achieved"] is False]:
        parts.append(f"本级尚未{'、'.join(missing)}")
    if known["work"]["overdue"]:
        parts.append(f"责任事项{known['work']['overdue']}项逾期未办结")
    if services and services["to_pair"] > services["paired"]:
        parts.append(f"重点培育对象{services['to_pair'] - services['paired']}个尚未结对")
    if services and services["to_pair"] > services["visited"]:
        parts.append(f"重点培育对象{services['to_pair'] - services['visited']}个尚未开展指导服务")
    return (f"{'；'.join(parts)}。",) if parts else ()
