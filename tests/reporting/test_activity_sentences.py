"""What the ledgers hold → the report: golden sentences, tables, gaps that close, snapshots that know nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from reporting.documents.docx import render_docx
from reporting.documents.pdf import render_pdf
from reporting.rules import annual_activities as drafted
from reporting.rules.activities import ActivityFigures
from reporting.rules.annual_activity_tables import activity_annexes, activity_facts
from reporting.rules.annual_report import compose_report, content_gaps
from reporting.rules.differences import find_differences
from reporting.rules.narrative import GAPS, default_narrative
from reporting.rules.report_content import ReportContent
from tests.reporting.pdf_reading import all_text, needs_pango
from tests.reporting.sample_activities import sample_activities
from tests.reporting.sample_figures import full_figures, sample_figures


def read_word(content: ReportContent) -> str:
    document = Document(BytesIO(render_docx(content, draft=False)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def read_pdf_text(content: ReportContent) -> str:
    return all_text(render_pdf(content, draft=False))


Drafter = Callable[[ActivityFigures | None], tuple[str, ...]]

GOLDEN: list[tuple[Drafter, tuple[str, ...]]] = [
    (
        drafted.mechanism_sentences,
        (
            "本级三方机构中工商业联合会席位空缺；应建三方机构的乡镇（街道）、工业园区21个，已建立19个，覆盖率90.5%，尚未建立的为龙阳镇、东郭镇；配备劳动关系协调员的乡镇（街道）、工业园"
            "区18个，占85.7%；在任劳动关系协调员22人、集体协商专职指导员5人，定点联系企业37家。",
            "本级已向党委政府主动汇报（2026年3月10日，滕政发〔2026〕4号）；本级尚未纳入经济社会发展总体规划；本级是否纳入政府目标责任考核体系尚未填报；乡镇（街道）、工业园区中，已向"
            "党委政府主动汇报的13个。",
            "本年度工作方案（滕劳三方〔2026〕2号，2026年2月20日印发）已报送市级并获接收，尚缺责任分工部分；成立专门工作小组2个；分解责任事项26项，已办结20项、正在办理4项（其中"
            "逾期1项）、已取消2项；印发贯彻落实和培育机制文件3份；召开分析研判会议6次。",
        ),
    ),
    (
        drafted.culture_sentences,
        (
            "支持企业开展文化活动5次，其中企业文化建设2次、关心关爱职工3次。",
            "据第三季度统计，劳动合同签订率为96.00%。",
        ),
    ),
    (
        drafted.pilot_detail_sentences,
        (
            "锂电行业试点会同行业协会、商会、行业工会等2个、行业主管部门1个，带动企业14家，达到创建机制健全、矛盾调处顺畅有效等标准，形成经验总结1份，推广应用3项。",
            "机床行业试点会同行业协会、商会、行业工会等3个、行业主管部门1个，带动企业9家，尚未登记达到的标准。",
            "开展行业和谐行动2项，开展工作调研4次，形成行业指引1份。",
        ),
    ),
    (
        drafted.training_topic_sentences,
        (
            "按四组培训重点统计参训人次，劳动关系法律法规和相关政策8人次、工资工时制度14人次、劳动争议预防调解21人次，企业民主管理制度和集体协商尚无企业参训；重点培育企业5家，其中负责人和"
            "人力资源工作人员各组内容均已参训的3家。",
        ),
    ),
    (
        drafted.mediation_sentences,
        (
            "调解劳动关系矛盾纠纷29件，其中涉及劳动报酬11件、社会保险18件；按办理结果分，调解成功25件、调解不成1件、转仲裁或诉讼3件。",
            "提供劳动用工咨询215件，均涉及劳动合同；按办理结果分，当场答复200件、跟进后办结15件。",
            "建有劳动关系基层公共服务站点2个，其中一站式2个、智慧化1个、标准化2个，工作人员7人；本年度站点接待1576人次，办理用工咨询344件、矛盾调解67件。",
            "站点办理件数由站点按月填报，与台账登记的咨询、调解件数分别统计，两者可能有重复，不作相加。",
            "据第三季度统计，争议结案率为95.00%。",
        ),
    ),
    (
        drafted.publicity_sentences,
        (
            "刊发宣传报道13篇（条），其中见于主流媒体8篇、新媒体5篇。",
            "打造劳动关系特色品牌1个，为“善和滕州”。",
            "总结先进典型和先进事迹2篇。",
            "线上问卷显示，创建活动认知度为75.8%（有效样本480人，其中肯定回答364人）。",
        ),
    ),
    (
        drafted.practice_sentences,
        (
            "提炼可复制可推广的典型经验1条。",
            "“三个一”协商机制（山东喆昇机械有限公司）：每月恳谈、每季协商、每年职工代表大会；已在4个单位推广应用。",
        ),
    ),
]


@pytest.mark.parametrize(("draft", "said"), GOLDEN, ids=[draft.__name__ for draft, _ in GOLDEN])
def test_golden_sentences(draft: Drafter, said: tuple[str, ...]) -> None:
    assert draft(sample_activities()) == said
    assert draft(None) == (), "a snapshot of before says nothing"


def test_what_is_missing_is_a_problem_without_a_reason() -> None:
    assert drafted.shortcoming_sentences(full_figures()) == (
        "乡镇（街道）、工业园区三方机构尚未全覆盖，2个尚未建立；乡镇（街道）、工业园区3个没有劳动关系协调员；本级尚未纳入经济社会发展总体规划；责任事项1项逾期未办结；重点培育对象1个尚未"
        "结对；重点培育对象2个尚未开展指导服务。",
    )


def nothing() -> ActivityFigures:
    """A district that entered nothing."""

    def empty(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: empty(item) for key, item in value.items()}
        return {int: 0, str: "", list: []}.get(type(value), value)

    return empty(sample_activities()) | {"culture": []}


def test_nothing_entered_is_said_plainly_and_without_a_zero() -> None:
    known = nothing()
    known["mechanism"]["established"] = False
    words = "".join(text for draft, _ in GOLDEN for text in draft(known))
    assert "本级三方机构尚未登记成立" in words and "本年度工作方案尚未起草" in words
    assert "责任分解尚未登记" in words and "本年度未登记矛盾纠纷调解" in words
    assert "本年度未登记劳动关系基层公共服务站点" in words and "本年度未登记宣传报道" in words
    assert drafted.practice_sentences(known) == () == drafted.training_topic_sentences(known)
    figures = full_figures(activities=known)
    titles = [annex.title for annex in activity_annexes(figures)]
    assert titles == ["滕州市2026年度培训、调解、站点和试点情况表"], "no figures, no annex of them"


def test_sections_the_ledgers_fill_need_no_text_of_the_office() -> None:
    figures = full_figures()
    open_keys = {"measures_enterprise", "measures_area", "problems", "plans"}
    for narrative in ({}, default_narrative()):
        content = compose_report(figures, narrative, date="2026-11-25")
        marked = {section.key for section in content.sections if "【待补充" in section.narrative}
        assert marked == open_keys
        assert len(content_gaps(content)) == len(open_keys)
    written = {"measures_mediation": "设立流动调解庭。", "experience": "【待补充：一】和【待补充：二】"}
    content = compose_report(figures, written, date="2026-11-25")
    texts = {section.key: section.narrative for section in content.sections}
    assert texts["measures_mediation"] == "设立流动调解庭。"
    assert texts["experience"] == "【待补充：一】和【待补充：二】", "gaps somebody wrote stay"
    empty = compose_report(full_figures(activities=nothing()), {}, date="2026-11-25")
    assert len(content_gaps(empty)) == len(GAPS)


def test_a_snapshot_of_before_reads_as_it_did() -> None:
    figures = sample_figures()
    content = compose_report(figures, {}, date="2026-11-25")
    assert "measures_publicity" not in [section.key for section in content.sections]
    assert len(content.annexes) == 3 and len(content_gaps(content)) == len(GAPS)
    assert "调解劳动关系矛盾纠纷" not in repr(content) and not activity_facts(figures)
    assert find_differences(figures, full_figures()) == [], "what it could not know is no difference"


def test_more_mediations_than_filed_are_a_difference() -> None:
    now = full_figures()
    now["activities"]["mediations"]["total"] += 3
    assert [(item.label, item.text) for item in find_differences(full_figures(), now)] == [
        ("矛盾纠纷调解", "与上报数不同：+3")
    ]


@pytest.mark.parametrize("read", [read_word, pytest.param(read_pdf_text, marks=needs_pango)])
def test_both_papers_carry_every_string(read: Callable[[ReportContent], str]) -> None:
    content = compose_report(full_figures(), {}, date="2026-11-25")
    text = "".join(read(content).split())
    for annex in content.annexes[2:4]:
        for table in annex.tables:
            for cell in (cell for row in table.rows for cell in row):
                assert "".join(cell.split()) in text, cell
    for _, said in GOLDEN:
        assert "".join(said[-1].split()) in text


def test_case_table_adds_up_both_ways() -> None:
    annex = activity_annexes(full_figures())[0]
    table = next(table for table in annex.tables if "矛盾纠纷调解" in table.caption)
    assert table.rows == (
        ("劳动报酬", "10", "1", "0", "0", "11"),
        ("社会保险", "15", "0", "3", "0", "18"),
        ("合计", "25", "1", "3", "0", "29"),
    )
    assert all(len(row) == len(table.columns) for table in annex.tables for row in table.rows)
