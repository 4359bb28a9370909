"""The drafted text is official prose: twenty cases read aloud, and rules that hold whatever the figures are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.rules.standards import standard_number
from reporting.rules.annual_facts import public_standard
from reporting.rules.annual_report import compose_report, draft_sentences
from reporting.rules.figures import ReportFigures
from reporting.rules.narrative import GAP_PATTERN
from reporting.rules.phrases import MAX_NAMED, being, entries, parts_of, share
from tests.reporting.prose_cases import GOLDEN, cases, coverage, golden, known, points, training, visits
from tests.reporting.sample_figures import full_figures, subject

# What no sentence of the report may say, and why.
FORBIDDEN = {
    "a blank inside the text": re.compile(r"(?<!DB37/T)\s"),
    "two marks in a row": re.compile(r"[，。；：、]{2}|（）|[（“][，。；：、]|[，；：、]）"),
    "a number of nothing": re.compile(r"(?<![\d.])0(?:家|个|件|项|次|场|人|份|篇|对|条|分)"),
    "「包括」 of one": re.compile(r"包括[^、。；，]*[。；，]"),
    "an edition of the portal": re.compile(r"\d{4}-r\d"),
    "a label before a colon": re.compile(r"："),
    "None": re.compile(r"None|\{|\}"),
}
# A blank before a mark, or between a word and a figure; an edition of the portal.
SPACED = re.compile(r"\s[，。；：、）]|[\u3400-\u9fff] \d|\d [\u3400-\u9fff]|\d{4}-r\d")
slow_machines_too = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL = st.sampled_from([0, 1, 2, 7])


def faults(text: str) -> list[str]:
    text = GAP_PATTERN.sub("", text)
    if not text:
        return []
    found = [why for why, pattern in FORBIDDEN.items() if pattern.search(text)]
    return found + (
        [] if re.match(r"[^，。；：、）]", text) and text.endswith("。") else ["no whole sentence"]
    )


@st.composite
def figures(draw: Any) -> ReportFigures:
    """Any district year whose numbers agree with one another."""
    rows, kinds = [], []
    for kind in ("ENTERPRISE", "INDUSTRIAL_PARK", "TOWNSHIP", "INDUSTRY_PILOT"):
        new, continued = draw(SMALL), draw(SMALL)
        total = new + continued
        rows += [subject(f"{kind}的第{'甲乙丙丁'[at % 4]}户", kind=kind) for at in range(total)]
        sizes = [("小型", new), ("未填", continued)]
        breakdown = [{"label": label, "count": count} for label, count in sizes if count]
        kinds.append(
            {
                "kind": kind,
                "total": total,
                "new": new,
                "continued": continued,
                "by_size": breakdown if kind == "ENTERPRISE" else [],
                "by_industry": breakdown if kind == "ENTERPRISE" else [],
                "by_township": [],
                "employee_count": draw(st.sampled_from([None, 1, 320])) if total else None,
            }
        )
    started, submitted, verified, passed = sorted((draw(SMALL) for _ in range(4)), reverse=True)
    assessment = full_figures()["assessments"][0] | {
        "started": started,
        "submitted": submitted,
        "verified": verified,
        "passed": passed,
        "average_self_score": "90.00" if submitted else None,
        "average_verified_score": "89.00" if verified else None,
        "indicator_notice": draw(st.sampled_from(["", "重构稿，待官方文本核定"])),
        "indicator_label": "省级劳动关系和谐企业评价标准（DB37/T 4077 2020-r1）",
    }
    target = full_figures()["targets"][0] | {
        "target": draw(st.sampled_from([None, 1, 4])),
        "actual": draw(SMALL),
        "completion": draw(st.sampled_from(["IN_PROGRESS", "MET", "NOT_MET", "NOT_APPLICABLE"])),
    }
    expected = draw(st.sampled_from([None, 1, 30]))
    participating = draw(st.integers(0, expected)) if expected else 0
    changes: dict[str, Any] = {
        "kinds": kinds,
        "subjects": rows,
        "assessments": [assessment] if draw(st.booleans()) else [],
        "targets": [target] if draw(st.booleans()) else [],
        "participation": {"participating": participating, "expected": expected, "rate": "3.3%"},
    }
    changes |= draw(services())
    changes |= draw(ledgers())
    return full_figures(**changes)


@st.composite
def services(draw: Any) -> dict[str, Any]:
    ways, kinds = [draw(SMALL) for _ in range(3)], [0, 0, 0]
    kinds[draw(st.integers(0, 2))] = sum(ways)
    to_pair = draw(SMALL)
    paired, follow_ups = draw(st.integers(0, to_pair)), draw(SMALL)
    return visits(
        to_pair=to_pair,
        paired=paired,
        pairings=paired,
        visited=draw(st.integers(0, to_pair)),
        visits=sum(ways),
        **dict(zip(("on_site", "phone", "online"), ways, strict=True)),
        **dict(zip(("guidance", "supervision", "research"), kinds, strict=True)),
        with_instructor=draw(st.integers(0, sum(ways))),
        follow_ups=follow_ups,
        follow_ups_done=draw(st.integers(0, follow_ups)),
    )


@st.composite
def ledgers(draw: Any) -> dict[str, Any]:
    """Two changes of what the ledgers hold; the practice of the sample is the office's own text and left out."""
    done, running, cancelled = draw(SMALL), draw(SMALL), draw(SMALL)
    due = draw(SMALL)
    built, cared = draw(st.integers(0, due)), draw(st.integers(0, due))
    topic = ("其他", [draw(SMALL), draw(SMALL), 0, draw(SMALL)])
    lines = [("劳动报酬", [1, 0, 0, 0])] if draw(st.booleans()) else []
    pilot = {
        "name": draw(st.sampled_from(["锂电行业", "机床行业试点"])),
        "partners": draw(SMALL),
        "authorities": draw(SMALL),
        "members": draw(SMALL),
        "standards": draw(st.sampled_from([[], ["创建机制健全"], ["创建机制健全", "矛盾调处顺畅有效"]])),
        "summaries": draw(SMALL),
        "spreads": draw(SMALL),
    }
    media = [{"label": label, "count": count} for label in ("新媒体", "其他方式") if (count := draw(SMALL))]
    session = st.tuples(st.sampled_from(["滕州市", "枣庄市"]), SMALL, SMALL)
    trainings = training(*draw(st.lists(session, max_size=3)))["activities"]["trainings"]
    trainings["firms"] = draw(SMALL)
    trainings["complete"] = draw(st.integers(0, trainings["firms"]))
    trainings["topics"] = [row | {"people": draw(SMALL)} for row in trainings["topics"]]
    served = {key: draw(SMALL) for key in ("visitors", "advisories", "mediations", "others", "staff")}
    total = draw(SMALL)
    kinds = {key: draw(st.integers(0, total)) for key in ("one_stop", "smart", "standardized")}
    sample = full_figures()["activities"]
    answers = [
        row | {"achieved": draw(st.sampled_from([True, False, None]))}
        for row in sample["mechanism"]["answers"]
    ]
    return known(
        mechanism={
            "established": draw(st.booleans()),
            "vacant_seats": draw(st.sampled_from([[], ["工商业联合会"], ["总工会", "工商业联合会"]])),
            "bodies": coverage(built, due, *[f"第{'甲乙丙丁戊己庚'[at]}镇" for at in range(due - built)]),
            "coordinated": coverage(cared, due, *["甲镇"] * (due - cared)),
            "coordinators": draw(SMALL),
            "instructors": draw(SMALL),
            "liaised": draw(SMALL),
            "answers": answers,
            "place_answers": [
                row | {"numerator": draw(SMALL)} for row in sample["mechanism"]["place_answers"]
            ],
        },
        work={
            "plan_state": draw(st.sampled_from(["", "拟订中", "已报送", "退回修改", "已接收"])),
            "items": done + running + cancelled,
            "done": done,
            "open": running,
            "overdue": draw(st.integers(0, running)),
            "cancelled": cancelled,
            "documents": draw(SMALL),
            "reviews": draw(SMALL),
            "task_forces": draw(st.sampled_from([[], ["甲组"]])),
        },
        mediations=cases(topic, *lines),
        advisories=cases(*lines),
        points=points(total=total, **kinds, **served)["activities"]["points"],
        trainings=trainings,
        industry={
            "pilots": [pilot] * draw(SMALL),
            "actions": draw(SMALL),
            "studies": draw(SMALL),
            "guides": draw(SMALL),
        },
        publicity={
            "total": sum(row["count"] for row in media),
            "by_kind": media,
            "brands": ["“和谐滕州”"] * draw(SMALL),
            "stories": draw(SMALL),
            "measured": sample["publicity"]["measured"] if draw(st.booleans()) else [],
        },
        practices={"lines": []},
        culture=[{"label": "职工文化活动", "count": draw(SMALL)}],
    )


@slow_machines_too
@given(figures())
def test_whatever_the_figures_are_the_text_is_official_prose(drawn: ReportFigures) -> None:
    for section in draft_sentences(drawn):
        for text in section.drafted:
            assert not faults(text), (text, faults(text))


@slow_machines_too
@given(figures())
def test_annexes_keep_one_spacing_and_fill_their_page(drawn: ReportFigures) -> None:
    for row in drawn["targets"]:
        row["sentence"] = "已确认 3 个，还差 1 个。"
    for annex in compose_report(drawn, {}, date="2026-11-25").annexes:
        texts = [annex.title, annex.note]
        for table in annex.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            assert (
                abs(sum(column.weight for column in table.columns) - (225 if annex.landscape else 156)) <= 1
            )
            texts += [table.caption, *(cell for row in table.rows for cell in row)]
        assert not [text for text in texts if SPACED.search(text)]


def test_twenty_cases_read_aloud() -> None:
    """Wrong on purpose? Read the new text aloud, then `python -m tests.reporting.prose_cases`."""
    assert golden() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "bad",
    [
        "新增5个，延续0个。",
        "包括枣庄市市中区水处理剂产业园。",
        "参与率70.0% 。",
        "对照标准（DB37/T 4077 2020-r1）。",
        "年度目标任务完成情况：进行中。",
        "共1家，。",
        "共1家",
    ],
)
def test_the_rules_find_what_was_printed_once(bad: str) -> None:
    assert faults(bad)


def test_turns_of_phrase() -> None:
    assert being([]) == "" and being(["甲"]) == "，为甲" and being(["甲", "乙"]) == "，分别为甲、乙"
    assert being(["甲"] * (MAX_NAMED + 1)).startswith("，包括甲、") and being(["甲"] * 9).endswith("等")
    assert [entries(1, 0, "个"), entries(0, 2, "个"), entries(1, 1, "个")] == [
        "系新增",
        "均为延续培育",
        "其中新增1个、延续培育1个",
    ]
    assert parts_of([("甲", 0)], "件") == "" and parts_of([("甲", 1)], "件") == "为甲"
    assert parts_of([("甲", 2), ("乙", 0)], "件", verb="涉及") == "均涉及甲"
    assert parts_of([("甲", 2), ("乙", 1)], "件", verb="涉及") == "其中涉及甲2件、乙1件"
    assert [share(done, 2, "已办结", "项", none="尚未办结") for done in (0, 1, 2)] == [
        "尚未办结",
        "1项已办结",
        "均已办结",
    ]


def test_a_standard_is_named_by_its_public_number() -> None:
    assert standard_number("DB37/T 4077", "2020-r1") == "DB37/T 4077—2020"
    assert standard_number("DB37/T 4077", "2020") == "DB37/T 4077—2020"
    assert standard_number("TEST", "v1") == "TEST"
    assert public_standard("标准（DB37/T 4077 2020-r1）") == "标准（DB37/T 4077—2020）"
    assert public_standard("标准（DB37/T 4077—2020）") == "标准（DB37/T 4077—2020）"
