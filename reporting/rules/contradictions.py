"""What contradicts itself, or must be named as a problem, in the figures of a report, before anybody signs it.

Each point needs a word of the office or a mend, and stands in 四、存在问题 as a drafted sentence. Pure: the snapshot in,
points out, in the order of the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reporting.rules.activities import ActivityFigures, Cases, Period, PeriodLine
from reporting.rules.annual_facts import FactRow, find_kind
from reporting.rules.figures import KIND_LABELS, KIND_UNITS, ReportFigures
from reporting.rules.phrases import being, named

SETTLED = "调解成功"
GAPS = "GAPS"
WHOLE_YEAR = "YEAR"
# Characters of a word on a point.
SHORTEST_WORD, LONGEST_WORD = 5, 500


@dataclass(frozen=True)
class Point:
    """`code` names the rule, `doubt` what was found (with its numbers: other numbers ask again), `mend` how to put it
    right, `problem` the sentence for 四、存在问题."""

    code: str
    doubt: str
    mend: str
    problem: str = ""


def find_points(figures: ReportFigures) -> tuple[Point, ...]:
    """Everything that needs a word; empty when nothing contradicts itself."""
    known = figures.get("activities")
    found = [*_roster(figures), *_participation(figures), *_staff_numbers(figures), *_verification(figures)]
    if known is not None:
        found += [*_parks(known), *_coordinators(known), *_plan(known)]
        found += _doubles("MEDIATION_DOUBLES", "矛盾纠纷调解", known["mediations"])
        found += _doubles("ADVISORY_DOUBLES", "劳动用工咨询", known["advisories"])
        found += [*_points(known), *_disputes(known), *_settled(known)]
    return tuple(found)


def problem_points(figures: ReportFigures) -> tuple[str, ...]:
    """The sentences for 四、存在问题."""
    return tuple(point.problem for point in find_points(figures) if point.problem)


def open_gaps(gaps: list[str]) -> tuple[Point, ...]:
    """A report with open 【待补充】 is filed only with a reason."""
    if not gaps:
        return ()
    listed = "".join(gaps[:3]) + ("等" if len(gaps) > 3 else "")
    return (
        Point(
            GAPS,
            f"报告还有{len(gaps)}处待补充：{listed}",
            "请编辑相应段落补齐；确实不能补齐的，写明原因，市级办公室会看到。",
        ),
    )


def _roster(figures: ReportFigures) -> Iterator[Point]:
    row = figures.get("roster")
    if row is None or not row["confirmed"]:
        return
    lacking = [*row["unsigned"], *row["stale"]]
    if not row["seats"]:
        yield Point(
            "ROSTER_NO_SEATS",
            "重点培育名单已确认，但本级三方机构没有登记有单位担任的席位，无从会签",
            "请登记三方机构的席位并完成会签，再更新数据。",
            "重点培育名单尚未经三方会签。",
        )
    elif lacking:
        stale = f"，其中{len(row['stale'])}家会签后名单又有调整" if row["stale"] else ""
        yield Point(
            "ROSTER_UNSIGNED",
            f"重点培育名单已确认，但尚未会签齐全：{named(lacking)}{stale}",
            "请完成会签（线下会签可代录），再更新数据。",
            f"重点培育名单会签不齐全，{named(lacking)}尚未会签。",
        )


def _participation(figures: ReportFigures) -> Iterator[Point]:
    row, key = figures["participation"], find_kind(figures, "ENTERPRISE")["total"]
    joined, expected = row["participating"], row["expected"]
    if joined is not None and expected is not None and joined > expected:
        yield Point(
            "PARTICIPATION_OVER",
            f"参与创建企业{joined}家，多于应参与企业{expected}家",
            "请核对企业档案是否建全、已注销和已划出的企业是否取消参与，再更新数据。",
            f"参与创建企业{joined}家与应参与企业{expected}家不一致，企业档案有待核实。",
        )
    if joined is not None and key > joined:
        yield Point(
            "PARTICIPATION_UNDER",
            f"重点培育企业{key}家，多于参与创建企业{joined}家",
            "重点培育企业都参与创建，请补登记参与创建情况，再更新数据。",
            f"重点培育企业{key}家中有未登记参与创建的，参与创建情况登记不完整。",
        )


def _staff_numbers(figures: ReportFigures) -> Iterator[Point]:
    firms = [row for row in figures["subjects"] if row["kind"] == "ENTERPRISE"]
    blank = [row["name"] for row in firms if row["employee_count"] is None]
    if blank and len(blank) < len(firms):
        yield Point(
            "STAFF_PARTIAL",
            f"重点培育企业{len(firms)}家中{len(blank)}家未填职工人数（{named(blank)}），职工合计只含其余企业",
            "请到企业档案补填职工人数，再更新数据。",
            f"重点培育企业中有{len(blank)}家未填报职工人数，职工人数合计不完整。",
        )


def _verification(figures: ReportFigures) -> Iterator[Point]:
    for row in figures["assessments"]:
        failed = row["verified"] - row["passed"]
        if failed <= 0:
            continue
        label, unit = KIND_LABELS[row["kind"]], KIND_UNITS[row["kind"]]
        words = f"经核验的重点培育{label}{row['verified']}{unit}"
        if row["passed"]:
            words += f"中，{failed}{unit}未达到标准"
        else:
            words += "均未达到标准" if failed > 1 else "未达到标准"
        yield Point(
            f"FAILED_{row['kind']}",
            words,
            "请写明主要失分项或否决事项和整改打算；核验有误的，请先更正核验，再更新数据。",
            f"{words}。",
        )


def _parks(known: ActivityFigures) -> Iterator[Point]:
    names = known["mechanism"].get("outside_parks") or []
    if names:
        yield Point(
            "PARKS_OUTSIDE",
            f"培育的工业园区{len(names)}个（{named(names)}）没有登记为园区，三方机构和协调员覆盖率的分母不含它们",
            "请在“三方机构”页添加这些园区，再更新数据。",
            f"培育的工业园区有{len(names)}个未纳入三方机构覆盖统计{being(names)}。",
        )


def _coordinators(known: ActivityFigures) -> Iterator[Point]:
    row = known["mechanism"]
    places = row["coordinated"]["numerator"]
    serving = f"{row['coordinators']}人" if row["coordinators"] else "尚未登记"
    if places > row["coordinators"]:
        yield Point(
            "COORDINATORS_FEWER",
            f"配备协调员的乡镇（街道）、工业园区{places}个，多于在任协调员{row['coordinators']}人",
            "请核对协调员的聘任日期、离任日期和所在地，再更新数据。",
            f"劳动关系协调员登记与配备情况不一致（{places}个地方已配备，在任协调员{serving}）。",
        )


def _plan(known: ActivityFigures) -> Iterator[Point]:
    work = known["work"]
    if work["items"] and not work["plan_state"]:
        yield Point(
            "ITEMS_WITHOUT_PLAN",
            f"责任事项已分解{work['items']}项，但本年度工作方案尚未起草",
            "请起草并报送工作方案，再更新数据。",
            f"责任事项已分解{work['items']}项，工作方案尚未制定。",
        )


def _doubles(code: str, noun: str, row: Cases) -> list[Point]:
    doubles = row.get("doubles") or []
    if not doubles:
        return []
    return [
        Point(
            code,
            f"{noun}有{len(doubles)}处可能重复计数：{'；'.join(doubles[:3])}"
            + ("等" if len(doubles) > 3 else ""),
            "请核对台账，删去重复的汇总或逐件登记，再更新数据。",
            f"{noun}台账有{len(doubles)}处既有按月汇总又有逐件登记（或两级汇总并存），件数有待核实。",
        )
    ]


def _points(known: ActivityFigures) -> Iterator[Point]:
    row = known["points"]
    served = row["advisories"] + row["mediations"] + row["others"]
    if served > row["visitors"]:
        yield Point(
            "POINTS_VISITORS",
            f"服务站点接待{row['visitors']}人次，少于办理的{served}件",
            "请核对站点月报的接待人次和办理件数，再更新数据。",
            f"服务站点接待人次（{row['visitors']}人次）少于办理件数（{served}件），站点月报有待核实。"
            if row["visitors"]
            else f"服务站点办理{served}件而未登记接待人次，站点月报有待核实。",
        )


def _line(period: Period, code: str) -> PeriodLine | None:
    return next((line for line in period["lines"] if line.get("code") == code), None)


def _amount(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "")) if text else None


def _count(line: PeriodLine | None, key: str = "numerator") -> Decimal | None:
    return None if line is None else _amount(line["denominator" if key == "denominator" else "numerator"])


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _disputes(known: ActivityFigures) -> Iterator[Point]:
    """受理 ≥ 结案; 应结案 = 受理 + 上期未结."""
    period = known["period"]
    accepted = _count(_line(period, "DISPUTES_ACCEPTED"))
    closed = _line(period, "DISPUTES_CLOSED")
    done, owed = _count(closed), _count(closed, "denominator")
    settled = _line(period, "DISPUTES_SETTLED")
    base = _count(settled, "denominator")
    label = period["label"]
    if accepted is not None and done is not None and done > accepted:
        yield Point(
            "CLOSED_OVER_ACCEPTED",
            f"统计指标（{label}）结案数{_plain(done)}件，多于受理数{_plain(accepted)}件",
            "请核对受理数和结案数，再更新数据；含上期未结案件的，请写明件数。",
            f"劳动争议结案数（{_plain(done)}件）多于受理数（{_plain(accepted)}件），统计口径有待核实。",
        )
    if accepted is not None and owed is not None and owed < accepted:
        yield Point(
            "OWED_UNDER_ACCEPTED",
            f"统计指标（{label}）应结案{_plain(owed)}件，少于受理数{_plain(accepted)}件",
            "应结案件数是受理数加上期未结数，请核对后再更新数据。",
            f"劳动争议应结案件数（{_plain(owed)}件）少于受理数（{_plain(accepted)}件），统计口径有待核实。",
        )
    if done is not None and base is not None and done != base:
        yield Point(
            "CLOSED_TWICE",
            f"统计指标（{label}）两处结案数不一致：结案率为{_plain(done)}件，调解成功率为{_plain(base)}件",
            "请核对两项指标的结案数，再更新数据。",
            f"劳动争议结案数两处不一致（{_plain(done)}件、{_plain(base)}件），有待核实。",
        )


def _settled(known: ActivityFigures) -> Iterator[Point]:
    """调解成功 and 受理 of the ledger beside those of the period figures, which cover at least what the ledger holds."""
    period, cases = known["period"], known["mediations"]
    if not period["lines"] or not cases["total"]:
        return
    whole = period.get("code") == WHOLE_YEAR
    ledger = 0
    if SETTLED in cases["outcomes"]:
        at = cases["outcomes"].index(SETTLED)
        ledger = sum(line["counts"][at] for line in cases["lines"])
    told = _count(_line(period, "DISPUTES_SETTLED"))
    if told is not None and (told != ledger if whole else told > ledger):
        yield Point(
            "SETTLED_TWICE",
            f"调解成功件数不一致：台账{ledger}件，统计指标（{period['label']}）{_plain(told)}件",
            "请核对调解台账和统计指标，再更新数据；两处口径不同的，请写明。",
            f"调解成功件数台账{f'为{ledger}件' if ledger else '未登记'}、"
            f"统计指标{f'为{_plain(told)}件' if told else '未登记'}，两处不一致，有待核实。",
        )
    accepted = _count(_line(period, "DISPUTES_ACCEPTED"))
    if whole and accepted is not None and cases["total"] > accepted:
        yield Point(
            "LEDGER_OVER_ACCEPTED",
            f"台账登记调解{cases['total']}件，多于统计指标（{period['label']}）争议受理数{_plain(accepted)}件",
            "请核对调解台账和统计指标，再更新数据；两处口径不同的，请写明。",
            f"矛盾纠纷调解台账{cases['total']}件多于统计指标受理数{_plain(accepted)}件，两处不一致，有待核实。",
        )


def point_facts(figures: ReportFigures) -> list[FactRow]:
    """Numbers the problem sentences quote that stand in no other annex."""
    group = "需说明的事项"
    rows: list[FactRow] = []
    for row in figures["assessments"]:
        if row["verified"] > row["passed"]:
            label = f"核验未达到标准的{KIND_LABELS[row['kind']]}"
            rows.append((group, label, str(row["verified"] - row["passed"]), KIND_UNITS[row["kind"]]))
    blank = sum(row["kind"] == "ENTERPRISE" and row["employee_count"] is None for row in figures["subjects"])
    if blank:
        rows.append((group, "未填职工人数的重点培育企业", str(blank), "家"))
    known = figures.get("activities")
    if known is None:
        return rows
    if parks := known["mechanism"].get("outside_parks"):
        rows.append((group, "未纳入覆盖统计的工业园区", str(len(parks)), "个"))
    for noun, cases in (("矛盾纠纷调解", known["mediations"]), ("劳动用工咨询", known["advisories"])):
        if doubles := cases.get("doubles"):
            rows.append((group, f"{noun}可能重复计数", str(len(doubles)), "处"))
    points = known["points"]
    served = points["advisories"] + points["mediations"] + points["others"]
    if served > points["visitors"]:
        rows.append((group, "服务站点办理合计", str(served), "件"))
    return rows
