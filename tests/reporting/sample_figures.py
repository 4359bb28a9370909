"""A made-up district year for the tests of sentences and documents."""

from __future__ import annotations

import copy
from typing import Any

from reporting.rules.figures import ReportFigures, SubjectRow
from tests.reporting.sample_activities import sample_activities

RARE_NAMES = "喆昇镕堃赟垚〔2026〕㎡"


def subject(name: str, **changes: Any) -> SubjectRow:
    row: dict[str, Any] = {
        "kind": "ENTERPRISE",
        "name": name,
        "credit_code": "91370481MA3C1D2E3F",
        "township": "荆河街道",
        "industry": "通用设备制造业",
        "size_class": "中型",
        "ownership": "私营",
        "employee_count": 320,
        "entry": "NEW",
        "contact_name": "张喆",
        "contact_phone": "13800000000",
        "assessment_status": "已核验",
        "self_score": "93.50",
        "verified_score": "91.20",
        "qualification": "达到标准",
        "backfilled": False,
    }
    return row | changes  # type: ignore[return-value]  # plain dict in the shape of SubjectRow


_FIGURES: ReportFigures = {
    "year": 2026,
    "district_code": "370481",
    "district_name": "滕州市",
    "signatory": "滕州市协调劳动关系三方机构",
    "period_start": "2025-12-01",
    "period_end": "2026-11-30",
    "as_of": "2026-11-20",
    "targets": [
        {
            "metric": "enterprise",
            "name": "重点培育企业",
            "unit": "家",
            "clause": "枣人社字〔2023〕34号三（二）2",
            "target": 4,
            "actual": 5,
            "completion": "MET",
            "completion_label": "达标",
            "sentence": "本年度已确认的重点培育企业，每年不少于4家。",
        },
        {
            "metric": "area",
            "name": "重点培育工业园区、乡镇（街道）",
            "unit": "个",
            "clause": "枣人社字〔2023〕34号三（二）2",
            "target": 2,
            "actual": 1,
            "completion": "IN_PROGRESS",
            "completion_label": "进行中",
            "sentence": "本年度已确认的重点培育工业园区或乡镇（街道）。",
        },
    ],
    "kinds": [
        {
            "kind": "ENTERPRISE",
            "total": 5,
            "new": 3,
            "continued": 2,
            "by_size": [{"label": "大型", "count": 1}, {"label": "中型", "count": 4}],
            "by_industry": [{"label": "制造业", "count": 5}],
            "by_township": [{"label": "荆河街道", "count": 5}],
            "employee_count": 1607,
        },
        {
            "kind": "TOWNSHIP",
            "total": 1,
            "new": 1,
            "continued": 0,
            "by_size": [],
            "by_industry": [],
            "by_township": [],
            "employee_count": None,
        },
    ],
    "assessments": [
        {
            "kind": "ENTERPRISE",
            "started": 5,
            "submitted": 4,
            "verified": 3,
            "passed": 2,
            "average_self_score": "93.50",
            "average_verified_score": "91.27",
            "indicator_label": "DB37/T 4077—2020",
            "indicator_notice": "重构稿，待官方文本核定",
        }
    ],
    "participation": {"participating": 87, "expected": 120, "rate": "72.5%"},
    "subjects": [
        subject("山东喆昇机械有限公司"),
        subject("滕州市镕堃科技有限公司", employee_count=None, entry="CONTINUED"),
        subject("枣庄赟垚新材料股份有限公司", self_score=None, verified_score=None, qualification=""),
        subject("=1+1"),
        subject(
            "滕州市恒信纺织（集团）有限责任公司", backfilled=True, employee_count=1287, size_class="大型"
        ),
        subject("荆河街道", kind="TOWNSHIP", credit_code="", industry="", size_class="", employee_count=None),
    ],
    "services": {
        "to_pair": 6,
        "paired": 5,
        "pairings": 7,
        "visited": 4,
        "visits": 19,
        "on_site": 14,
        "phone": 3,
        "online": 2,
        "guidance": 15,
        "supervision": 3,
        "research": 1,
        "with_instructor": 8,
        "follow_ups": 9,
        "follow_ups_done": 6,
        "trainings": 3,
        "attended_managers": 12,
        "attended_hr": 31,
        "subjects": [
            {
                "name": "山东喆昇机械有限公司",
                "kind": "ENTERPRISE",
                "partners": ["滕州市总工会 赵立燕", "滕州市人力资源和社会保障局 钱指导"],
                "visits": 6,
                "on_site": 5,
                "first_on": "2026-02-10",
                "last_on": "2026-10-21",
                "open_follow_ups": 1,
            },
            {
                "name": "荆河街道",
                "kind": "TOWNSHIP",
                "partners": [],
                "visits": 0,
                "on_site": 0,
                "first_on": None,
                "last_on": None,
                "open_follow_ups": 0,
            },
        ],
    },
}


def sample_figures(**changes: Any) -> ReportFigures:
    """As snapshots were before they held what the ledgers hold."""
    figures = copy.deepcopy(_FIGURES)
    figures.update(changes)  # type: ignore[typeddict-item]  # callers change known keys
    return figures


def full_figures(**changes: Any) -> ReportFigures:
    """Everything a snapshot of today holds."""
    return sample_figures(**{"activities": sample_activities(), **changes})
